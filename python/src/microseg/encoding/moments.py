"""Points in time: nanoseconds since 1970 in UTC, and what the clocks of a time zone show then."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

SECOND = 10**9
DAY = 86_400 * SECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_WRITTEN = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)"
    r"(?:[Tt ](?P<minute>\d\d:\d\d)(?::(?P<second>\d\d)(?:\.(?P<fraction>\d+))?)?"
    r"(?: ?(?P<utc>[Zz]|UTC)| ?(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)?)?)?"
)


def read_moment(text: str, zone: ZoneInfo) -> int:
    """The point in time that a text of a history means; without an offset it is what the clocks of the zone show.

    Raises `ValueError` for a text that is no time.
    """
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise ValueError("expected an RFC 3339 time, or a date")
    # A leap second counts as the second before it.
    second = min(int(found["second"] or 0), 59)
    shown = datetime.fromisoformat(f"{found['date']}T{found['minute'] or '00:00'}:{second:02}")
    fraction = int((found["fraction"] or "").ljust(9, "0")[:9])
    if found["utc"]:
        return _since_epoch(shown.replace(tzinfo=timezone.utc)) + fraction
    if found["sign"]:
        offset = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
        offset = -offset if found["sign"] == "-" else offset
        return _since_epoch(shown.replace(tzinfo=timezone.utc) - offset) + fraction
    return moment_of(shown, zone) + fraction


def moment_of(shown: datetime, zone: ZoneInfo) -> int:
    """When the clocks of a zone show a time.

    Of a time that comes twice it is the first; one that is skipped is as much later as the clocks skip.
    """
    return _since_epoch(shown.replace(tzinfo=zone, fold=0))


def shown(moment: int, zone: ZoneInfo) -> datetime:
    """What the clocks of a zone show, to the second."""
    return (_EPOCH + timedelta(seconds=moment // SECOND)).astimezone(zone)


def start_of_day(day: date, zone: ZoneInfo) -> int:
    """The first moment of a day."""
    return moment_of(datetime(day.year, day.month, day.day), zone)


def _since_epoch(moment: datetime) -> int:
    since = moment.astimezone(timezone.utc) - _EPOCH
    return (since.days * 86_400 + since.seconds) * SECOND
