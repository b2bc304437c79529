"""The run: every customer through every explainer, timed and judged."""

from __future__ import annotations

import gc
import sys
import time
from dataclasses import dataclass, field

import numpy as np

from customers import Customer
from explainer import Explained, Explainer, NotOffered
from network import Network, Predictor
from yardstick import neighbourhood, weighted_r2

JUDGING_PERTURBATIONS = 1_000
"""For each customer and yardstick."""

LARGEST_DIFFERENCE = 1e-5
"""How far the network's numbers may be apart when microseg and when this process runs it."""


@dataclass(frozen=True)
class Run:
    """One explanation and what it took."""

    milliseconds: float
    processor_milliseconds: float
    explained: Explained


@dataclass(frozen=True)
class Record:
    """What one explainer made of one customer."""

    customer: str
    classes: int
    milliseconds: list[float]
    """Of both runs, wall clock."""

    processor_milliseconds: list[float]

    network_milliseconds: list[float]
    rows: int
    same_twice: bool
    near: list[float]
    """R² near the customer, for each trait."""

    own: list[float]
    """R² on the explainer's own distribution, for each output."""

    reported: list[float]
    stages: list[dict[str, float]]


@dataclass
class Measured:
    """All records of one explainer."""

    explainer: Explainer
    records: list[Record] = field(default_factory=list)


def offered(explainers: list[Explainer], warm_up: list[Customer]) -> tuple[list[Explainer], list[str]]:
    """Runs everybody twice on customers who do not count; names the ones who do not have the method.

    The first calls are slow for all: libraries compile, TorchScript's executor learns shapes, caches fill.
    """
    ready: list[Explainer] = []
    notes: list[str] = []
    for explainer in explainers:
        say(f"warming up {explainer.name}")
        try:
            for customer in warm_up:
                for _ in range(2):
                    explainer.prepare(customer)()
        except NotOffered as note:
            notes.append(str(note))
        else:
            ready.append(explainer)
    return ready, notes


def measure(
    explainers: list[Explainer], customers: list[Customer], network: Network, seed: int
) -> list[Measured]:
    """Explains every customer with everybody, twice each; who begins changes from customer to customer.

    Two runs in a row, both counted: one finds the processor's caches as the others left them, one as it left
    them itself. And they show whether an explainer says the same thing twice.
    """
    # What the imports left behind is looked through no more: that would fall on one explainer by chance.
    gc.collect()
    gc.freeze()
    all_measured = [Measured(explainer) for explainer in explainers]
    for number, customer in enumerate(customers):
        say(f"customer {number + 1} of {len(customers)}: {customer.name}, {len(customer.active)} classes")
        first = number % len(all_measured)
        for measured in all_measured[first:] + all_measured[:first]:
            runs = [timed(measured.explainer, customer) for _ in range(2)]
            # A generator of its own for each customer: the same perturbations for all explainers.
            generator = np.random.default_rng([seed, number])
            measured.records.append(judge(measured.explainer, customer, runs, network, generator))
    return all_measured


def timed(explainer: Explainer, customer: Customer) -> Run:
    """One explanation and its milliseconds."""
    work = explainer.prepare(customer)
    busy = explainer.processor_seconds()
    begun = time.perf_counter()
    explained = work()
    ended = time.perf_counter()
    return Run(1e3 * (ended - begun), 1e3 * (explainer.processor_seconds() - busy), explained)


def judge(
    explainer: Explainer,
    customer: Customer,
    runs: list[Run],
    network: Network,
    generator: np.random.Generator,
) -> Record:
    """Holds the first of two explanations against both yardsticks."""
    explained, again = (run.explained for run in runs)
    predict = Predictor(network, customer)
    if explained.values is not None:
        here = predict(np.ones((1, len(customer.active))))[0]
        if np.abs(here - explained.values).max() > LARGEST_DIFFERENCE:
            raise ValueError(
                f"{explainer.name}, {customer.name}: this is another network than the one that runs here"
            )
    near = neighbourhood(generator, customer, JUDGING_PERTURBATIONS)
    own = explainer.own_perturbations(generator, customer, explained, JUDGING_PERTURBATIONS)
    near_r2, own_r2 = (
        weighted_r2(predict(one.presence), explained(one.presence), one.weights).tolist()
        for one in (near, own)
    )
    return Record(
        customer=customer.name,
        classes=len(customer.active),
        milliseconds=[run.milliseconds for run in runs],
        processor_milliseconds=[run.processor_milliseconds for run in runs],
        network_milliseconds=[run.explained.network_milliseconds for run in runs],
        rows=explained.rows,
        same_twice=explained.same_numbers(again),
        near=near_r2,
        own=own_r2,
        reported=explained.reported or [],
        stages=[run.explained.stages for run in runs],
    )


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
