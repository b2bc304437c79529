"""Faults of a table: all kinds at once, each with its rows and what helps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from microseg.http.errors import MicrosegError

_SHOWN = 5


@dataclass(frozen=True)
class Fault:
    """One kind of fault."""

    column: str | None
    """The column, as the caller named it; `None`: of the table or of whole customers."""
    text: str
    """What is wrong; no value of the table is repeated."""
    rows: Sequence[int]
    """Positions of rows from 0, as in `df.iloc[rows]`; none for a fault of the table."""
    help: str | None = None
    """What to write, or to change."""

    def __str__(self) -> str:
        where = "" if self.column is None else f"column {self.column!r}: "
        rows = ""
        if self.rows:
            first = ", ".join(str(row) for row in self.rows[:_SHOWN])
            more = ", ..." if len(self.rows) > _SHOWN else ""
            rows = f", {len(self.rows):,} row{'s' if len(self.rows) > 1 else ''} ({first}{more})"
        return f"{where}{self.text}{rows}" + (f"; {self.help}" if self.help else "")


def listed(faults: Sequence[Fault]) -> str:
    """A line for each kind."""
    return "".join(f"\n- {fault}" for fault in faults)


class TableError(MicrosegError, ValueError):
    """A table cannot be read; nothing was sent."""

    def __init__(self, faults: Sequence[Fault], customers: int = 0, of: int = 0) -> None:
        """`customers` of so many have rows with faults."""
        self.faults = list(faults)
        self.customers = customers
        kinds = f"{len(self.faults)} kind{'s' if len(self.faults) > 1 else ''} of faults"
        scope = f", in the rows of {customers:,} of {of:,} customers" if of else ""
        message = f"{kinds} in the table{scope}:{listed(self.faults)}"
        if any(fault.rows for fault in self.faults):
            message += "\nRows count from 0, as in df.iloc[...]. errors='keep' goes on without these customers."
        super().__init__(message)


class HistoriesRefused(MicrosegError, ValueError):
    """The service refused some customers."""

    def __init__(self, faults: Sequence[Fault], refused: int, of: int, result: object = None) -> None:
        self.faults = list(faults)
        self.result = result
        """What `errors='keep'` would have returned."""
        message = f"{refused:,} of {of:,} customers were refused:{listed(self.faults)}"
        message += "\nRows count from 0, as in df.iloc[...]. The attribute `result` has the other customers; "
        super().__init__(message + "errors='keep' returns them at once.")
