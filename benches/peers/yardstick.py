"""What every explanation is held against: perturbations that it was not fitted to.

Each explainer ends with a linear model of the network around a customer:
`intercept + Σ coefficient × presence`. Two yardsticks ask how well that model foretells the network, by the
same weighted R², trait by trait.

**Near the customer.** One set of perturbations for each customer, the same for all explainers. Up to a
quarter of the active classes are removed: how many is uniform, then which. A perturbation weighs
`exp(-(d / 0.2)²)`, where d is the share of the spending that it removes. A generator of its own draws the
set, apart from everybody's own draws, so nobody was fitted to it; only that a removal of one class alone
turns up in somebody's sample cannot be helped, there being no more of them than classes.

This is what a local explanation claims to describe, but it is not neutral. microseg's lime draws in a like
manner, by limits and widths of its own, while the peers by default switch off half of the classes or more.
And kernel-shap is not made to be a local fit at all: Shapley values share out the whole way from no spending
to the customer's. A low R² near the customer is no fault in them, only a reason not to read them as a local
model. The rows "near" show what the same libraries reach when they are told to stay near.

**On its own distribution.** Fresh perturbations from the explainer's own distribution, weighed by its own kernel:
the task that it set itself. For the Shapley kernel these are coalitions with sizes in proportion to the
kernel's mass and equal weights. The two ends, which the kernel weighs infinitely and a fit meets exactly, are
left out: with them any R² would be 1. Numbers in this column are comparable only where the distribution is
the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from customers import Customer

WIDTH = 0.2
"""Of the neighbourhood's kernel, in shares of the spending removed."""


@dataclass(frozen=True)
class Perturbations:
    presence: np.ndarray
    """[N, M]: 1 where an active class stays, 0 where it is removed."""

    weights: np.ndarray
    """[N]."""


def neighbourhood(generator: np.random.Generator, customer: Customer, count: int) -> Perturbations:
    """Up to a quarter of the classes removed, weighed by the spending that goes with them."""
    classes = len(customer.active)
    presence = some_removed(generator, classes, math.ceil(classes / 4), count)
    return Perturbations(presence, spending_kernel(presence, customer.shares, WIDTH))


def some_removed(generator: np.random.Generator, classes: int, most: int, count: int) -> np.ndarray:
    """One to `most` classes removed: how many is uniform, and which."""
    return subsets_absent(generator, generator.integers(1, most + 1, size=count), classes)


def coin_flips(generator: np.random.Generator, classes: int, removed: float, count: int) -> np.ndarray:
    """Each class is removed with the probability `removed`, whatever becomes of the others."""
    return (generator.random((count, classes)) >= removed).astype(np.float64)


def coalitions(generator: np.random.Generator, classes: int, count: int) -> Perturbations:
    """As the Shapley kernel weighs them: size s has the mass 1 / (s (M - s)), sets of one size are equal."""
    sizes = np.arange(1, classes)
    mass = 1.0 / (sizes * (classes - sizes))
    absent = generator.choice(sizes, size=count, p=mass / mass.sum())
    return Perturbations(subsets_absent(generator, absent, classes), np.ones(count))


def subsets_absent(generator: np.random.Generator, absent: np.ndarray, classes: int) -> np.ndarray:
    """[N, M]: in row n a uniformly drawn set of `absent[n]` classes is 0, the rest is 1."""
    ranks = generator.random((len(absent), classes)).argsort(axis=1).argsort(axis=1)
    return (ranks >= absent[:, None]).astype(np.float64)


def spending_kernel(presence: np.ndarray, shares: np.ndarray, width: float) -> np.ndarray:
    """exp(-(d / width)²), d being the share of the spending that is removed."""
    return np.exp(-((((1.0 - presence) @ shares) / width) ** 2))


def weighted_r2(values: np.ndarray, fitted: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """[O]: 1 - Σw(f - g)² / Σw(f - f̄)² for each column of the network's values f and the model's g, [N, O].

    Not clipped: a model that is worse than the constant f̄ is below 0. Where the network does not vary, a
    model that meets it to the precision of 32-bit numbers has 1, another has 0, as in microseg's own R².
    """
    mean = weights @ values / weights.sum()
    variation = weights @ (values - mean) ** 2
    errors = weights @ (values - fitted) ** 2
    precision = weights.sum() * (np.finfo(np.float32).eps * np.abs(values).max(axis=0)) ** 2
    met = (errors <= precision).astype(np.float64)
    varies = variation > precision
    return np.where(varies, 1.0 - errors / np.where(varies, variation, 1.0), met)
