"""Columns of a table by their names, or by what such columns are usually called."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from microseg.tables.faults import Fault, TableError
from microseg.tables.layout import Layout

# Without capitals, blanks and signs. An exact name, the first of each, comes before all others.
_USUAL: Mapping[str, Sequence[str]] = {
    "customer_id": (
        *("customerid", "customer", "customerno", "customernumber", "custid"),
        *("clientid", "client", "clientno", "clientnumber", "userid"),
    ),
    "timestamp": (
        *("timestamp", "date", "datetime", "time", "bookingdate", "bookedat", "postingdate", "txdate"),
        *("transactiondate", "transactiontime", "transdate"),
    ),
    "amount": ("amount", "amt", "transactionamount", "bookingamount", "txamount"),
    "debit": ("debit", "debitamount", "withdrawal", "moneyout", "paidout"),
    "credit": ("credit", "creditamount", "deposit", "moneyin", "paidin"),
    "class": ("class", "spendingclass", "transactionclass"),
    "mcc": ("mcc", "mcccode", "merchantcategorycode"),
    "currency": ("currency", "ccy", "currencycode"),
    "id": (),
}
_CATEGORIES = ("category", "bankcategory", "transactioncategory", "merchantcategory")
_FLAGS = {"customer_id": "customer_column"}


@dataclass(frozen=True)
class Wanted:
    """What a model reads of a transaction."""

    classes: Set[str]
    """The classes of its taxonomy, income included."""
    income_classes: Set[str] = frozenset()
    fields: Sequence[str] = ()
    """The fields that it declares; a table has each of them or not."""
    reads_events: bool = False
    """Whether its steps are transactions, so that ids put those of the same time into an order."""
    needs_class: bool = True
    """Whether it reads the class or the MCC of a transaction."""


@dataclass
class FoundColumns:
    """The columns of a table, by what they are in a transaction."""

    names: dict[str, str] = field(default_factory=dict[str, str])
    """`customer_id`, `timestamp`, `amount` or `debit` and `credit`, `class`, `mcc`, `currency`, `id`."""
    fields: dict[str, str] = field(default_factory=dict[str, str])
    faults: list[Fault] = field(default_factory=list[Fault])

    def get(self, part: str) -> str | None:
        """The name of a column in the table."""
        return self.names.get(part)


def find_columns(names: Sequence[str], layout: Layout, wanted: Wanted) -> FoundColumns:
    """Finds the columns; what lacks or is ambiguous is in `faults`."""
    search = _Search(names)
    search.one("customer_id", layout.customer_column)
    search.one("timestamp", layout.timestamp_column)
    if layout.debit_column is not None:
        search.one("debit", layout.debit_column)
        search.one("credit", layout.credit_column)
    elif layout.amount_column is None and not search.candidates("amount") and search.has_both_sides():
        search.one("debit", None)
        search.one("credit", None)
    else:
        search.one("amount", layout.amount_column)
    search.one(
        "class", layout.class_column, required=False, also=_CATEGORIES if layout.category_map is not None else ()
    )
    search.one("mcc", layout.mcc_column, required=False)
    search.one("currency", layout.currency_column, required=False)
    if layout.id_column is not None or wanted.reads_events:
        search.one("id", layout.id_column, required=False)
    for name in sorted({*layout.field_columns, *wanted.fields}):
        search.declared(name, layout.field_columns.get(name))
    if wanted.needs_class:
        search.need_what_was_bought()
    return search.found


def customer_column(names: Sequence[str], layout: Layout) -> str:
    """The column of customers alone. Raises `TableError`."""
    search = _Search(names)
    search.one("customer_id", layout.customer_column)
    if search.found.faults:
        raise TableError(search.found.faults)
    return search.found.names["customer_id"]


class _Search:
    def __init__(self, names: Sequence[str]) -> None:
        self.found = FoundColumns()
        self._names = names

    def one(self, part: str, name: str | None, *, required: bool = True, also: Sequence[str] = ()) -> None:
        flag = _FLAGS.get(part, f"{part}_column")
        if name is not None:
            if self.named(name, flag):
                self.found.names[part] = name
            return
        candidates = self.candidates(part, also)
        if len(candidates) == 1:
            self.found.names[part] = candidates[0]
        elif candidates:
            listed = " or ".join(repr(each) for each in candidates)
            self._fault(f"more than one column may be the {part}: {flag}= {listed}")
        elif required:
            self._fault(f"no column is named as the {part} usually is: {flag}= one of {self._all()}")

    def declared(self, name: str, column: str | None) -> None:
        """A field that the model declares: the column of its own name, unless another one is named."""
        if column is None:
            if list(self._names).count(name) == 1:
                self.found.fields[name] = name
        elif self.named(column, f"field_columns {name!r}"):
            self.found.fields[name] = column

    def candidates(self, part: str, also: Sequence[str] = ()) -> list[str]:
        if list(self._names).count(part) == 1:
            return [part]
        usual = (*_USUAL[part], *also)
        return [name for name in self._names if _plain(name) in usual]

    def has_both_sides(self) -> bool:
        return bool(self.candidates("debit") and self.candidates("credit"))

    def named(self, name: str, flag: str) -> bool:
        count = list(self._names).count(name)
        if count == 1:
            return True
        if count:
            self._fault(f"{count} columns have the name that {flag} says")
            return False
        near = difflib.get_close_matches(name, self._names, 1)
        meant = f": {near[0]!r} is near it" if near else f": one of {self._all()}"
        self._fault(f"{flag}={name!r} is no column of the table{meant}")
        return False

    def need_what_was_bought(self) -> None:
        if "class" not in self.found.names and "mcc" not in self.found.names:
            text = "no column has the class or the MCC of transactions: class_column= or mcc_column= one of"
            self._fault(f"{text} {self._all()}; the bank's own categories need category_map=, too")

    def _fault(self, text: str) -> None:
        self.found.faults.append(Fault(None, text, ()))

    def _all(self) -> str:
        return ", ".join(repr(name) for name in self._names)


def _plain(name: str) -> str:
    return "".join(sign for sign in name.lower() if sign.isalnum())
