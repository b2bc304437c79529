"""Open e-commerce 1.0 (Berke et al. 2024): Amazon purchases of US customers, 2018 to 2022, and a survey of them.

Two studies come of it. *Survey*: what customers said of themselves, from all of their purchases. *Collapse*: does a
customer's spending collapse in 2022, from the purchases until the end of 2021. Every purchase is spending in one of the
classes that `ecommerce_categories.csv` makes of some 1,700 categories.
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

from cohort import UNKNOWN, Customer, Study, Task
from tables import read_rows

TAXONOMY = Path(__file__).parent / "ecommerce_taxonomy.csv"
CATEGORIES = Path(__file__).parent / "ecommerce_categories.csv"
OTHER = "other"
PERIOD = "quarter"
"""A judged customer has a median of about ten purchases a quarter: a month's shares would be noise."""

SURVEY_WINDOW = 20
"""2018 to 2022."""
COLLAPSE_WINDOW = 16
"""2018 to 2021."""

LEAST_PURCHASES = 50
LEAST_DAYS = 730
COMPANY_PURCHASES = 10
"""Customers with fewer than `LEAST_PURCHASES` are not judged, but with so many their histories can teach a network."""

SURVEY_DAY = date(2023, 1, 1)
"""Purchases until here count for the survey's questions: it was answered from November 2022 on."""
COLLAPSE_DAY = date(2022, 1, 1)
COLLAPSE_BELOW = 0.5
"""Collapse: the first three quarters of 2022 bring less than this part of what the same quarters of 2021 brought.

The fourth quarter is left out, because some histories were handed in during November. Only customers who bought in
every quarter of 2021 are asked about: nobody else has anything to lose.
"""
NINE_MONTHS_BEFORE = (date(2021, 1, 1), date(2021, 10, 1))
NINE_MONTHS_AHEAD = (date(2022, 1, 1), date(2022, 10, 1))

AGED_45 = {"45 - 54 years", "55 - 64 years", "65 and older"}
HIGH_INCOME = {"$100,000 - $149,999", "$150,000 or more"}
NO_ANSWER = "Prefer not to say"

AMOUNT_NUMBERS = (
    "spending a quarter",
    "spending of the last quarter",
    "purchases a quarter",
    "mean price",
    "last year against all quarters",
    "quarters with purchases",
)


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
    rows = {tuple(row.items()): row for row in read_rows(folder / "purchases_29_regions.csv.gz")}
    for row in rows.values():
        amount = float(row["price_per_unit"]) * float(row["quantity"])
        if amount > 0:
            purchases[row["response_id"]].append(
                Purchase(date.fromisoformat(row["order_date"]), round(amount, 2), kind(row["category"]))
            )
    return {name: sorted(purchases[name], key=lambda purchase: purchase.day) for name in sorted(purchases)}


def read_survey(folder: Path) -> dict[str, dict[str, str]]:
    return {row["Survey ResponseID"]: row for row in read_rows(folder / "survey_5027_reduced.csv.gz")}


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


def long_enough(purchases: list[Purchase]) -> bool:
    return len(purchases) >= LEAST_PURCHASES and (purchases[-1].day - purchases[0].day).days >= LEAST_DAYS


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


def answers(row: dict[str, str]) -> dict[str, int]:
    """The survey's answers as yes or no."""
    events = row["Q-life-changes"]
    income = row["Q-demos-income"]
    return {
        "child": int("Had a child" in events or "Became pregnant" in events),
        "age": int(row["Q-demos-age"] in AGED_45),
        "income": UNKNOWN if income == NO_ANSWER else int(income in HIGH_INCOME),
    }


def survey_study(folder: Path) -> Study:
    """What the customers said of themselves."""
    survey = read_survey(folder)
    customers: list[Customer] = []
    company: list[Customer] = []
    for name, whole in read_purchases(folder).items():
        purchases = [purchase for purchase in whole if purchase.day < SURVEY_DAY]
        if name in survey and long_enough(purchases):
            numbers = amount_numbers(purchases, purchases[-1].quarter)
            customers.append(Customer(history(name, purchases, None), numbers, answers(survey[name])))
        elif len(purchases) >= COMPANY_PURCHASES:
            company.append(Customer(history(name, purchases, None), (), {}))

    def stratum(labels: dict[str, int]) -> str:
        return "child" if labels["child"] == 1 else f"age {labels['age']}, income {max(labels['income'], 0)}"

    return Study(
        name="ecommerce-survey",
        title="Open e-commerce, what the survey says",
        taxonomy=TAXONOMY,
        period=PERIOD,
        window=SURVEY_WINDOW,
        tasks=(
            Task("child", "was there a child or a pregnancy in 2021?"),
            Task("age", "45 or older?"),
            Task("income", "a household income of $100,000 or more?"),
        ),
        money=AMOUNT_NUMBERS,
        customers=tuple(customers),
        company=tuple(company),
        strata=tuple(stratum(customer.labels) for customer in customers),
    )


def spent(purchases: list[Purchase], start: date, end: date) -> float:
    return sum(purchase.amount for purchase in purchases if start <= purchase.day < end)


def collapse_study(folder: Path) -> Study:
    """Whose spending collapses in 2022, asked at the end of 2021."""
    customers: list[Customer] = []
    company: list[Customer] = []
    year_2021 = {quarter(date(2021, month, 1)) for month in (1, 4, 7, 10)}
    for name, whole in read_purchases(folder).items():
        purchases = [purchase for purchase in whole if purchase.day < COLLAPSE_DAY]
        if len(purchases) < COMPANY_PURCHASES:
            continue
        if long_enough(purchases) and year_2021 <= {purchase.quarter for purchase in purchases}:
            before, ahead = spent(whole, *NINE_MONTHS_BEFORE), spent(whole, *NINE_MONTHS_AHEAD)
            numbers = amount_numbers(purchases, max(year_2021))
            labels = {"collapse": int(ahead < COLLAPSE_BELOW * before)}
            customers.append(Customer(history(name, purchases, COLLAPSE_DAY), numbers, labels))
        else:
            company.append(Customer(history(name, purchases, None), (), {}))
    return Study(
        name="ecommerce-collapse",
        title="Open e-commerce, spending collapse",
        taxonomy=TAXONOMY,
        period=PERIOD,
        window=COLLAPSE_WINDOW,
        tasks=(Task("collapse", "does spending fall by more than half in 2022?"),),
        money=AMOUNT_NUMBERS,
        customers=tuple(customers),
        company=tuple(company),
        strata=tuple(str(customer.labels["collapse"]) for customer in customers),
    )
