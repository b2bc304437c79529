"""What is asked of every explainer, ours and the peers'."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from customers import Customer
from network import Predictor
from yardstick import Perturbations


@dataclass(frozen=True)
class Explained:
    """One explanation of all traits: a linear model for each, and what it took."""

    intercepts: np.ndarray
    """[O]: the model's numbers for no spending."""

    coefficients: np.ndarray
    """[O, M]: what the presence of each active class adds."""

    rows: int
    """How many perturbations went through the network, the customer and the baseline included."""

    network_milliseconds: float
    """The part of the time that was spent inside the network."""

    reported: list[float] | None = None
    """The R² that the explainer itself reports, for each trait; `None` when it reports none."""

    values: np.ndarray | None = None
    """[O]: the network's numbers for the customer, where the explainer tells them."""

    kernel_width: float | None = None
    """The width of the kernel that it weighed with, where it tells it."""

    stages: dict[str, float] = field(default_factory=dict)
    """The explainer's own account of its time in milliseconds, where it gives one."""

    def __call__(self, presence: np.ndarray) -> np.ndarray:
        """The models' numbers [N, O] for perturbations [N, M]."""
        return self.intercepts + presence @ self.coefficients.T

    def same_numbers(self, other: Explained) -> bool:
        """Whether two explanations agree to the last bit."""
        return np.array_equal(self.intercepts, other.intercepts) and np.array_equal(
            self.coefficients, other.coefficients
        )


Work = Callable[[], Explained]
"""An explanation that is ready to start: its duration is what is measured."""


class NotOffered(Exception):
    """The explainer does not have this method."""


class Explainer(ABC):
    """An explainer with its settings: one row of the table."""

    name: str

    family: str
    """`lime` or `kernel-shap`: the row of ours that it is compared with."""

    settings: str
    """What a reader must know of its settings, in a sentence."""

    reports: str
    """What kind of fidelity it reports of itself."""

    @abstractmethod
    def prepare(self, customer: Customer) -> Work:
        """Does, before the clock runs, what could be done once for all customers."""

    def processor_seconds(self) -> float:
        """The processor time of everything that works for this explainer, so far."""
        return time.process_time()

    @abstractmethod
    def own_perturbations(
        self, generator: np.random.Generator, customer: Customer, explained: Explained, count: int
    ) -> Perturbations:
        """Fresh perturbations, drawn and weighed as this explainer draws and weighs its own."""


def from_peer(
    intercepts: list[float] | np.ndarray,
    coefficients: list[np.ndarray] | np.ndarray,
    predict: Predictor,
    reported: list[float] | None = None,
) -> Explained:
    """What a peer found, with what its predictor has counted."""
    return Explained(
        intercepts=np.asarray(intercepts, dtype=np.float64),
        coefficients=np.asarray(coefficients, dtype=np.float64),
        rows=predict.rows,
        network_milliseconds=1e3 * predict.network_seconds,
        reported=reported,
    )
