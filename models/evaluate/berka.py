"""The Berka data (PKDD'99 Discovery Challenge): a Czech bank's accounts, bookings, loans and owners, 1993 to 1998.

Every flow is a class, money in as well as money out, because both are what this bank's taxonomy tells apart. The
encoder counts money out only, so here all flows are written as money out: the profiles are shares of turnover.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate
from pathlib import Path

from tables import read_rows

BEFORE_LOANS = ("trans_preloan_328accounts.csv.gz", "trans_preloan_354accounts.csv.gz")
"""Bookings before a loan: of the loans of 1993 to 1996, and of those of 1997 and 1998."""
EARLY = "trans_1993-01_1994-04_all_accounts.csv.gz"
"""Bookings of all accounts in the first sixteen months. Some accounts are in a file of `BEFORE_LOANS`, too."""
FILES = (*BEFORE_LOANS, EARLY, "loan.asc.gz", "client.asc.gz", "disp.asc.gz")

BAD = {"B", "D"}
"""Loan finished unpaid, and loan running in debt. A and C are the good ones."""

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
    """The accounts before their loans, and all accounts of the first months.

    An account may be in both: a study takes it from one of them, so that no booking counts twice.
    """
    before_loans: dict[str, Account] = {}
    for name in BEFORE_LOANS:
        for row in read_rows(folder / name, ";"):
            booking = Booking(short_date(row["date"]), flow(row), float(row["amount"]), row["type"] == "credit")
            before_loans.setdefault(row["account_id"], Account()).bookings.append(booking)
    early: dict[str, Account] = {}
    for row in read_rows(folder / EARLY):
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


@dataclass(frozen=True)
class Owner:
    """The account's owner, as the bank's register has her or him."""

    woman: bool
    born: date

    def age(self, day: date) -> float:
        """In years."""
        return (day - self.born).days / 365.25


def owner(birth_number: str) -> Owner:
    """706213 is a woman who was born on 1970-12-13: women have 50 added to the month."""
    month = int(birth_number[2:4])
    woman = month > 50
    return Owner(woman, date(1900 + int(birth_number[:2]), month - 50 * woman, int(birth_number[4:6])))


def read_owners(folder: Path) -> dict[str, Owner]:
    """By account."""
    numbers = {row["client_id"]: row["birth_number"].strip('"') for row in read_rows(folder / "client.asc.gz", ";")}
    return {
        row["account_id"]: owner(numbers[row["client_id"]])
        for row in read_rows(folder / "disp.asc.gz", ";")
        if row["type"].strip('"') == "OWNER"
    }


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
