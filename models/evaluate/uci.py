"""Default of credit card clients (Yeh & Lien 2009): six monthly statements of Taiwanese clients in 2005.

There are no transactions and no classes: a month is some numbers of a statement, for a network with numeric inputs.
The outcome is default in October 2005. Sex, age and marriage are attributes; no row of the task knows them.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy

from cohort import UNKNOWN, Customer, Study, Task
from tables import read_rows

TAXONOMY = Path(__file__).parent / "uci_taxonomy.csv"
"""One class, since a bundle needs a taxonomy; the network does not read it."""

PATTERN = "credit_card_clients*.csv.gz"
"""All files of this name are read, in the order of their names: parts of the clients may come one by one."""

MONTHS = ("2005-04", "2005-05", "2005-06", "2005-07", "2005-08", "2005-09")
STATUS_COLUMNS = ("PAY_6", "PAY_5", "PAY_4", "PAY_3", "PAY_2", "PAY_0")
"""Oldest first, as `MONTHS`; the data set has no PAY_1."""
NUMBERS = (6, 5, 4, 3, 2, 1)
"""The same months as BILL_AMT and PAY_AMT are numbered."""

UNUSED, PAID_IN_FULL = -2, -1
"""Values of the repayment status; 0 is revolving credit, a positive one the months of delay."""

CHANNELS = (
    "unused",
    "paid in full",
    "months of delay",
    "statement",
    "payment",
    "statement / limit",
    "payment / statement before",
    "limit",
)
EDUCATION = ("education: graduate school", "education: university", "education: high school")
OLD = 45


def monthly_channels(row: dict[str, str]) -> numpy.ndarray:
    """`CHANNELS` of the six months, [6, 8], each of a size near one."""
    limit = float(row["LIMIT_BAL"])
    bills = [float(row[f"BILL_AMT{number}"]) for number in NUMBERS]
    paid = [float(row[f"PAY_AMT{number}"]) for number in NUMBERS]
    steps = []
    for month, column in enumerate(STATUS_COLUMNS):
        status, due = int(row[column]), bills[max(month - 1, 0)]
        steps.append(
            (
                float(status == UNUSED),
                float(status == PAID_IN_FULL),
                float(max(status, 0)) / 2,
                math.asinh(bills[month] / 1000) / 4,
                math.log1p(paid[month] / 1000) / 2,
                min(max(bills[month] / limit, -0.5), 2.0),
                min(paid[month] / max(due, 1.0), 2.0) if paid[month] > 0 else 0.0,
                math.log(limit / 100_000),
            )
        )
    return numpy.array(steps)


def history(row: dict[str, str], channels: numpy.ndarray) -> dict[str, object]:
    """The client as the service takes it: one statement a month, with the month's numbers as declared fields.

    Its amount says nothing: the service refuses a history without any spending, and some clients paid nothing.
    """
    return {
        "customer_id": f"uci-{row['ID']}",
        "as_of": "2005-10-01",
        "transactions": [
            {
                "timestamp": f"{month}-15",
                "amount": -1.0,
                "class": "statement",
                **{field_name(name): float(value) for name, value in zip(CHANNELS, step)},
            }
            for month, step in zip(MONTHS, channels)
        ],
    }


def field_name(channel: str) -> str:
    """A channel as a member of a transaction."""
    return channel.replace(" / ", "_per_").replace(" ", "_")


def client(row: dict[str, str]) -> Customer:
    channels = monthly_channels(row)
    education, marriage = int(row["EDUCATION"]), int(row["MARRIAGE"])
    return Customer(
        history=history(row, channels),
        money=(math.log(float(row["LIMIT_BAL"])), *(float(education == level) for level in (1, 2, 3))),
        labels={
            "card default": int(row["class"]),
            "woman": int(row["SEX"] == "2"),
            "old": int(int(row["AGE"]) >= OLD),
            "household": int(marriage == 1) if marriage in (1, 2) else UNKNOWN,
        },
        channels=channels,
    )


def study(folder: Path) -> Study:
    """All clients. A third of them is held out: with so many, one division tells as much as folds."""
    customers = tuple(client(row) for path in sorted(folder.glob(PATTERN)) for row in read_rows(path))
    return Study(
        name="uci-credit",
        title="UCI, default of credit card clients",
        taxonomy=None,
        period="month",
        window=len(MONTHS),
        tasks=(Task("card default", "does the client default on the card next month?"),),
        money=("limit", *EDUCATION),
        customers=customers,
        company=(),
        strata=tuple(str(customer.labels["card default"]) for customer in customers),
        channels=CHANNELS,
        held_out=1 / 3,
        attributes=(
            Task("woman", "is the client a woman?"),
            Task("old", "is the client 45 or older?"),
            Task("household", "is the client married?"),
        ),
    )
