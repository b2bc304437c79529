"""Progress of many customers, on one line of standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType

Report = Callable[[int, "int | None"], None]
"""A function of how many are done, and of how many in all, if that is known."""

_PAUSE = 0.2
_WIDTH = 30


class Progress:
    """A bar, a function of the caller's, or nothing."""

    def __init__(self, wanted: bool | Report | None, total: int | None) -> None:
        """`None` is a bar where a person may see it: in a terminal or a notebook."""
        self._total = total
        self._done = 0
        self._begun = self._shown = time.monotonic()
        self._report = wanted if callable(wanted) else None
        seen = "ipykernel" in sys.modules or sys.stderr.isatty()
        self._is_bar = self._report is None and (seen if wanted is None else bool(wanted))
        self._is_wanted = wanted is True
        self._is_written = False

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        if self._is_written or (self._is_wanted and self._done):
            self._write()
            sys.stderr.write("\n")

    def advance(self) -> None:
        """One more is done."""
        self._done += 1
        if self._report is not None:
            self._report(self._done, self._total)
        elif self._is_bar and time.monotonic() - self._shown > _PAUSE:
            self._shown = time.monotonic()
            self._write()

    def _write(self) -> None:
        self._is_written = True
        rate = self._done / max(time.monotonic() - self._begun, 1e-9)
        if self._total:
            filled = _WIDTH * self._done // self._total
            bar = f"[{'#' * filled}{'.' * (_WIDTH - filled)}] {self._done:,} of {self._total:,} customers"
        else:
            bar = f"{self._done:,} customers"
        sys.stderr.write(f"\r{bar}, {rate:,.0f}/s ")
        sys.stderr.flush()
