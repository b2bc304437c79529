"""Open e-commerce 1.0 (Berke et al. 2024): Amazon purchases of US customers, 2018 to 2022, and a survey of them.

Every purchase is spending in one of the classes that `ecommerce_categories.csv` makes of some 1,700 categories.
"""

from __future__ import annotations

import csv
import fnmatch
import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy

from tables import read_rows

TAXONOMY = Path(__file__).parent / "ecommerce_taxonomy.csv"
CATEGORIES = Path(__file__).parent / "ecommerce_categories.csv"
OTHER = "other"
PERIOD = "quarter"
"""A judged customer has a median of about ten purchases a quarter: a month's shares would be noise."""

FILES = ("purchases_29_regions.csv.gz", "survey_5027_reduced.csv.gz")

AMOUNT_NUMBERS = (
    "spending a quarter",
    "spending of the last quarter",
    "purchases a quarter",
    "mean price",
    "last year against all quarters",
    "quarters with purchases",
)


CHANNELS = ("spending", "purchases", "mean price", "classes")
"""Of each quarter, for the network that reads numbers."""


@dataclass(frozen=True)
class Purchase:
    day: date
    amount: float
    kind: str

    @property
    def quarter(self) -> int:
        return quarter(self.day)


def quarter(day: date) -> int:
    """Quarters count on without a break."""
    return day.year * 4 + (day.month - 1) // 3


@cache
def rules() -> tuple[tuple[str, tuple[str, ...]], ...]:
    with CATEGORIES.open(encoding="utf-8", newline="") as file:
        return tuple((row["class"], tuple(row["categories"].split())) for row in csv.DictReader(file))


@cache
def kind(category: str) -> str:
    """The class of a category: the one that lists its very name, else the first with a pattern that fits."""
    for name, patterns in rules():
        if category in patterns:
            return name
    for name, patterns in rules():
        if any(fnmatch.fnmatchcase(category, pattern) for pattern in patterns):
            return name
    return OTHER


def read_purchases(folder: Path) -> dict[str, list[Purchase]]:
    """Each customer's purchases in time order; rows that repeat another exactly are dropped."""
    purchases: dict[str, list[Purchase]] = defaultdict(list)
    rows = {tuple(row.items()): row for row in read_rows(folder / FILES[0])}
    for row in rows.values():
        amount = float(row["price_per_unit"]) * float(row["quantity"])
        if amount > 0:
            purchases[row["response_id"]].append(
                Purchase(date.fromisoformat(row["order_date"]), round(amount, 2), kind(row["category"]))
            )
    return {name: sorted(purchases[name], key=lambda purchase: purchase.day) for name in sorted(purchases)}


def read_survey(folder: Path) -> dict[str, dict[str, str]]:
    return {row["Survey ResponseID"]: row for row in read_rows(folder / FILES[1])}


def history(name: str, purchases: list[Purchase], as_of: date | None) -> dict[str, object]:
    """The customer as the service takes it. Without `as_of` the window ends with the newest purchase."""
    document: dict[str, object] = {"customer_id": f"ecommerce-{name}"}
    if as_of is not None:
        document["as_of"] = as_of.isoformat()
    document["transactions"] = [
        {"timestamp": purchase.day.isoformat(), "amount": -purchase.amount, "class": purchase.kind}
        for purchase in purchases
    ]
    return document


def amount_numbers(purchases: list[Purchase], last: int) -> tuple[float, ...]:
    """`AMOUNT_NUMBERS`, over the quarters from the first purchase to `last`."""
    quarters = list(range(purchases[0].quarter, last + 1))
    spent = dict.fromkeys(quarters, 0.0)
    for purchase in purchases:
        spent[purchase.quarter] += purchase.amount
    mean = sum(spent.values()) / len(quarters)
    year = [spent[index] for index in quarters[-4:]]
    return (
        math.log1p(mean),
        math.log1p(spent[last]),
        math.log1p(len(purchases) / len(quarters)),
        math.log1p(sum(purchase.amount for purchase in purchases) / len(purchases)),
        math.log1p(sum(year) / len(year)) - math.log1p(mean),
        sum(value > 0 for value in spent.values()) / len(quarters),
    )


def quarterly_channels(purchases: list[Purchase], last: int, window: int) -> numpy.ndarray:
    """`CHANNELS` of the quarters of the window that ends with `last`, [T, 4], from the first purchase on."""
    by_quarter: dict[int, list[Purchase]] = defaultdict(list)
    for purchase in purchases:
        by_quarter[purchase.quarter].append(purchase)
    rows = []
    for index in range(max(last - window + 1, purchases[0].quarter), last + 1):
        bought = by_quarter[index]
        total = sum(purchase.amount for purchase in bought)
        classes = len({purchase.kind for purchase in bought})
        rows.append(
            (math.log1p(total), math.log1p(len(bought)), math.log1p(total / max(len(bought), 1)), math.log1p(classes))
        )
    return numpy.array(rows)
