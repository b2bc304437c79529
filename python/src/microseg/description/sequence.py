"""Sequences that a network reads: calendar periods or events, and how many of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from microseg.description.errors import DescriptionError

PeriodKind = Literal["day", "week", "month", "quarter", "year"]
KINDS: tuple[PeriodKind, ...] = ("day", "week", "month", "quarter", "year")
MAX_PERIODS = 1_200
MAX_EVENTS = 100_000
MAX_DAYS = 36_500


def _in_range(name: str, value: int, most: int) -> None:
    if isinstance(value, bool) or not 1 <= value <= most:
        raise DescriptionError(f"sequence: {name}: expected a whole number from 1 to {most:,}")


@dataclass(frozen=True)
class Periods:
    """Calendar periods of the history's time zone; a week is that of ISO 8601, from Monday."""

    kind: PeriodKind
    window: int
    """How many of the last periods are read, 1 to 1,200."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise DescriptionError(f"sequence: expected one of {', '.join(KINDS)}")
        _in_range("window", self.window, MAX_PERIODS)

    def document(self) -> dict[str, object]:
        """As `network.json` has it."""
        return {"step": self.kind, "window": self.window}


@dataclass(frozen=True)
class Events:
    """Single transactions in the order of their times."""

    window_events: int | None = None
    """How many of the last events are read, 1 to 100,000."""
    window_days: int | None = None
    """Of how many days, of 24 hours each, before the end, 1 to 36,500."""

    def __post_init__(self) -> None:
        if self.window_events is None and self.window_days is None:
            raise DescriptionError("sequence: a window of events has window_events, window_days or both")
        if self.window_events is not None:
            _in_range("window_events", self.window_events, MAX_EVENTS)
        if self.window_days is not None:
            _in_range("window_days", self.window_days, MAX_DAYS)

    def document(self) -> dict[str, object]:
        """As `network.json` has it."""
        window = {"events": self.window_events, "days": self.window_days}
        return {"step": "event", "window": {name: value for name, value in window.items() if value is not None}}


Sequence = Periods | Events


def periods(kind: PeriodKind, *, window: int) -> Periods:
    """The last `window` calendar periods."""
    return Periods(kind, window)


def events(*, window_events: int | None = None, window_days: int | None = None) -> Events:
    """The last events, of the last days, or both."""
    return Events(window_events, window_days)
