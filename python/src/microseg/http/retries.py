"""Retries: which answers are worth another attempt, and after how long."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

# 408 and 503 `not-ready` come when the service shuts down in the middle; 502 and 504 come from proxies.
_TEMPORARY = frozenset({408, 429, 502, 503, 504})


def is_temporary(status: int, kind: str = "") -> bool:
    """Whether the same request may succeed later; `kind` is the problem's type."""
    return status in _TEMPORARY or kind.endswith(":under-way")


@dataclass(frozen=True)
class Retries:
    """How often and how long a request is repeated.

    `Retry-After` of the service is followed; without it the pauses are `first_pause`, twice that, and so on.
    """

    attempts: int = 6
    """At most so many attempts without any progress; 1 never repeats."""
    first_pause: float = 0.5
    """Seconds; drawn from the half of it to all of it, so that clients do not come back together."""
    longest_pause: float = 60.0
    """Seconds; a longer `Retry-After` ends the attempts at once."""

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise ValueError("attempts: expected at least 1")
        if not 0 <= self.first_pause <= self.longest_pause:
            raise ValueError("first_pause: expected 0 to longest_pause, in seconds")

    def pause(self, failures: int, headers: Mapping[str, str]) -> float | None:
        """Seconds until the next attempt after so many failures in a row; `None`: no further one."""
        if failures >= self.attempts:
            return None
        asked = retry_after(headers.get("retry-after"))
        if asked is not None:
            return asked if asked <= self.longest_pause else None
        pause = min(self.longest_pause, self.first_pause * 2.0 ** (failures - 1))
        return pause * random.uniform(0.5, 1.0)


def retry_after(text: str | None) -> float | None:
    """Seconds that a header `Retry-After` asks for: a number or a date (RFC 9110)."""
    if text is None:
        return None
    if text.strip().isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return max(0.0, (moment - datetime.now(timezone.utc)).total_seconds())
