"""Histories as `POST /v1/score` takes them, read for the reference encoder."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import cast
from zoneinfo import ZoneInfo

from microseg.description.network import Field
from microseg.encoding.errors import HistoryError
from microseg.encoding.moments import read_moment
from microseg.mcc import is_missing, mcc_text
from microseg.taxonomy import Taxonomy, TransactionClass

FieldValue = float | str | None
MAX_AMOUNT = Decimal(10**12)

# Whole numbers of JSON that the service reads as they are, and the largest up to which all of them are 64-bit floats.
SMALLEST_INTEGER, LARGEST_INTEGER = -(2**63), 2**64 - 1
LARGEST_WHOLE_FLOAT = 2**53


@dataclass(frozen=True)
class Transaction:
    """One transaction."""

    place: str
    """A JSON pointer to it in the history."""
    moment: int
    """Nanoseconds since 1970."""
    amount: Decimal
    id: str | None
    mcc: str | None
    """Four digits."""
    resolved: TransactionClass | None
    """The class, by the transaction's class or else by its MCC."""
    is_unclassified_by_name: bool
    """Whether it has a class or an MCC that no class of the taxonomy is."""
    fields: Mapping[str, FieldValue]


@dataclass(frozen=True)
class History:
    """All transactions of one customer, in the order of events."""

    zone: ZoneInfo
    as_of: int | None
    transactions: Sequence[Transaction]
    """Those before `as_of`."""


def read_history(document: Mapping[str, object], taxonomy: Taxonomy, fields: Mapping[str, Field]) -> History:
    """Reads a history, and puts its transactions in order.

    Raises `HistoryError` for what the service would refuse.
    """
    name = document.get("time_zone") or "UTC"
    try:
        zone = ZoneInfo(str(name))
    except (KeyError, ValueError, OSError) as error:
        raise HistoryError("/time_zone: expected a zone of the IANA database") from error
    as_of = _moment(document.get("as_of"), "/as_of", zone) if document.get("as_of") is not None else None
    listed = document.get("transactions")
    if not isinstance(listed, list):
        raise HistoryError("/transactions: expected a list")
    skip = document.get("unknown_class") == "skip"
    reader = _Reader(taxonomy, fields, zone, skip)
    read = [reader.read(each, f"/transactions/{place}") for place, each in enumerate(cast(list[object], listed))]
    before = [each for each in read if as_of is None or each.moment < as_of]
    return History(zone, as_of, sorted(before, key=_order))


@dataclass(frozen=True)
class _Reader:
    taxonomy: Taxonomy
    fields: Mapping[str, Field]
    zone: ZoneInfo
    skip_unknown: bool

    def read(self, document: object, place: str) -> Transaction:
        if not isinstance(document, Mapping):
            raise HistoryError(f"{place}: expected an object")
        members = cast(Mapping[str, object], document)
        mcc = _mcc(members.get("mcc"), f"{place}/mcc")
        resolved, by_name = self._class(members.get("class"), mcc, f"{place}/class")
        identifier = members.get("id")
        return Transaction(
            place,
            _moment(members.get("timestamp"), f"{place}/timestamp", self.zone),
            _amount(members.get("amount"), f"{place}/amount"),
            None if identifier is None else str(identifier),
            mcc,
            resolved,
            by_name,
            {name: _field(members.get(name), field, f"{place}/{name}") for name, field in self.fields.items()},
        )

    def _class(self, name: object, mcc: str | None, place: str) -> tuple[TransactionClass | None, bool]:
        if name is None:
            resolved = None if mcc is None else self.taxonomy.of_mcc(mcc)
            return resolved, mcc is not None and resolved is None
        if not isinstance(name, str):
            raise HistoryError(f"{place}: expected the name of a class")
        resolved = self.taxonomy.of_id(name)
        if resolved is None and not self.skip_unknown:
            raise HistoryError(f"{place}: no such class in the model's taxonomy")
        return resolved, resolved is None


def _moment(written: object, place: str, zone: ZoneInfo) -> int:
    try:
        return read_moment(written if isinstance(written, str) else "", zone)
    except ValueError as error:
        raise HistoryError(f"{place}: expected an RFC 3339 time, or a date") from error


def _amount(written: object, place: str) -> Decimal:
    if isinstance(written, bool) or not isinstance(written, (int, float)):
        raise HistoryError(f"{place}: expected an amount as a number")
    # The shortest decimal that reads back as this number is what was written.
    amount = Decimal(str(written))
    if not amount.is_finite() or abs(amount) > MAX_AMOUNT:
        raise HistoryError(f"{place}: expected an amount of at most 1e12 in size")
    return amount


def _mcc(written: object, place: str) -> str | None:
    if written is None or (isinstance(written, str) and is_missing(written)):
        return None
    code = mcc_text(written)
    if code is None:
        raise HistoryError(f"{place}: expected a code of up to four digits")
    return code


def _field(written: object, field: Field, place: str) -> FieldValue:
    if written is None:
        return None
    if field.type == "category":
        text = written if isinstance(written, str) else _digits(written)
        if text is None:
            raise HistoryError(f"{place}: expected text, or a whole number")
        return text
    if isinstance(written, bool) or not isinstance(written, (int, float)):
        raise HistoryError(f"{place}: expected a number")
    try:
        number = float(written)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise HistoryError(f"{place}: expected a finite number")
    return number


def _digits(written: object) -> str | None:
    """The digits of a whole number; `None` for what is none, or where the service is not certain of them."""
    if isinstance(written, bool) or not isinstance(written, (int, float)):
        return None
    if isinstance(written, int) and SMALLEST_INTEGER <= written <= LARGEST_INTEGER:
        return str(written)
    is_certain = abs(written) <= LARGEST_WHOLE_FLOAT and float(written).is_integer()
    return str(int(written)) if is_certain else None


def _order(event: Transaction) -> tuple[object, ...]:
    """By time; at one instant by id, class, MCC, amount and fields. What is missing comes first."""
    resolved = None if event.resolved is None else event.resolved.id
    fields = (_present(event.fields[name]) for name in sorted(event.fields))
    return (event.moment, _text(event.id), _text(resolved), _text(event.mcc), event.amount, *fields)


def _text(text: str | None) -> tuple[bool, bytes]:
    return (text is not None, (text or "").encode())


def _present(value: FieldValue) -> tuple[object, ...]:
    return (False,) if value is None else (True, value.encode() if isinstance(value, str) else value)
