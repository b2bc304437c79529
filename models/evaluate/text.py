"""Numbers and tables as Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from judge import Interval

NONE = "–"


def signed(value: float, digits: int = 3) -> str:
    """With a real minus sign, and without one for nought; differences need a digit more than the AUC itself."""
    text = f"{abs(value):.{digits}f}"
    return text if float(text) == 0 else f"{'−' if value < 0 else '+'}{text}"


def change(interval: Interval | None, digits: int = 3) -> str:
    """A difference, with its interval."""
    if interval is None:
        return NONE
    low, high = signed(interval.low, digits), signed(interval.high, digits)
    return f"{signed(interval.mean, digits)} [{low}, {high}]"


def level(interval: Interval | None) -> str:
    """An AUC, with its interval."""
    if interval is None:
        return NONE
    return f"{interval.mean:.3f} [{max(interval.low, 0):.2f}, {min(interval.high, 1):.2f}]"


def percent(value: float | None) -> str:
    return NONE if value is None else f"{100 * value:.0f} %"


def percent_interval(interval: Interval | None) -> str:
    if interval is None:
        return NONE
    low, high = (signed(100 * value, 1) for value in (interval.low, interval.high))
    return f"{signed(100 * interval.mean, 1)} % [{low}, {high}]"


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    header = list(header)
    lines = ["| " + " | ".join(line) + " |" for line in (header, *rows)]
    return "\n".join([lines[0], "|---" * len(header) + "|", *lines[1:]])


def listed(names: Iterable[str]) -> str:
    """`: a, b`, or nothing."""
    found = list(names)
    return f": {', '.join(found)}" if found else ""
