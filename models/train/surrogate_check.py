"""How closely a linear model follows a network's states: the global surrogate of a bundle, in small, to choose networks by."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from population import Population, Split
from selfsupervised import Steps, Trained

CUSTOMERS = 4000
"""So many of the training customers are enough to fit it."""


@dataclass(frozen=True)
class Fidelity:
    """R² on customers that it was not fitted to: the median and the lowest of the state's dimensions."""

    one_step: float
    one_step_lowest: float
    free_running: float
    free_running_lowest: float


@torch.no_grad()
def fidelity(trained: Trained, split: Split) -> Fidelity:
    """s_t = A s_{t-1} + B x_t + c by least squares, one step ahead, and from its own states alone."""
    fitted = split.train.at(torch.arange(min(CUSTOMERS, len(split.train))))
    states, before, shares = followed(trained, fitted)
    mask = fitted.mask
    solution = torch.linalg.lstsq(joined(before, shares)[mask], states[mask], driver="gelsd").solution

    test = split.test
    states, before, shares = followed(trained, test)
    one_step = r_squared(states[test.mask], (joined(before, shares) @ solution)[test.mask])
    state, steps = torch.zeros_like(states[:, :1]), []
    for period in range(states.shape[1]):
        state = joined(state, shares[:, period : period + 1]) @ solution
        steps.append(state)
    free = r_squared(states[test.mask], torch.cat(steps, dim=1)[test.mask])
    return Fidelity(*(float(value) for value in (one_step.median(), one_step.min(), free.median(), free.min())))


def followed(trained: Trained, population: Population) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """States, the states before them, and the shares, in 64-bit numbers."""
    states = trained.states(Steps.of_population(population)).double()
    before = torch.cat([torch.zeros_like(states[:, :1]), states[:, :-1]], dim=1)
    return states, before, population.profiles.double()


def joined(states: torch.Tensor, shares: torch.Tensor) -> torch.Tensor:
    """With a column of ones."""
    return torch.cat([states, shares, torch.ones_like(shares[:, :, :1])], dim=2)


def r_squared(wanted: torch.Tensor, given: torch.Tensor) -> torch.Tensor:
    """Of each column of [N, H]."""
    left = (wanted - given).square().sum(dim=0)
    return 1 - left / (wanted - wanted.mean(dim=0)).square().sum(dim=0)
