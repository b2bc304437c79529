"""Numbers that a network reads at each step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from microseg.description.errors import DescriptionError
from microseg.description.transforms import Transform, checked, documents

As = Literal["number", "sine", "cosine"]
"""How a value of a cycle is given: itself, or the sine or cosine of its angle."""

EVENT_ONLY = frozenset({"amount", "days_since_previous", "hour", "weekday", "day_of_month", "field"})
"""What only an event has."""

EACH_CLASS = frozenset({"share", "spending", "count", "presence"})
"""Numbers of a period of which there is one for each spending class."""

FIELD_SUMMARIES = frozenset({"last", "mean", "min", "max", "sum"})
"""Summaries of a numeric field over a period."""

PERIOD_ONLY = EACH_CLASS | FIELD_SUMMARIES | {"total_spending", "income", "transactions", "active_days"}
"""What only a period has."""

CYCLES = {"hour": 24, "weekday": 7, "day_of_month": 31, "month": 12}
"""Values of a calendar, and after how many they begin again."""

_OF_FIELD = FIELD_SUMMARIES | {"field"}


@dataclass(frozen=True)
class Number:
    """One number that the network reads, or one for each class."""

    of: str
    """What it is computed from."""
    as_: As | None = None
    """Only for values of a calendar: `number`, `sine` or `cosine`."""
    field: str | None = None
    """The field of transactions that it is computed from."""
    transforms: tuple[Transform, ...] = ()
    missing: float = 0.0
    """What stands for a value that is missing, after the transforms."""

    def __post_init__(self) -> None:
        if self.of not in EVENT_ONLY | PERIOD_ONLY | {"month"}:
            raise DescriptionError(f"numbers: {self.of} is not known")
        if (self.field is not None) != (self.of in _OF_FIELD):
            raise DescriptionError(
                f"numbers: {self.of}: a field belongs to {', '.join(sorted(_OF_FIELD))}, and to no other"
            )
        if self.as_ is not None and (self.of not in CYCLES or self.as_ not in ("number", "sine", "cosine")):
            raise DescriptionError(f"numbers: {self.of}: as_ is number, sine or cosine of {', '.join(CYCLES)}")
        if not math.isfinite(self.missing):
            raise DescriptionError(f"numbers: {self.of}: missing must be a finite number")
        checked(self.transforms)

    def document(self) -> dict[str, object]:
        """As `network.json` has it."""
        document: dict[str, object] = {"of": self.of}
        if self.field is not None:
            document["field"] = self.field
        if self.as_ is not None:
            document["as"] = self.as_
        if self.transforms:
            document["transforms"] = documents(self.transforms)
        if self.missing != 0:
            document["missing"] = self.missing
        return document

    def width(self, classes: int) -> int:
        """How many numbers it is, for a number of spending classes."""
        return classes if self.of in EACH_CLASS else 1


def amount(*, transforms: Sequence[Transform] = ()) -> Number:
    """The signed amount of an event; money out is negative."""
    return Number("amount", transforms=tuple(transforms))


def days_since_previous(*, transforms: Sequence[Transform] = (), missing: float = 0.0) -> Number:
    """Days since the event before, as a fraction; missing for the first event of the window."""
    return Number("days_since_previous", transforms=tuple(transforms), missing=missing)


def hour(*, as_: As = "number", transforms: Sequence[Transform] = ()) -> Number:
    """The hour of an event in the history's time zone, 0 to 23."""
    return Number("hour", as_=as_, transforms=tuple(transforms))


def weekday(*, as_: As = "number", transforms: Sequence[Transform] = ()) -> Number:
    """The day of the week of an event, Monday 0 to Sunday 6."""
    return Number("weekday", as_=as_, transforms=tuple(transforms))


def day_of_month(*, as_: As = "number", transforms: Sequence[Transform] = ()) -> Number:
    """The day of the month of an event, 1 to 31; its angle is counted from 0."""
    return Number("day_of_month", as_=as_, transforms=tuple(transforms))


def month(*, as_: As = "number", transforms: Sequence[Transform] = ()) -> Number:
    """The month of an event or of a period's first day, 1 to 12; its angle is counted from 0."""
    return Number("month", as_=as_, transforms=tuple(transforms))


def number_of_field(name: str, *, transforms: Sequence[Transform] = (), missing: float = 0.0) -> Number:
    """The value that an event has in a numeric field."""
    return Number("field", field=name, transforms=tuple(transforms), missing=missing)


def share(*, transforms: Sequence[Transform] = ()) -> Number:
    """Of each class, its share of the period's spending; all zero when nothing was spent."""
    return Number("share", transforms=tuple(transforms))


def spending(*, transforms: Sequence[Transform] = ()) -> Number:
    """Of each class, the period's spending: at least zero, after refunds."""
    return Number("spending", transforms=tuple(transforms))


def count(*, transforms: Sequence[Transform] = ()) -> Number:
    """Of each class, how many transactions of the period count as spending, refunds included."""
    return Number("count", transforms=tuple(transforms))


def presence(*, transforms: Sequence[Transform] = ()) -> Number:
    """Of each class, 1 when the period has a transaction of it, else 0."""
    return Number("presence", transforms=tuple(transforms))


def total_spending(*, transforms: Sequence[Transform] = ()) -> Number:
    """The spending of all classes in a period."""
    return Number("total_spending", transforms=tuple(transforms))


def income(*, transforms: Sequence[Transform] = ()) -> Number:
    """The sum of a period's bookings of income classes, as a positive number."""
    return Number("income", transforms=tuple(transforms))


def transactions(*, transforms: Sequence[Transform] = ()) -> Number:
    """How many transactions a period has: spending, income and unclassified."""
    return Number("transactions", transforms=tuple(transforms))


def active_days(*, transforms: Sequence[Transform] = ()) -> Number:
    """On how many days of a period, in the history's time zone, there was a transaction."""
    return Number("active_days", transforms=tuple(transforms))


def summary_of_field(
    summary: Literal["last", "mean", "min", "max", "sum"],
    name: str,
    *,
    transforms: Sequence[Transform] = (),
    missing: float = 0.0,
) -> Number:
    """A summary of a numeric field over a period; missing when no transaction of the period has a value."""
    return Number(summary, field=name, transforms=tuple(transforms), missing=missing)
