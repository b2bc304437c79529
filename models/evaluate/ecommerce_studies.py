"""The questions that the purchases of Open e-commerce 1.0 are asked.

*Survey*: what customers said of themselves, from all of their purchases. *Collapse*: does a customer's spending
collapse in 2022, from the purchases until the end of 2021; it is what a shop sees of churn.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from cohort import UNKNOWN, Customer, Study, Task
from ecommerce import (
    AMOUNT_NUMBERS,
    CHANNELS,
    PERIOD,
    TAXONOMY,
    Purchase,
    amount_numbers,
    history,
    quarter,
    quarterly_channels,
    read_purchases,
    read_survey,
)

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
SEXES = {"Female": 1, "Male": 0}
HOUSEHOLDS = {"1 (just me!)": 0, "2": 0, "3": 1, "4+": 1}
ATTRIBUTES = (
    Task("woman", "is the customer a woman?"),
    Task("household", "does the household have three members or more?"),
)
HALF_A_YEAR = 2
"""Quarters."""


def long_enough(purchases: list[Purchase]) -> bool:
    return len(purchases) >= LEAST_PURCHASES and (purchases[-1].day - purchases[0].day).days >= LEAST_DAYS


def answers(row: dict[str, str]) -> dict[str, int]:
    """The survey's answers as yes or no."""
    events = row["Q-life-changes"]
    income = row["Q-demos-income"]
    return {
        "child": int("Had a child" in events or "Became pregnant" in events),
        "age": int(row["Q-demos-age"] in AGED_45),
        "income": UNKNOWN if income == NO_ANSWER else int(income in HIGH_INCOME),
        "woman": SEXES.get(row["Q-demos-gender"], UNKNOWN),
        "household": HOUSEHOLDS.get(row["Q-amazon-use-hh-size"], UNKNOWN),
    }


def half_year_before(name: str, purchases: list[Purchase], last: int) -> dict[str, object] | None:
    """The history as it was two quarters before the end of the quarter `last`, if it was long enough then."""
    before = [purchase for purchase in purchases if purchase.quarter <= last - HALF_A_YEAR]
    year, number = divmod(last - HALF_A_YEAR + 1, 4)
    return history(name, before, date(year, 3 * number + 1, 1)) if before and long_enough(before) else None


def unlabelled(name: str, purchases: list[Purchase], window: int) -> Customer:
    """A customer that a network may learn from and that is not judged."""
    channels = quarterly_channels(purchases, purchases[-1].quarter, window)
    return Customer(history(name, purchases, None), (), {}, channels=channels)


def survey_study(folder: Path) -> Study:
    """What the customers said of themselves."""
    survey = read_survey(folder)
    customers: list[Customer] = []
    company: list[Customer] = []
    for name, whole in read_purchases(folder).items():
        purchases = [purchase for purchase in whole if purchase.day < SURVEY_DAY]
        if name in survey and long_enough(purchases):
            last = purchases[-1].quarter
            customers.append(
                Customer(
                    history=history(name, purchases, None),
                    money=amount_numbers(purchases, last),
                    labels=answers(survey[name]),
                    channels=quarterly_channels(purchases, last, SURVEY_WINDOW),
                    earlier=half_year_before(name, purchases, last),
                )
            )
        elif len(purchases) >= COMPANY_PURCHASES:
            company.append(unlabelled(name, purchases, SURVEY_WINDOW))

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
        channels=CHANNELS,
        attributes=ATTRIBUTES,
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
            last = max(year_2021)
            customers.append(
                Customer(
                    history=history(name, purchases, COLLAPSE_DAY),
                    money=amount_numbers(purchases, last),
                    labels={"collapse": int(ahead < COLLAPSE_BELOW * before)},
                    channels=quarterly_channels(purchases, last, COLLAPSE_WINDOW),
                    earlier=half_year_before(name, purchases, last),
                )
            )
        else:
            company.append(unlabelled(name, purchases, COLLAPSE_WINDOW))
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
        channels=CHANNELS,
    )
