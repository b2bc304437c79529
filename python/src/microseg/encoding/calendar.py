"""Calendar of a history: its periods, counted in the history's time zone."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from microseg.description.sequence import PeriodKind
from microseg.encoding.moments import shown, start_of_day

_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DAYS = {"day": 1, "week": 7}
_A_MONDAY = date(1, 1, 1).toordinal()


class Calendar:
    """The periods of one kind in one time zone; a period is a number, and the next one is one more."""

    def __init__(self, kind: PeriodKind, zone: ZoneInfo) -> None:
        self._kind = kind
        self._zone = zone

    def period_of(self, moment: int) -> int:
        """The period that a moment falls into."""
        period = self._of_day(shown(moment, self._zone).date())
        # Clocks that are set back over the midnight of a period's begin show the period before once more.
        return period + 1 if self.start(period + 1) <= moment else period

    def last_before(self, moment: int) -> int:
        """The last period that has a moment before this one."""
        period = self.period_of(moment)
        return period if self.start(period) < moment else period - 1

    def start(self, period: int) -> int:
        """The first moment of a period."""
        return start_of_day(self.first_day(period), self._zone)

    def first_day(self, period: int) -> date:
        """The first day of a period."""
        if self._kind in _DAYS:
            return date.fromordinal(_A_MONDAY) + timedelta(days=period * _DAYS[self._kind])
        months = period * _MONTHS[self._kind]
        return date(months // 12, months % 12 + 1, 1)

    def _of_day(self, day: date) -> int:
        if self._kind in _DAYS:
            return (day.toordinal() - _A_MONDAY) // _DAYS[self._kind]
        return (day.year * 12 + day.month - 1) // _MONTHS[self._kind]
