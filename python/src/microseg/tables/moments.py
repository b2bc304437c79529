"""Times as tables write them, as texts that the service reads."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from microseg.mcc import is_missing
from microseg.tables.layout import Layout

_RFC3339 = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::(?:[0-5][0-9]|60)(?:\.[0-9]+)?)?"
    r"(?: ?(?:[Zz]|UTC|[+-][0-9]{2}(?::?[0-9]{2})?))?)?"
)
_DATES = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%m-%d-%Y", "%Y.%m.%d", "%d %b %Y", "%d-%b-%Y")
_SHORT_DATES = ("%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d-%b-%y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y")
_TIMES = ("", " %H:%M:%S", " %H:%M", " %I:%M %p", " %I:%M:%S %p", ", %H:%M:%S", ", %H:%M", "T%H:%M:%S")
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_SAMPLE, _SAMPLE_FIRST = 1_000, 20
# Units of numbers since 1970 by their size: from 1973 (1e8 s) to 5138 (1e11 s).
_UNITS = ((1e11, 9), (1e14, 6), (1e17, 3), (1e20, 0))


class MomentFault(ValueError):
    """A cell is no time."""


def reader(layout: Layout) -> Callable[[object], str | None]:
    """Reads a cell: a text that the service reads, or `None` for a missing value. It raises `MomentFault`."""
    known: dict[object, str | None] = {}

    def read(cell: object) -> str | None:
        if isinstance(cell, str):
            if cell not in known:
                known[cell] = _of_text(cell.strip(), layout.formats)
            return known[cell]
        return _of_value(cell)

    return read


def formats_that_read(texts: Iterable[str]) -> Sequence[str]:
    """The usual formats that read most of these texts, all as many; none where that is less than half of them."""
    distinct = sorted({text.strip() for text in texts})
    sample = distinct[:: max(1, len(distinct) // _SAMPLE)]
    usual = [f"{day}{time}" for day in (*_DATES, *_SHORT_DATES) for time in _TIMES]
    first = [each for each in usual if any(_parsed(text, each) is not None for text in sample[:_SAMPLE_FIRST])]
    counts = {each: sum(_parsed(text, each) is not None for text in sample) for each in first}
    most = max(counts.values(), default=0)
    return [each for each, count in counts.items() if count == most and 2 * count > len(sample)]


def _of_text(text: str, formats: Sequence[str]) -> str | None:
    if is_missing(text):
        return None
    for each in formats:
        moment = _parsed(text, each)
        if moment is not None:
            return _of_datetime(moment)
    found = _RFC3339.fullmatch(text)
    if found is not None:
        try:
            date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError as error:
            raise MomentFault("a day that does not exist") from error
        return text
    if text.isascii() and text.isdecimal():
        return _of_number(int(text))
    if formats:
        raise MomentFault("no format of date_format fits, nor is it RFC 3339")
    raise MomentFault("expected a time or a date such as 2019-03-01T10:00:00Z")


def _parsed(text: str, wanted: str) -> datetime | None:
    try:
        return datetime.strptime(text, wanted)
    except ValueError:
        return None


def _of_value(cell: object) -> str | None:
    # NaT and NaN are not equal to themselves.
    if cell is None or cell != cell:
        return None
    if isinstance(cell, datetime):
        return _of_datetime(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, (int, float, Decimal)) and not isinstance(cell, bool):
        if not math.isfinite(cell) or cell != int(cell):
            raise MomentFault("a number with a fraction: expected a whole number since 1970")
        return _of_number(int(cell))
    raise MomentFault("expected a time or a date such as 2019-03-01T10:00:00Z")


def _of_datetime(moment: datetime) -> str:
    if moment.tzinfo is not None:
        # Offsets with seconds, as old zones have them, are no RFC 3339.
        return f"{moment.astimezone(timezone.utc).replace(tzinfo=None).isoformat()}Z"
    text = moment.isoformat()
    return text.removesuffix("T00:00:00")


def _of_number(number: int) -> str:
    if 19_000_101 <= number <= 22_001_231:
        try:
            return date(number // 10_000, number // 100 % 100, number % 100).isoformat()
        except ValueError as error:
            raise MomentFault("a day that does not exist") from error
    for limit, places in _UNITS:
        if 1e8 <= abs(number) < limit:
            seconds, rest = divmod(number * 10**places, 10**9)
            moment = (_EPOCH + timedelta(seconds=seconds)).replace(tzinfo=None)
            return f"{moment.isoformat()}{f'.{rest:09}' if rest else ''}Z"
    raise MomentFault("a number that is neither a date such as 20190301 nor a time since 1970")
