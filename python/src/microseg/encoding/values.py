"""Values of numbers: calendar angles, transforms, missing values, and rounding to 32 bits."""

from __future__ import annotations

import math
import struct
from datetime import date, datetime

from microseg.description.numbers import CYCLES, Number
from microseg.description.transforms import apply


def to_float32(value: float) -> float:
    """The 32-bit float next to a number."""
    return float(struct.unpack("<f", struct.pack("<f", value))[0])


def finished(number: Number, value: float | None) -> float:
    """What the network reads for a value: transformed in 64 bits and rounded once; `missing` for no value."""
    return to_float32(number.missing if value is None else apply(number.transforms, value))


def of_calendar(number: Number, at: date | datetime) -> float:
    """The hour, weekday, day of the month or month of a time, as the number wants it."""
    value, first = _shown(number.of, at)
    if number.as_ in (None, "number"):
        return float(value)
    angle = 2 * math.pi * (value - first) / CYCLES[number.of]
    return math.sin(angle) if number.as_ == "sine" else math.cos(angle)


def _shown(of: str, at: date | datetime) -> tuple[int, int]:
    """The value, and the smallest one that it can have."""
    if of == "hour" and isinstance(at, datetime):
        return at.hour, 0
    if of == "weekday":
        return at.weekday(), 0
    return (at.day, 1) if of == "day_of_month" else (at.month, 1)
