"""What every data set is turned into: customers, what is known of them, and what is to be predicted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy

UNKNOWN = -1
"""The label of a customer whose outcome is not known: in no fold of that task."""


@dataclass(frozen=True)
class Customer:
    """One customer as of one day: nothing here is later than that day, but the labels."""

    history: dict[str, Any]
    """In the form that the service takes: `customer_id`, `as_of`, `transactions`."""

    money: tuple[float, ...]
    """What a bespoke model may know beside the shares: balances, instalments, amounts."""

    labels: dict[str, int]
    """By task: 1, 0 or `UNKNOWN`."""


@dataclass(frozen=True)
class Task:
    """One yes-or-no question about every customer."""

    name: str
    question: str


@dataclass(frozen=True)
class Study:
    """Customers who are judged on the same folds, with one network a fold."""

    name: str
    title: str
    taxonomy: Path
    period: str
    window: int
    tasks: tuple[Task, ...]
    money: tuple[str, ...]
    """The names of `Customer.money`."""

    customers: tuple[Customer, ...]
    """Split into folds."""

    company: tuple[Customer, ...]
    """Other people's histories without labels: every fold's network may learn from them, no fold judges by them."""

    strata: tuple[str, ...]
    """What the folds keep in proportion, a word for each of `customers`."""

    def labels(self, task: Task) -> numpy.ndarray:
        """The labels of `customers`, in order."""
        return numpy.array([customer.labels.get(task.name, UNKNOWN) for customer in self.customers])
