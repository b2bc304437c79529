"""Customers of a table: their rows, and those whose rows have faults."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from microseg.tables.cells import Collected, text_of
from microseg.tables.columns import FoundColumns
from microseg.tables.faults import Fault


@dataclass
class Customer:
    """The rows of one customer."""

    key: object
    """The customer as the table has it."""
    name: str
    rows: list[int]
    """Positions in the table, from 0; that of a transaction in the history is its position here."""


def group(keys: Sequence[object], columns: FoundColumns, collected: Collected) -> list[Customer]:
    """The customers in the order of their first rows; rows without one are noted."""
    groups: dict[str, Customer] = {}
    for row, key in enumerate(keys):
        name = text_of(key)
        if name is None:
            collected.add(columns.names["customer_id"], "the customer is missing", row)
        elif name in groups:
            groups[name].rows.append(row)
        else:
            groups[name] = Customer(key, name, [row])
    return list(groups.values())


def check_currencies(
    customers: Iterable[Customer], currencies: Sequence[str | None], column: str, collected: Collected
) -> None:
    """Notes the first row of each customer whose currency is another one than before."""
    text = "another currency than before in the customer's rows"
    for customer in customers:
        known: str | None = None
        for row in customer.rows:
            own = currencies[row]
            if own is not None and known is not None and own.upper() != known.upper():
                collected.add(column, text, row)
                break
            known = own or known
    if (column, text) in collected.rows:
        collected.help[column, text] = "mixed_currencies='add' adds them up as they are"


def parted(
    customers: Iterable[Customer], collected: Collected
) -> tuple[list[Customer], list[Customer], dict[str, Fault]]:
    """Those without faults, those with faults, and the first fault of each of these by name."""
    first: dict[int, Fault] = {}
    for (column, text), rows in collected.rows.items():
        for row in rows:
            first.setdefault(row, Fault(column, text, (row,)))
    good, bad, refused = list[Customer](), list[Customer](), dict[str, Fault]()
    for customer in customers:
        fault = next((first[row] for row in customer.rows if row in first), None)
        if fault is None:
            good.append(customer)
        else:
            bad.append(customer)
            refused[customer.name] = fault
    return good, bad, refused
