"""Transforms of a number before the network reads it: computed in 64 bits, in order, and rounded to 32 bits once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from microseg.description.errors import DescriptionError

NamedTransform = Literal["log1p", "signed_log1p", "sqrt"]
"""`log1p` is ln(1 + max(x, 0)), `signed_log1p` is sign(x)·ln(1 + |x|), `sqrt` is √max(x, 0)."""

NAMED: tuple[NamedTransform, ...] = ("log1p", "signed_log1p", "sqrt")


def _finite(name: str, value: float) -> None:
    if not math.isfinite(value):
        raise DescriptionError(f"{name}: expected a finite number")


@dataclass(frozen=True)
class Clip:
    """Limits a number to `min` and `max`; either may be `None`, not both."""

    min: float | None = None
    max: float | None = None

    def __post_init__(self) -> None:
        if self.min is None and self.max is None:
            raise DescriptionError("clip: expected min, max or both")
        for limit in (self.min, self.max):
            if limit is not None:
                _finite("clip", limit)
        if self.min is not None and self.max is not None and self.min > self.max:
            raise DescriptionError("clip: min is above max")

    def apply(self, value: float) -> float:
        """The number between the limits."""
        if self.min is not None:
            value = max(value, self.min)
        if self.max is not None:
            value = min(value, self.max)
        return value

    def document(self) -> dict[str, object]:
        """As `network.json` has it."""
        limits = {"min": self.min, "max": self.max}
        return {"clip": {name: limit for name, limit in limits.items() if limit is not None}}


@dataclass(frozen=True)
class Divide:
    """Divides by a number other than zero."""

    divisor: float

    def __post_init__(self) -> None:
        _finite("divide", self.divisor)
        if self.divisor == 0:
            raise DescriptionError("divide: expected a number other than 0")

    def apply(self, value: float) -> float:
        """The quotient."""
        return value / self.divisor

    def document(self) -> dict[str, object]:
        """As `network.json` has it."""
        return {"divide": self.divisor}


@dataclass(frozen=True)
class Standardise:
    """Subtracts the mean and divides by the standard deviation, which is above zero."""

    mean: float
    deviation: float

    def __post_init__(self) -> None:
        _finite("standardise: mean", self.mean)
        _finite("standardise: deviation", self.deviation)
        if self.deviation <= 0:
            raise DescriptionError("standardise: expected a deviation above 0")

    def apply(self, value: float) -> float:
        """How many deviations the number is above the mean."""
        return (value - self.mean) / self.deviation

    def document(self) -> dict[str, object]:
        """As `network.json` has it."""
        return {"standardise": {"mean": self.mean, "deviation": self.deviation}}


Transform = Clip | Divide | Standardise | NamedTransform
"""One step from a value to what the network reads."""


def clip(*, min: float | None = None, max: float | None = None) -> Clip:  # noqa: A002
    """Limits a number to `min` and `max`; either may be left out."""
    return Clip(min, max)


def divide(divisor: float) -> Divide:
    """Divides by a number other than zero."""
    return Divide(divisor)


def standardise(*, mean: float, deviation: float) -> Standardise:
    """(x - mean) / deviation; the deviation is above zero."""
    return Standardise(mean, deviation)


def checked(transforms: Sequence[Transform]) -> tuple[Transform, ...]:
    """The same transforms.

    Raises `DescriptionError` for a name that is none.
    """
    for transform in transforms:
        if not isinstance(transform, (Clip, Divide, Standardise)) and transform not in NAMED:
            raise DescriptionError(f"transforms: expected clip, divide, standardise or one of {', '.join(NAMED)}")
    return tuple(transforms)


def apply(transforms: Sequence[Transform], value: float) -> float:
    """The number after all transforms, in 64 bits."""
    for transform in transforms:
        value = _apply_one(transform, value)
    return value


def _apply_one(transform: Transform, value: float) -> float:
    if transform == "log1p":
        return math.log1p(max(value, 0.0))
    if transform == "signed_log1p":
        return math.copysign(math.log1p(abs(value)), value)
    if transform == "sqrt":
        return math.sqrt(max(value, 0.0))
    return transform.apply(value)


def documents(transforms: Sequence[Transform]) -> list[object]:
    """The transforms as `network.json` has them."""
    return [transform if isinstance(transform, str) else transform.document() for transform in transforms]
