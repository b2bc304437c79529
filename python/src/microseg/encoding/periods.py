"""Encoding of a history whose steps are calendar periods."""

from __future__ import annotations

import math
from collections import defaultdict
from decimal import Decimal
from zoneinfo import ZoneInfo

from microseg.description.numbers import EACH_CLASS, FIELD_SUMMARIES, Number
from microseg.description.sequence import Periods
from microseg.encoding.calendar import Calendar
from microseg.encoding.history import History, Transaction
from microseg.encoding.moments import shown
from microseg.encoding.values import finished, of_calendar
from microseg.taxonomy import Taxonomy


def numbers(history: History, sequence: Periods, wanted: list[Number], taxonomy: Taxonomy) -> list[list[float]]:
    """`[T][N]`: the last periods of the window, without those before the customer's first transaction."""
    calendar = Calendar(sequence.kind, history.zone)
    of_period: defaultdict[int, list[Transaction]] = defaultdict(list)
    for transaction in history.transactions:
        of_period[calendar.period_of(transaction.moment)].append(transaction)
    if not of_period:
        return []
    last = max(of_period) if history.as_of is None else calendar.last_before(history.as_of)
    first = max(min(of_period), last - sequence.window + 1)
    return [
        _step(_Period(of_period.get(period, []), taxonomy, history.zone), wanted, calendar, period)
        for period in range(first, last + 1)
    ]


def _step(totals: _Period, wanted: list[Number], calendar: Calendar, period: int) -> list[float]:
    row: list[float] = []
    for number in wanted:
        if number.of in EACH_CLASS:
            row += [finished(number, value) for value in totals.of_each_class(number.of)]
        elif number.of == "month":
            row.append(finished(number, of_calendar(number, calendar.first_day(period))))
        elif number.of in FIELD_SUMMARIES:
            row.append(finished(number, totals.summary(number.of, number.field or "")))
        else:
            row.append(finished(number, totals.one(number.of)))
    return row


class _Period:
    """What is added up in one period."""

    def __init__(self, transactions: list[Transaction], taxonomy: Taxonomy, zone: ZoneInfo) -> None:
        self._transactions = transactions
        self._zone = zone
        self._sums = {each.id: Decimal(0) for each in taxonomy.spending()}
        self._counts = dict.fromkeys(self._sums, 0)
        self._income = Decimal(0)
        for each in transactions:
            if each.resolved is None:
                continue
            if each.resolved.is_income:
                self._income += each.amount
            else:
                self._sums[each.resolved.id] += each.amount
                self._counts[each.resolved.id] += 1

    def _spending(self) -> list[float]:
        """Of each class; refunds are subtracted, never below zero."""
        return [float(max(-total, Decimal(0))) for total in self._sums.values()]

    def of_each_class(self, of: str) -> list[float]:
        spending = self._spending()
        if of == "spending":
            return spending
        if of == "share":
            total = sum(spending)
            return [part / total if total > 0 else 0.0 for part in spending]
        counts = [float(number) for number in self._counts.values()]
        return counts if of == "count" else [float(number > 0) for number in counts]

    def one(self, of: str) -> float:
        if of == "total_spending":
            return float(sum((max(-total, Decimal(0)) for total in self._sums.values()), Decimal(0)))
        if of == "income":
            return float(max(self._income, Decimal(0)))
        if of == "transactions":
            return float(len(self._transactions))
        return float(len({shown(each.moment, self._zone).date() for each in self._transactions}))

    def summary(self, of: str, field: str) -> float | None:
        values = [float(value) for each in self._transactions if (value := each.fields[field]) is not None]
        if not values:
            return None
        if of == "last":
            return values[-1]
        if of in ("min", "max"):
            return min(values) if of == "min" else max(values)
        total = math.fsum(values)
        return total if of == "sum" else total / len(values)
