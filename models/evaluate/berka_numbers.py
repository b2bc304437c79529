"""Berka in numbers: what the bank knows of an account and of an application, beside the classes of the bookings."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy

from berka import Account, Loan

BALANCE_NUMBERS = (
    "last balance",
    "mean balance of 90 days",
    "lowest balance of a year",
    "money in a month",
    "money out a month",
    "months of outflow that the last balance covers",
)
LOAN_NUMBERS = (
    "loan",
    "months of the loan",
    "instalment",
    "instalment / money in a month",
    "last balance / instalment",
)
CHANNELS = ("balance", "lowest balance", "money in", "money out", "bookings", "penalty interest")
"""Of each month, for the network that reads numbers."""


def thousands(amount: float) -> float:
    """CZK, linear around nought and logarithmic far from it: amounts are skewed, and balances may be negative."""
    return math.asinh(amount / 1000)


def balance_numbers(account: Account, as_of: date) -> tuple[float, ...]:
    """`BALANCE_NUMBERS`, from what the bank knows on the evening before `as_of`."""
    days = (as_of - timedelta(days=back) for back in range(365))
    balances = [account.balance(day) for day in days if day > account.opened]
    year = account.before(as_of, as_of - timedelta(days=365))
    months = len(balances) / (365 / 12)
    money_in = sum(booking.amount for booking in year if booking.incoming) / months
    money_out = sum(booking.amount for booking in year if not booking.incoming) / months
    return (
        thousands(balances[0]),
        thousands(sum(balances[:90]) / len(balances[:90])),
        thousands(min(balances)),
        thousands(money_in),
        thousands(money_out),
        math.asinh(balances[0] / max(money_out, 1.0)),
    )


def loan_numbers(account: Account, loan: Loan) -> tuple[float, ...]:
    """`LOAN_NUMBERS`, from the application."""
    year = account.before(loan.granted, loan.granted - timedelta(days=365))
    months = min(365, (loan.granted - account.opened).days) / (365 / 12)
    money_in = sum(booking.amount for booking in year if booking.incoming) / months
    return (
        thousands(loan.amount),
        loan.months / 12,
        thousands(loan.instalment),
        math.asinh(loan.instalment / max(money_in, 1.0)),
        math.asinh(account.balance(loan.granted) / loan.instalment),
    )


def month_start(day: date, back: int) -> date:
    """The first day of the month that is `back` months before that of `day`."""
    months = day.year * 12 + day.month - 1 - back
    return date(months // 12, months % 12 + 1, 1)


def monthly_channels(account: Account, as_of: date, window: int) -> numpy.ndarray:
    """`CHANNELS` of the months of the window, [T, 6], from the one in which the account was opened."""
    rows: list[tuple[float, ...]] = []
    for back in reversed(range(window)):
        start, end = month_start(as_of, back), min(month_start(as_of, back - 1), as_of)
        if end <= account.opened or start >= end:
            continue
        month = account.before(end, start)
        days = [start + timedelta(days=day) for day in range(1, (end - start).days + 1)]
        balances = [account.balance(day) for day in days if day > account.opened]
        rows.append(
            (
                thousands(account.balance(end)),
                thousands(min(balances)),
                thousands(sum(booking.amount for booking in month if booking.incoming)),
                thousands(sum(booking.amount for booking in month if not booking.incoming)),
                math.log1p(len(month)),
                float(any(booking.flow == "penalty-interest" for booking in month)),
            )
        )
    return numpy.array(rows or [(0.0,) * len(CHANNELS)])
