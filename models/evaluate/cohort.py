"""The common form of a data set: customers, what is known of them, and what is to be predicted."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy

UNKNOWN = -1
"""The label of a customer whose outcome is not known: in no fold of that task."""


def no_steps() -> numpy.ndarray:
    return numpy.zeros((0, 0))


@dataclass(frozen=True)
class Customer:
    """One customer as of one day: nothing here is later than that day, but the labels."""

    history: dict[str, Any]
    """In the form that the service takes: `customer_id`, `as_of`, `transactions`."""

    money: tuple[float, ...]
    """What a bespoke model may know beside the shares: balances, instalments, amounts."""

    labels: dict[str, int]
    """By task and by attribute: 1, 0 or `UNKNOWN`."""

    channels: numpy.ndarray = field(default_factory=no_steps, compare=False)
    """[T, N]: numbers of each period, oldest first, for the network that reads numbers; see `Study.channels`."""

    earlier: dict[str, Any] | None = field(default=None, compare=False)
    """The history as it was half a year before, where there was one long enough."""

    late: bool = False
    """Whether the out-of-time test judges by this customer; the others are those that it learns from."""


@dataclass(frozen=True)
class Task:
    """One yes-or-no question about every customer."""

    name: str
    question: str


@dataclass(frozen=True)
class Study:
    """Customers who are judged on the same folds, with one network of each kind in a fold."""

    name: str
    title: str
    taxonomy: Path | None
    """None: there are no classes, and the channels are all that is known of a period."""
    period: str
    window: int
    tasks: tuple[Task, ...]
    money: tuple[str, ...]
    """The names of `Customer.money`."""

    customers: tuple[Customer, ...]
    """Split into folds."""

    company: tuple[Customer, ...]
    """Other customers' histories without labels: every fold's network may learn from them, no fold judges by them."""

    strata: tuple[str, ...]
    """What the folds keep in proportion, a word for each of `customers`."""

    channels: tuple[str, ...] = ()
    """The names of the columns of `Customer.channels`."""

    held_out: float = 0.0
    """The part of the customers that is judged once, instead of folds: for studies with many customers. 0: folds."""

    attributes: tuple[Task, ...] = ()
    """What a bank must not judge by (sex, age, household): no row of a task knows it, but a row may give it away."""

    def labels(self, task: Task) -> numpy.ndarray:
        """The labels of `customers`, in order."""
        return numpy.array([customer.labels.get(task.name, UNKNOWN) for customer in self.customers])

    @property
    def out_of_time(self) -> bool:
        """Whether there are customers of a later time to judge by."""
        return any(customer.late for customer in self.customers)
