"""Outcomes of a table's customers: answers, and problems with the rows of the caller's table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from microseg.tables.customers import Customer
from microseg.tables.faults import Fault, HistoriesRefused
from microseg.tables.reading import Read

_PLACE = re.compile(r"/transactions/(\d+)(?:/([^/]+))?$")
_NUMBERS = re.compile(r"\d[\d,.]*")
Document = Mapping[str, object]


class HistoryWarning(UserWarning):
    """What the service noticed in histories that it did answer."""


@dataclass
class Outcomes:
    """What came of a table: an answer or a problem for each customer."""

    read: Read
    answers: dict[str, Document] = field(default_factory=dict[str, Document])
    problems: dict[str, Fault] = field(default_factory=dict[str, Fault])

    def __post_init__(self) -> None:
        self.problems.update(self.read.refused)

    def add(self, customer: Customer, document: Document) -> None:
        """Notes the answer for a customer; a document with a `status` is a problem."""
        if "status" in document and "model" not in document:
            self.problems[customer.name] = fault_of(document, customer, self.read)
        else:
            self.answers[customer.name] = document

    @property
    def customers(self) -> Sequence[Customer]:
        """All of them, in the order of their first rows."""
        return sorted([*self.read.customers, *self.read.left_out], key=lambda customer: customer.rows[0])

    def document(self, customer: Customer) -> Document:
        """The answer, or a document with the member `problem`."""
        fault = self.problems.get(customer.name)
        if fault is None:
            return self.answers[customer.name]
        return {"customer_id": customer.name, "problem": {"detail": _in_words(fault)}}

    def raise_if_refused(self, result: object) -> None:
        """Raises `HistoriesRefused` with all kinds of problems."""
        if not self.problems:
            return
        kinds: dict[tuple[str | None, str], list[int]] = {}
        for fault in self.problems.values():
            kinds.setdefault((fault.column, fault.text), []).extend(fault.rows)
        faults = [Fault(column, text, rows) for (column, text), rows in kinds.items()]
        faults.sort(key=lambda fault: -len(fault.rows))
        raise HistoriesRefused(faults, len(self.problems), len(self.customers), result)

    def warnings(self) -> Sequence[str]:
        """What the service noticed, each kind once with the number of its customers."""
        kinds: dict[str, tuple[int, str]] = {}
        for document in self.answers.values():
            for text in _noticed(document):
                kind = _NUMBERS.sub("N", text)
                count, first = kinds.get(kind, (0, text))
                kinds[kind] = (count + 1, first)
        total = len(self.customers)
        return [
            f"{count:,} of {total:,} customers, such as: {first}{_advice(first)}" for count, first in kinds.values()
        ]


def fault_of(problem: Document, customer: Customer, read: Read) -> Fault:
    """The fault of a problem, at its row of the caller's table."""
    faults = cast("list[Mapping[str, object]]", problem.get("errors") or [{}])
    pointer = str(faults[0].get("pointer", ""))
    text = str(faults[0].get("detail") or problem.get("detail") or problem.get("title"))
    found = _PLACE.match(pointer)
    if found is None or int(found[1]) >= len(customer.rows):
        # The first row is where the customer is found.
        place = f"{pointer.removeprefix('/')}: " if pointer not in ("", "/transactions") else ""
        return Fault(None, f"whole customers: {place}{text}", (customer.rows[0],), _advice(text) or None)
    column = None if found[2] is None else read.column_of(found[2])
    return Fault(column, text, (customer.rows[int(found[1])],))


def _in_words(fault: Fault) -> str:
    where = "" if fault.column is None else f", column {fault.column!r}"
    return f"row {fault.rows[0]}{where}: {fault.text}"


def _noticed(document: Document) -> Sequence[str]:
    quality = document.get("quality")
    if isinstance(quality, Mapping) and "warnings" in quality:
        return cast("Sequence[str]", quality["warnings"])
    of_input = document.get("input")
    if isinstance(of_input, Mapping):
        return _noticed(cast("Document", of_input))
    return ()


def _advice(text: str) -> str:
    return " (if money out has no minus in this table: Layout(sign='out-positive'))" if "are positive" in text else ""
