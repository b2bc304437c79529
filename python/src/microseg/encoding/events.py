"""Encoding of a history whose steps are events."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from microseg.description.categories import Category
from microseg.description.numbers import Number
from microseg.description.sequence import Events
from microseg.encoding.errors import HistoryError
from microseg.encoding.history import History, Transaction
from microseg.encoding.moments import DAY, shown
from microseg.encoding.values import finished, of_calendar


def window(history: History, sequence: Events) -> list[Transaction]:
    """The events that the network reads."""
    events = list(history.transactions)
    if sequence.window_days is not None and events:
        end = events[-1].moment if history.as_of is None else history.as_of
        events = [event for event in events if end - event.moment < sequence.window_days * DAY]
    return events if sequence.window_events is None else events[-sequence.window_events :]


def numbers(events: list[Transaction], wanted: list[Number], zone: ZoneInfo) -> list[list[float]]:
    """`[T][N]`."""
    before = [None, *events][: len(events)]
    return [
        [finished(number, _number(number, event, previous, zone)) for number in wanted]
        for event, previous in zip(events, before, strict=True)
    ]


def _number(number: Number, event: Transaction, previous: Transaction | None, zone: ZoneInfo) -> float | None:
    if number.of == "amount":
        return float(event.amount)
    if number.of == "days_since_previous":
        return None if previous is None else (event.moment - previous.moment) / DAY
    if number.of == "field":
        value = event.fields[number.field or ""]
        return None if value is None else float(value)
    return of_calendar(number, shown(event.moment, zone))


def categories(events: list[Transaction], wanted: list[Category]) -> list[list[int]]:
    """`[T][C]`."""
    return [[_code(category, event) for category in wanted] for event in events]


def _code(category: Category, event: Transaction) -> int:
    value, is_missing, member = _category(category, event)
    codes = category.codes
    if is_missing:
        code, fault = codes.missing, "is missing"
    else:
        code, fault = codes.vocabulary.get(value, codes.unknown), "is not in the network's vocabulary"
    if isinstance(code, str):
        raise HistoryError(f"{event.place}/{member}: {fault}")
    return code


def _category(category: Category, event: Transaction) -> tuple[str, bool, str]:
    """The value, whether there is none, and the member of the transaction."""
    if category.of == "class":
        missing = event.resolved is None and not event.is_unclassified_by_name
        # A blank is no class's id, so it is unknown.
        return (" " if event.resolved is None else event.resolved.id), missing, "class"
    if category.of == "mcc":
        return event.mcc or "", event.mcc is None, "mcc"
    if category.of == "sign":
        return ("out" if event.amount < 0 else "in" if event.amount > 0 else "zero"), False, "amount"
    value = event.fields[category.field_name or ""]
    return str(value), value is None, category.field_name or ""
