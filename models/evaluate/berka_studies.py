"""The two questions that the Berka data are asked.

*Default*: does a loan end or run badly (status B or D), asked on the day it is granted? All 682 loans; the out-of-time
test learns from those of 1993 to 1996 and judges by those of 1997 and 1998. *Liquidity*: will the account be short of
money in the next quarter? See `SHORT_BELOW`.
"""

from __future__ import annotations

import math
from datetime import date, timedelta
from pathlib import Path

from berka import Account, Owner, history, read_accounts, read_loans, read_owners
from berka_numbers import (
    BALANCE_NUMBERS,
    CHANNELS,
    LOAN_NUMBERS,
    balance_numbers,
    loan_numbers,
    month_start,
    monthly_channels,
)
from cohort import UNKNOWN, Customer, Study, Task

TAXONOMY = Path(__file__).parent / "berka_taxonomy.csv"
PERIOD = "month"
WINDOW = 12
"""A year of months: fees, wages and standing orders come monthly, and few accounts are older when their loan begins."""

SLICE_END = date(1994, 4, 1)
"""The early table ends on 1994-04-20: its last whole month ends here."""

LIQUIDITY_DAY = date(1994, 1, 1)
"""The liquidity index looks from here at the quarter ahead, and a history ends here."""

MONTHS_AHEAD = (date(1994, 2, 1), date(1994, 3, 1), date(1994, 4, 1))
"""The ends, exclusive, of the outcome quarter's months."""

SHORT_BELOW = 1.0
"""Liquidity index = the mean of the quarter's month-end balances / a month's mean outflow in the quarter.

Below 1 the balance does not cover one month of outflow: that is the outcome to predict. It uses nothing from before
`LIQUIDITY_DAY` but the balance that the quarter starts with.
"""

LEAST_DAYS = 90
"""Accounts that are younger than this have no history to speak of."""

LATE_YEAR = 1997
"""The out-of-time test judges by loans from this year on."""
OLD = 45.0
"""Years, for the attribute `age`: 45 or older, as in the survey of the purchases."""
ATTRIBUTES = (Task("woman", "is the account's owner a woman?"), Task("old", "is the owner 45 or older?"))


def attributes(owner: Owner | None, day: date) -> dict[str, int]:
    """What the bank must not judge by."""
    if owner is None:
        return {"woman": UNKNOWN, "old": UNKNOWN}
    return {"woman": int(owner.woman), "old": int(owner.age(day) >= OLD)}


def half_year_before(name: str, account: Account, as_of: date) -> dict[str, object] | None:
    """The history as it was six months before `as_of`, if the account was old enough."""
    day = month_start(as_of, 6).replace(day=min(as_of.day, 28))
    return history(name, account, day) if old_enough(account, day) else None


def default_study(folder: Path) -> Study:
    """Loans whose history ends on the day they are granted."""
    before_loans, early = read_accounts(folder)
    owners = read_owners(folder)
    loans = {loan.account: loan for loan in read_loans(folder)}
    customers = tuple(
        Customer(
            history=history(name, account, loan.granted),
            money=balance_numbers(account, loan.granted) + loan_numbers(account, loan),
            labels={"default": int(loan.bad), **attributes(owners.get(name), loan.granted)},
            channels=monthly_channels(account, loan.granted, WINDOW),
            earlier=half_year_before(name, account, loan.granted),
            late=loan.granted.year >= LATE_YEAR,
        )
        for name, account in before_loans.items()
        for loan in [loans[name]]
    )
    return Study(
        name="berka-default",
        title="Berka, loan default",
        taxonomy=TAXONOMY,
        period=PERIOD,
        window=WINDOW,
        tasks=(Task("default", "does the loan end or run badly?"),),
        money=BALANCE_NUMBERS + LOAN_NUMBERS,
        customers=customers,
        company=company({name: (account, SLICE_END) for name, account in early.items() if name not in before_loans}),
        strata=tuple(f"{customer.labels['default']} {customer.late}" for customer in customers),
        channels=CHANNELS,
        attributes=ATTRIBUTES,
    )


def company(accounts: dict[str, tuple[Account, date]]) -> tuple[Customer, ...]:
    """Accounts without labels, each as of its day, if it is old enough."""
    return tuple(
        Customer(history(name, account, day), (), {}, channels=monthly_channels(account, day, WINDOW))
        for name, (account, day) in accounts.items()
        if old_enough(account, day)
    )


def old_enough(account: Account, as_of: date) -> bool:
    """Whether there is a history of `LEAST_DAYS`, with something booked in the window."""
    window_start = date(as_of.year - 1, as_of.month, 1)
    return account.opened <= as_of - timedelta(days=LEAST_DAYS) and bool(account.before(as_of, window_start))


def liquidity_index(account: Account) -> float:
    """Months of outflow that the balance covers in the quarter after `LIQUIDITY_DAY`."""
    balance = sum(account.balance(end) for end in MONTHS_AHEAD) / len(MONTHS_AHEAD)
    quarter = account.before(MONTHS_AHEAD[-1], LIQUIDITY_DAY)
    outflow = sum(booking.amount for booking in quarter if not booking.incoming) / len(MONTHS_AHEAD)
    return balance / outflow if outflow > 0 else math.inf


def liquidity_study(folder: Path) -> Study:
    """All accounts of the early table, asked on one day.

    An account that is judged is in the company of none: its history before a later loan has the quarter asked about.
    """
    before_loans, early = read_accounts(folder)
    owners = read_owners(folder)
    granted = {loan.account: loan.granted for loan in read_loans(folder)}
    customers = tuple(
        Customer(
            history=history(name, account, LIQUIDITY_DAY),
            money=balance_numbers(account, LIQUIDITY_DAY),
            labels={
                "liquidity": int(liquidity_index(account) < SHORT_BELOW),
                **attributes(owners.get(name), LIQUIDITY_DAY),
            },
            channels=monthly_channels(account, LIQUIDITY_DAY, WINDOW),
            earlier=half_year_before(name, account, LIQUIDITY_DAY),
        )
        for name, account in early.items()
        if old_enough(account, LIQUIDITY_DAY)
    )
    return Study(
        name="berka-liquidity",
        title="Berka, liquidity index",
        taxonomy=TAXONOMY,
        period=PERIOD,
        window=WINDOW,
        tasks=(Task("liquidity", "is the liquidity index of the next quarter below 1?"),),
        money=BALANCE_NUMBERS,
        customers=customers,
        company=company(
            {name: (account, granted[name]) for name, account in before_loans.items() if name not in early}
        ),
        strata=tuple(str(customer.labels["liquidity"]) for customer in customers),
        channels=CHANNELS,
        attributes=ATTRIBUTES,
    )
