"""What a bespoke model is given: shares, presence, recency, counts, amounts, and numbers of each period.

The first two functions are the rows of the first evaluation, kept as they were. The others are what a good analyst
adds. Shares come from the encoder's periods; counts, amounts and recency from the histories themselves.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import date

import numpy

from cohort import Customer

NEWEST = 3
"""Periods that count as the newest ones."""


def mean_shares(profiles: Sequence[numpy.ndarray]) -> numpy.ndarray:
    """[B, K]: the mean share of each class over the periods with spending, as a square root.

    Shares are skewed: most are near nought. The root is what a modeller would take before a linear model; trees do not
    care.
    """
    return numpy.sqrt(numpy.stack([periods.mean(axis=0) for periods in map(spending_periods, profiles)]))


def shares_in_time(profiles: Sequence[numpy.ndarray]) -> numpy.ndarray:
    """[B, 3K]: mean, last period, and the later half less the earlier one, as roots (signed for the last)."""
    rows: list[numpy.ndarray] = []
    for periods in map(spending_periods, profiles):
        half = len(periods) // 2
        earlier = periods[:half].mean(axis=0) if half else periods[0]
        trend = periods[half:].mean(axis=0) - earlier
        mean_and_last = numpy.sqrt(numpy.concatenate([periods.mean(axis=0), periods[-1]]))
        rows.append(numpy.concatenate([mean_and_last, numpy.sign(trend) * numpy.sqrt(numpy.abs(trend))]))
    return numpy.stack(rows)


def spending_periods(profile: numpy.ndarray) -> numpy.ndarray:
    """The periods in which something was spent, [T', K]; one of zeros where nothing was."""
    periods = profile[profile.sum(axis=1) > 0]
    return periods if len(periods) else numpy.zeros((1, profile.shape[1]))


def roots_and_presence(profiles: Sequence[numpy.ndarray]) -> numpy.ndarray:
    """[B, 2K]: the mean of the roots of each class's shares, and the part of the periods in which it occurs."""
    rows = []
    for periods in map(spending_periods, profiles):
        rows.append(numpy.concatenate([numpy.sqrt(periods).mean(axis=0), (periods > 0).mean(axis=0)]))
    return numpy.stack(rows)


def all_of_shares(profiles: Sequence[numpy.ndarray]) -> numpy.ndarray:
    """[B, 6K + 1]: `roots_and_presence`, the root of the mean share, of the newest ones, recency, trend; periods."""
    rows = []
    for periods in map(spending_periods, profiles):
        roots = numpy.sqrt(periods)
        half = len(periods) // 2
        trend = roots[half:].mean(axis=0) - (roots[:half].mean(axis=0) if half else roots[0])
        newest = numpy.sqrt(periods[-NEWEST:].mean(axis=0))
        columns = [numpy.sqrt(periods.mean(axis=0)), newest, recency(periods), trend, [math.log1p(len(periods))]]
        rows.append(numpy.concatenate(columns))
    return numpy.hstack([roots_and_presence(profiles), numpy.stack(rows)])


def recency(periods: numpy.ndarray) -> numpy.ndarray:
    """[K]: 1 for a class of the last period, halved for each period before, 0 for one that never occurs."""
    ages = numpy.argmax((periods > 0)[::-1], axis=0)
    return numpy.where((periods > 0).any(axis=0), 0.5**ages, 0.0)


def counts_and_amounts(customers: Sequence[Customer], classes: Sequence[str]) -> numpy.ndarray:
    """[B, 4K + 8]: of each class logarithms of count, sum, mean amount and days since; then of all transactions."""
    return numpy.stack([of_transactions(customer, classes) for customer in customers])


def of_transactions(customer: Customer, classes: Sequence[str]) -> numpy.ndarray:
    amounts: dict[str, list[float]] = defaultdict(list)
    last: dict[str, date] = {}
    days: list[date] = []
    for transaction in customer.history["transactions"]:
        day, kind = date.fromisoformat(transaction["timestamp"][:10]), transaction["class"]
        amounts[kind].append(abs(transaction["amount"]))
        last[kind] = max(day, last.get(kind, day))
        days.append(day)
    days.sort()
    end = date.fromisoformat(customer.history["as_of"]) if "as_of" in customer.history else days[-1]
    never = math.log1p((end - days[0]).days + 365) if days else math.log1p(3650)
    by_class = [
        (
            math.log1p(len(amounts[kind])),
            math.log1p(sum(amounts[kind])),
            math.log1p(sum(amounts[kind]) / len(amounts[kind])) if amounts[kind] else 0.0,
            math.log1p((end - last[kind]).days) if kind in last else never,
        )
        for kind in classes
    ]
    return numpy.concatenate([numpy.array(by_class).ravel(), overall(amounts, days, end)])


def overall(amounts: dict[str, list[float]], days: list[date], end: date) -> numpy.ndarray:
    """[8]: count, sum, mean, spread, largest, age of the history, days since the last, the last quarter's part."""
    every = numpy.array([amount for some in amounts.values() for amount in some])
    if not len(every):
        return numpy.zeros(8)
    newest = sum((end - day).days <= 91 for day in days)
    return numpy.array(
        [
            math.log1p(len(every)),
            math.log1p(every.sum()),
            math.log1p(every.mean()),
            float(numpy.log1p(every).std()),
            math.log1p(every.max()),
            math.log1p((end - days[0]).days),
            math.log1p(max((end - days[-1]).days, 0)),
            newest / len(days),
        ]
    )


def all_of_channels(customers: Sequence[Customer], window: int) -> numpy.ndarray:
    """[B, (newest + 5) N]: of each channel the newest periods, mean, least, most, spread, trend.

    A customer with fewer periods repeats the oldest.
    """
    rows = []
    for customer in customers:
        steps = customer.channels[-window:]
        newest = steps[-min(window, 6) :]
        missing = min(window, 6) - len(newest)
        newest = numpy.vstack([numpy.repeat(newest[:1], missing, axis=0), newest])
        half = len(steps) // 2
        trend = steps[half:].mean(axis=0) - steps[: max(half, 1)].mean(axis=0)
        summary = [steps.mean(axis=0), steps.min(axis=0), steps.max(axis=0), steps.std(axis=0), trend]
        rows.append(numpy.concatenate([newest.ravel(), *summary]))
    return numpy.stack(rows)
