"""How well the network follows the label rule: R² per trait."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import torch

from augment import hidden, without_classes, without_periods
from network import zero_state
from population import Population
from traits import Standard, label
from training import Network

HELD_PERIODS = 50
"""How long `held` keeps a last profile: far beyond any window, so that what does not settle shows."""


@dataclass(frozen=True)
class Measures:
    """R² for each trait, in the order of the network's outputs."""

    last_period: list[float]
    every_period: list[float]
    reduced: list[float]
    """After the last period, with classes and periods taken away as explanations do."""
    partly_shown: list[float]
    """After the last period, with classes hidden from the network, but not from the rule."""
    held: list[float]
    """After the last profile was repeated for `HELD_PERIODS`: do the dynamics settle where the rule says?"""


@torch.no_grad()
def predict(network: Network, profiles: torch.Tensor) -> torch.Tensor:
    """The traits after every period, [B, T, traits], from a zero state."""
    start = zero_state(profiles, network.hidden_size)
    _, outputs, _, _ = network(profiles, start, start)
    return outputs


def r_squared(expected: torch.Tensor, given: torch.Tensor) -> torch.Tensor:
    """1 - residual / variance, for each column of [N, traits]."""
    expected, given = expected.double(), given.double()
    residual = (expected - given).square().sum(dim=0)
    return 1 - residual / (expected - expected.mean(dim=0)).square().sum(dim=0)


def measure(
    network: Network, population: Population, coefficients: torch.Tensor, standard: Standard
) -> Measures:
    """Judges the network on customers it has not seen.

    In 64-bit numbers, like the training: the digits that the card shows are then the same on every machine.
    """
    network, population = copy.deepcopy(network).double(), population.double()
    expected = label(population.profiles, coefficients, standard)
    given = predict(network, population.profiles)
    everyone, last = torch.arange(len(population)), population.lengths - 1

    generator = torch.Generator().manual_seed(0)
    reduced = without_periods(without_classes(population.profiles, generator), generator)
    reduced_expected = label(reduced, coefficients, standard)
    partly_shown = hidden(population, generator).shown
    profile = population.profiles[everyone, last].unsqueeze(1)
    held = profile.expand(-1, HELD_PERIODS, -1)
    held_expected = label(profile, coefficients, standard)[:, -1]
    return Measures(
        last_period=r_squared(expected[everyone, last], given[everyone, last]).tolist(),
        every_period=r_squared(expected[population.mask], given[population.mask]).tolist(),
        reduced=r_squared(reduced_expected[everyone, last], predict(network, reduced)[everyone, last]).tolist(),
        partly_shown=r_squared(expected[everyone, last], predict(network, partly_shown)[everyone, last]).tolist(),
        held=r_squared(held_expected, predict(network, held)[:, -1]).tolist(),
    )
