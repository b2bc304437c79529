"""The Berka data (PKDD'99 Discovery Challenge): a Czech bank's accounts, their loans and their balances, 1993 to 1998.

Two studies come of it. *Default*: does a loan end or run badly (status B or D), asked on the day it is granted?
*Liquidity*: will the account be short of money in the next quarter? See `SHORT_BELOW`.

Every flow is a class, money in as well as money out, because both are what this bank's taxonomy tells apart. The
encoder counts money out only, so here all flows are written as money out: the profiles are shares of turnover.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path

from cohort import Customer, Study, Task
from tables import read_rows

TAXONOMY = Path(__file__).parent / "berka_taxonomy.csv"
PERIOD = "month"
WINDOW = 12
"""A year of months: fees, wages and standing orders come monthly, and few accounts are older when their loan begins."""

BAD = {"B", "D"}
"""Loan finished unpaid, and loan running in debt. A and C are the good ones."""

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

BY_PURPOSE = {
    "interest credited": "interest-received",
    "interest_pmt": "interest-received",
    "sanction interest if negative balance": "penalty-interest",
    "interest_for_negetive_balance": "penalty-interest",
    "payment for statement": "account-fees",
    "service": "account-fees",
    "household": "household-payments",
    "insurrance payment": "insurance",
    "insurrance_pmt": "insurance",
    "loan_pmt": "loan-repayments",
}
"""k_symbol, as the two tables spell it; it says more than the operation, so it is asked first."""

BY_OPERATION = {
    "credit in cash": "cash-deposits",
    "deposit": "cash-deposits",
    "collection from another bank": "transfers-received",
    "collection_from_another_bank": "transfers-received",
    "credit card withdrawal": "card-withdrawals",
    "credit_card_withdrawal": "card-withdrawals",
    "remittance to another bank": "transfers-sent",
    "transer_to_another_bank": "transfers-sent",
    "withdrawal in cash": "cash-withdrawals",
    "withdraw_cash": "cash-withdrawals",
}

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


@dataclass(frozen=True)
class Booking:
    day: date
    flow: str
    amount: float
    """Positive; `incoming` says where it goes."""
    incoming: bool


@dataclass
class Account:
    """All bookings of an account, and its balances."""

    bookings: list[Booking] = field(default_factory=list)

    def close(self) -> None:
        """Sorts the bookings once all are there, and adds them up.

        The tables print a balance with each row, but not the order of the rows within a day. Both begin with the
        opening of each account, so the sum of all bookings is the balance: it agrees with a printed one on every day.
        """
        self.bookings.sort(key=lambda booking: booking.day)
        self._days = [booking.day for booking in self.bookings]
        signed = (booking.amount if booking.incoming else -booking.amount for booking in self.bookings)
        self._sums = list(accumulate(signed))

    @property
    def opened(self) -> date:
        return self._days[0]

    def before(self, end: date, start: date = date.min) -> list[Booking]:
        """The bookings from `start` until the day before `end`."""
        return self.bookings[bisect_left(self._days, start) : bisect_left(self._days, end)]

    def balance(self, end: date) -> float:
        """The balance with which the day before `end` closes."""
        count = bisect_left(self._days, end)
        return self._sums[count - 1] if count else 0.0


@dataclass(frozen=True)
class Loan:
    account: str
    granted: date
    amount: float
    months: int
    instalment: float
    bad: bool


def flow(row: dict[str, str]) -> str:
    """The class of a row: by its purpose, else by its operation."""
    purpose, operation = row["k_symbol"], row["operation"]
    if purpose in BY_PURPOSE:
        return BY_PURPOSE[purpose]
    if operation in BY_OPERATION:
        return BY_OPERATION[operation]
    raise ValueError(f"a booking of an unknown kind: operation {operation!r}, k_symbol {purpose!r}")


def short_date(text: str) -> date:
    """930105 is 1993-01-05."""
    return date(1900 + int(text[:2]), int(text[2:4]), int(text[4:6]))


def read_accounts(folder: Path) -> tuple[dict[str, Account], dict[str, Account]]:
    """The accounts before their loans, and all accounts of the first months."""
    before_loans: dict[str, Account] = {}
    for row in read_rows(folder / "trans_preloan_354accounts.csv.gz", ";"):
        booking = Booking(short_date(row["date"]), flow(row), float(row["amount"]), row["type"] == "credit")
        before_loans.setdefault(row["account_id"], Account()).bookings.append(booking)
    early: dict[str, Account] = {}
    for row in read_rows(folder / "trans_1993-01_1994-04_all_accounts.csv.gz"):
        booking = Booking(date.fromisoformat(row["date"]), flow(row), float(row["amount"]), row["type"] == "credit")
        early.setdefault(str(int(row["account_id"].lstrip("A"))), Account()).bookings.append(booking)
    for account in (*before_loans.values(), *early.values()):
        account.close()
    return before_loans, early


def read_loans(folder: Path) -> list[Loan]:
    return [
        Loan(
            account=row["account_id"],
            granted=short_date(row["date"]),
            amount=float(row["amount"]),
            months=int(row["duration"]),
            instalment=float(row["payments"]),
            bad=row["status"].strip('"') in BAD,
        )
        for row in read_rows(folder / "loan.asc.gz", ";")
    ]


def history(name: str, account: Account, as_of: date) -> dict[str, object]:
    """The account as the service takes it."""
    return {
        "customer_id": f"berka-{name}",
        "as_of": as_of.isoformat(),
        "transactions": [
            {"timestamp": booking.day.isoformat(), "amount": -booking.amount, "class": booking.flow}
            for booking in account.before(as_of)
            if booking.amount > 0
        ],
    }


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


def default_study(folder: Path) -> Study:
    """Loans whose history ends on the day they are granted."""
    before_loans, early = read_accounts(folder)
    loans = {loan.account: loan for loan in read_loans(folder)}
    customers: list[Customer] = []
    for name, account in [*before_loans.items(), *early.items()]:
        loan = loans.get(name)
        if loan is None or (name in early and loan.granted > date(1994, 4, 20)):
            continue
        customers.append(
            Customer(
                history=history(name, account, loan.granted),
                money=balance_numbers(account, loan.granted) + loan_numbers(account, loan),
                labels={"default": int(loan.bad)},
            )
        )
    judged = {customer.history["customer_id"] for customer in customers}
    return Study(
        name="berka-default",
        title="Berka, loan default",
        taxonomy=TAXONOMY,
        period=PERIOD,
        window=WINDOW,
        tasks=(Task("default", "does the loan end or run badly?"),),
        money=BALANCE_NUMBERS + LOAN_NUMBERS,
        customers=tuple(customers),
        company=tuple(
            Customer(history(name, account, SLICE_END), (), {})
            for name, account in early.items()
            if f"berka-{name}" not in judged and old_enough(account, SLICE_END)
        ),
        strata=tuple(str(customer.labels["default"]) for customer in customers),
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
    """All accounts of the early table, asked on one day."""
    before_loans, early = read_accounts(folder)
    granted = {loan.account: loan.granted for loan in read_loans(folder)}
    customers = [
        Customer(
            history=history(name, account, LIQUIDITY_DAY),
            money=balance_numbers(account, LIQUIDITY_DAY),
            labels={"liquidity": int(liquidity_index(account) < SHORT_BELOW)},
        )
        for name, account in early.items()
        if old_enough(account, LIQUIDITY_DAY)
    ]
    return Study(
        name="berka-liquidity",
        title="Berka, liquidity index",
        taxonomy=TAXONOMY,
        period=PERIOD,
        window=WINDOW,
        tasks=(Task("liquidity", "is the liquidity index of the next quarter below 1?"),),
        money=BALANCE_NUMBERS,
        customers=tuple(customers),
        company=tuple(
            Customer(history(name, account, granted[name]), (), {}) for name, account in before_loans.items()
        ),
        strata=tuple(str(customer.labels["liquidity"]) for customer in customers),
    )
