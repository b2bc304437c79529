"""Cells of a column, read one by one into JSON; faults are collected by kind."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from microseg.mcc import is_missing
from microseg.tables.faults import Fault

_BEYOND_RANGE = 9_999


@dataclass
class Collected:
    """Faults of a table's rows while it is read."""

    rows: dict[tuple[str, str], list[int]] = field(default_factory=dict[tuple[str, str], list[int]])
    help: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    changes: dict[str, Any] = field(default_factory=dict[str, Any])
    """Of the layout, so that some of these rows can be read."""

    def add(self, column: str, text: str, row: int) -> None:
        """Notes a row; the text is the kind."""
        self.rows.setdefault((column, text), []).append(row)

    def faults(self) -> list[Fault]:
        """The kinds, most rows first."""
        found = [
            Fault(column, text, rows, self.help.get((column, text)))
            for (column, text), rows in sorted(self.rows.items(), key=lambda item: -len(item[1]))
        ]
        return found


def read_cells(
    cells: list[object], column: str, read: Callable[[object], str | None], collected: Collected
) -> list[str | None]:
    """Reads each cell; those that raise `ValueError` are noted, and are missing."""
    values: list[str | None] = []
    for row, cell in enumerate(cells):
        try:
            values.append(read(_plain(cell)))
        except ValueError as fault:
            collected.add(column, str(fault), row)
            collected.changes.update(getattr(fault, "changes", {}))
            values.append(None)
    return values


def _plain(cell: object) -> object:
    """The cell without NumPy's types, which columns of mixed values have."""
    if cell is None or isinstance(cell, (str, float, int)):
        return cell
    item = getattr(cell, "item", None)
    return cell if not callable(item) else item()


def read_mcc(cell: object) -> str | None:
    """An MCC as a JSON number; texts may have zeros before and after it."""
    if cell is None or cell != cell:
        return None
    if isinstance(cell, str):
        text = cell.strip()
        if is_missing(text):
            return None
        whole, _, fraction = text.partition(".")
        if whole.isdecimal() and whole.isascii() and not fraction.strip("0"):
            cell = int(whole)
    if isinstance(cell, (float, Decimal)) and math.isfinite(cell) and cell == int(cell):
        cell = int(cell)
    if isinstance(cell, bool) or not isinstance(cell, int) or not 0 <= cell <= _BEYOND_RANGE:
        raise ValueError("expected an MCC of up to four digits")
    return str(cell)


def read_text(cell: object) -> str | None:
    """Any text, as a JSON text; numbers that are whole are their digits."""
    text = text_of(cell)
    return None if text is None else json.dumps(text)


def text_of(cell: object) -> str | None:
    """The text of a cell; `None` for a missing value."""
    if cell is None or cell != cell:
        return None
    if isinstance(cell, (float, Decimal)) and cell == cell // 1:
        cell = int(cell)
    text = str(cell).strip()
    return None if is_missing(text) else text


def read_field(cell: object) -> str | None:
    """A field that the model declares: a number or a text."""
    if cell is None or cell != cell:
        return None
    if isinstance(cell, Decimal):
        return str(cell)
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return repr(float(cell)) if isinstance(cell, float) else str(int(cell))
    return read_text(cell)


@dataclass
class ClassReader:
    """Reads classes, or categories of the bank's own by a map."""

    categories: Mapping[str, str | None] | None
    classes: Set[str]
    """The model's classes."""
    skip_unknown: bool
    not_mapped: Counter[str] = field(default_factory=Counter[str])
    """Categories that the map lacks, with their rows."""

    def read(self, cell: object) -> str | None:
        """The class as a JSON text."""
        text = text_of(cell)
        if text is None:
            return None
        if self.categories is not None:
            if text not in self.categories:
                self.not_mapped[text] += 1
                return None
            mapped = self.categories[text]
            if mapped is None:
                return None
            text = mapped
        if not self.skip_unknown and text not in self.classes:
            raise ValueError("no class of the model")
        return json.dumps(text)
