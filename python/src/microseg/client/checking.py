"""Check of a table before anything is sent: its columns and all kinds of faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from microseg.answers import html
from microseg.tables.columns import Wanted
from microseg.tables.faults import Fault, TableError
from microseg.tables.frames import Frame
from microseg.tables.layout import Layout
from microseg.tables.reading import Read, read_table

_MANY = 0.5
_UNCLASSIFIED = 0.2
# What one round reads may show what another one needs.
_ROUNDS = 3


@dataclass(frozen=True)
class Check:
    """What a table has, and what is wrong with it."""

    columns: dict[str, str]
    """The column for each part of a transaction."""
    rows: int
    customers: int
    faults: Sequence[Fault]
    """What would be refused; none is left when the table can be read."""
    notes: Sequence[str]
    """What would be accepted, but may be meant otherwise."""
    layout: Layout
    """The layout with the changes that the cells suggest; `faults` are what is left with it."""
    changes: dict[str, Any]
    """What differs there from the layout that was checked."""
    unknown_classes: Counter[str]
    """Classes that the model lacks, or categories that `category_map` lacks, with their numbers of rows."""

    @property
    def is_good(self) -> bool:
        """Whether all rows can be sent."""
        return not self.faults

    def __str__(self) -> str:
        lines = [f"{self.rows:,} rows of {self.customers:,} customers"]
        lines += [f"{part}: column {name!r}" for part, name in self.columns.items()]
        if self.changes:
            lines.append(f"suggested, and used below as check.layout: {_written(self.changes)}")
        lines += [f"fault: {fault}" for fault in self.faults]
        lines += [f"note: {note}" for note in self.notes]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        kinds = [("fault", str(fault)) for fault in self.faults] + [("note", note) for note in self.notes]
        found = html.table(("part", "column"), self.columns.items())
        if self.changes:
            kinds.insert(0, ("suggested", _written(self.changes)))
        return f"<p>{self.rows:,} rows of {self.customers:,} customers</p>{found}{html.table(('kind', 'what'), kinds)}"


def check_table(frame: Frame, layout: Layout, wanted: Wanted) -> Check:
    """Reads all rows, and sends none."""
    changes: dict[str, Any] = {}
    try:
        read = read_table(frame, layout, wanted, keep=True)
        for _ in range(_ROUNDS):
            new = {name: value for name, value in read.changes.items() if getattr(layout, name) != value}
            changed = _changed(layout, new)
            if changed is None:
                break
            changes |= new
            layout = changed
            read = read_table(frame, layout, wanted, keep=True)
    except TableError as error:
        return Check({}, frame.rows, 0, error.faults, (), layout, {}, Counter())
    customers = len(read.customers) + len(read.left_out)
    columns = {**read.columns.names, **read.columns.fields}
    notes = _notes(read, layout)
    return Check(columns, frame.rows, customers, read.faults, notes, layout, changes, read.unknown_classes)


def _changed(layout: Layout, changes: Mapping[str, Any]) -> Layout | None:
    """The layout with changes; `None` without any, or where cells suggest two that contradict each other."""
    try:
        return replace(layout, **changes) if changes else None
    except ValueError:
        return None


def _written(changes: Mapping[str, Any]) -> str:
    return f"Layout({', '.join(f'{name}={value!r}' for name, value in changes.items())})"


def _notes(read: Read, layout: Layout) -> list[str]:
    notes: list[str] = []
    rows = read.frame.rows
    if read.positive > _MANY * rows:
        other = "out-negative" if layout.sign == "out-positive" else "out-positive"
        notes.append(f"{read.positive / rows:.0%} of the rows are money in: if money out is meant, sign={other!r}")
    if read.unclassified > _UNCLASSIFIED * rows:
        notes.append(f"{read.unclassified / rows:.0%} of the rows have neither a class nor an MCC: they are not used")
    if read.unknown_classes and (layout.category_map is not None or layout.unknown_class == "skip"):
        count = read.unknown_classes.total()
        kinds = len(read.unknown_classes)
        notes.append(f"{kinds:,} categories of {count:,} rows are no class: unknown_classes counts them")
    return notes
