"""Reading of a table: its rows become one history for each customer."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Any

from microseg.tables import amounts, moments
from microseg.tables.cells import ClassReader, Collected, read_cells, read_field, read_mcc, read_text, text_of
from microseg.tables.columns import FoundColumns, Wanted, find_columns
from microseg.tables.customers import Customer, check_currencies, group, parted
from microseg.tables.faults import Fault, TableError
from microseg.tables.frames import Frame
from microseg.tables.layout import Layout

_CLASSES_HELP = (
    "category_map={...} translates the bank's own; unknown_class='skip' counts them as unclassified; "
    "Client.classes() lists the model's; Client.check(...).unknown_classes counts these"
)


@dataclass
class Read:
    """A table as histories."""

    frame: Frame
    columns: FoundColumns
    customers: list[Customer]
    """In the order of their first rows; without those whose rows have faults."""
    refused: dict[str, Fault]
    """The first fault of each customer that is left out, by name."""
    left_out: list[Customer]
    faults: list[Fault]
    changes: dict[str, Any]
    """Of the layout, so that some of the faults go away."""
    unknown_classes: Counter[str]
    """Classes that the model lacks, or categories that the map lacks, with their rows."""
    unclassified: int
    """Rows with neither class nor MCC."""
    positive: int
    """Rows whose amount is money in, without those of income classes."""
    _members: list[Sequence[str | None]]
    _names: list[str]
    _settings: dict[str, object]

    def documents(self) -> Iterator[bytes]:
        """The histories, a JSON document each."""
        for customer in self.customers:
            yield self.document(customer)

    def document(self, customer: Customer) -> bytes:
        """The history of one customer."""
        rows = (
            "{"
            + ",".join(
                f"{name}:{member[row]}"
                for name, member in zip(self._names, self._members, strict=True)
                if member[row] is not None
            )
            + "}"
            for row in customer.rows
        )
        head = json.dumps({"customer_id": customer.name, **self._settings})
        return f'{head[:-1]},"transactions":[{",".join(rows)}]}}'.encode()

    def column_of(self, member: str) -> str | None:
        """The caller's name of a transaction's member."""
        if member == "amount":
            return self.columns.get("amount") or self.columns.get("debit")
        return self.columns.get(member) or self.columns.fields.get(member)


def read_table(frame: Frame, layout: Layout, wanted: Wanted, *, keep: bool) -> Read:
    """Reads all rows; with `keep`, customers of rows with faults are left out.

    Raises `TableError` for columns that lack, and without `keep` for any fault.
    """
    columns = find_columns(frame.names, layout, wanted)
    if columns.faults:
        raise TableError(columns.faults)
    if not frame.rows:
        raise TableError([Fault(None, "the table has no rows", ())])
    reader = _Reader(frame, columns, layout, wanted)
    read = reader.read()
    if read.faults and not keep:
        of = len(read.customers) + len(read.left_out)
        raise TableError(read.faults, len(read.left_out), of)
    return read


class _Reader:
    def __init__(self, frame: Frame, columns: FoundColumns, layout: Layout, wanted: Wanted) -> None:
        self._frame = frame
        self._columns = columns
        self._layout = layout
        self._collected = Collected()
        self._class_reader = ClassReader(layout.category_map, wanted.classes, layout.unknown_class == "skip")
        self._wanted = wanted

    def read(self) -> Read:
        names, members = ['"timestamp"', '"amount"'], [self._times(), self._amounts()]
        optional: list[tuple[str, str | None, Callable[[object], str | None]]] = [
            ("class", self._columns.get("class"), self._class_reader.read),
            ("mcc", self._columns.get("mcc"), read_mcc),
            ("currency", self._columns.get("currency"), read_text),
            ("id", self._columns.get("id"), read_text),
            *((name, column, read_field) for name, column in self._columns.fields.items()),
        ]
        for name, column, read in optional:
            if column is not None:
                names.append(json.dumps(name))
                members.append(read_cells(self._frame.column(column), column, read, self._collected))
        unknown = self._unknown_classes()
        income, amounts_read = self._income_rows(names, members), enumerate(members[1])
        found = group(self._frame.column(self._columns.names["customer_id"]), self._columns, self._collected)
        currencies = dict(zip(names, members, strict=True)).get('"currency"')
        if currencies is not None and self._layout.mixed_currencies == "error":
            check_currencies(found, currencies, self._columns.names["currency"], self._collected)
        customers, left_out, refused = parted(found, self._collected)
        classified = [member for name, member in zip(names, members, strict=True) if name in ('"class"', '"mcc"')]
        return Read(
            self._frame,
            self._columns,
            customers,
            refused,
            left_out,
            self._collected.faults(),
            self._collected.changes,
            unknown,
            sum(all(member[row] is None for member in classified) for row in range(self._frame.rows)),
            sum(
                amount is not None and not amount.startswith("-") and row not in income for row, amount in amounts_read
            ),
            list(members),
            names,
            self._settings(),
        )

    def _income_rows(self, names: Sequence[str], members: Sequence[list[str | None]]) -> set[int]:
        if '"class"' not in names:
            return set()
        income = {json.dumps(name) for name in self._wanted.income_classes}
        return {row for row, name in enumerate(members[names.index('"class"')]) if name in income}

    def _times(self) -> list[str | None]:
        column = self._columns.names["timestamp"]
        cells = self._frame.column(column)
        found = read_cells(cells, column, moments.reader(self._layout), self._collected)
        self._suggest_formats(column, cells)
        self._need(column, found, cells)
        return [None if text is None else f'"{text}"' for text in found]

    def _suggest_formats(self, column: str, cells: list[object]) -> None:
        for (of, text), rows in self._collected.rows.items():
            texts = [cell for cell in (cells[row] for row in rows) if isinstance(cell, str)]
            if of != column or not texts or text == "a day that does not exist":
                continue
            formats = moments.formats_that_read(texts)
            if len(formats) == 1:
                self._collected.changes["date_format"] = [*self._layout.formats, *formats]
            if formats:
                named = " or ".join(repr(each) for each in formats[:3])
                more = " to the list in" if self._layout.formats else ""
                add = f"add{more} date_format" if more else "date_format"
                self._collected.help[of, text] = f"{add}: {named} reads most of them"
            else:
                self._collected.help[of, text] = "date_format=[...] may list several formats"

    def _amounts(self) -> list[str | None]:
        read = amounts.reader(self._layout)
        one = self._columns.get("amount")
        if one is not None:
            cells = self._frame.column(one)
            found = read_cells(cells, one, read, self._collected)
            self._need(one, found, cells)
            turned = self._layout.sign == "out-positive"
            return [amounts.negated(each) if turned and each is not None else each for each in found]
        debit, credit = self._columns.names["debit"], self._columns.names["credit"]
        out_cells, in_cells = self._frame.column(debit), self._frame.column(credit)
        out = read_cells(out_cells, debit, read, self._collected)
        into = read_cells(in_cells, credit, read, self._collected)
        bad = self._bad_rows(debit) | self._bad_rows(credit)
        return [self._of_both(each, other, row, bad) for row, (each, other) in enumerate(zip(out, into, strict=True))]

    def _of_both(self, out: str | None, into: str | None, row: int, bad: Set[int]) -> str | None:
        """The signed amount of a row with a column for each direction; a zero stands for nothing there."""
        is_out = out is not None and not amounts.is_zero(out)
        is_in = into is not None and not amounts.is_zero(into)
        if is_out and is_in:
            self._collected.add(self._columns.names["debit"], "an amount here and in the credit column, too", row)
            return None
        if out is not None and is_out:
            return amounts.negated(amounts.magnitude(out))
        if into is not None:
            return amounts.magnitude(into)
        if out is None and row not in bad:
            self._collected.add(self._columns.names["debit"], "no amount here, nor in the credit column", row)
        return out

    def _need(self, column: str, found: list[str | None], cells: list[object]) -> None:
        bad = self._bad_rows(column)
        for row, value in enumerate(found):
            if value is None and row not in bad:
                self._collected.add(column, "the value is missing", row)
        if (column, "the value is missing") in self._collected.rows:
            self._collected.help[column, "the value is missing"] = f"df.dropna(subset=[{column!r}]) removes such rows"

    def _bad_rows(self, column: str) -> set[int]:
        return {row for (of, _), rows in self._collected.rows.items() if of == column for row in rows}

    def _unknown_classes(self) -> Counter[str]:
        column = self._columns.get("class")
        if column is None:
            return self._class_reader.not_mapped
        key = (column, "no class of the model")
        if key in self._collected.rows:
            self._collected.help[key] = _CLASSES_HELP
        if self._layout.category_map is not None:
            return self._class_reader.not_mapped
        texts = (text_of(cell) for cell in self._frame.column(column))
        return Counter(text for text in texts if text is not None and text not in self._wanted.classes)

    def _settings(self) -> dict[str, object]:
        layout = self._layout
        settings: dict[str, object] = {}
        if layout.as_of is not None:
            settings["as_of"] = layout.as_of
        if layout.time_zone is not None:
            settings["time_zone"] = layout.time_zone
        if layout.unknown_class != "error":
            settings["unknown_class"] = layout.unknown_class
        if layout.mixed_currencies != "error":
            settings["mixed_currencies"] = layout.mixed_currencies
        return settings
