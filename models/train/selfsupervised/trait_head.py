"""Objective *traits*: the traits of the label rule, where a taxonomy has coefficients."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from network import steady_linear, steady_sigmoid
from selfsupervised.memory import Memory
from selfsupervised.objectives import Head
from selfsupervised.scaling import Scaling
from selfsupervised.steps import Steps
from traits import fit_standard, label


class TraitHead(Head):
    """A linear read-out and a sigmoid, as in `network.py`."""

    def __init__(
        self, coefficients: torch.Tensor, learning: Steps, hidden_size: int, following: bool, reads: int | None = None
    ) -> None:
        super().__init__()
        # The dimensions that are read; the others have no weight.
        self.reads = hidden_size if reads is None else reads
        profiles = learning.numbers[:, :, learning.layout.shares]
        self.coefficients, self.following = coefficients, following
        self.standard = fit_standard(profiles, learning.mask, coefficients)
        self.readout = nn.Linear(self.reads, len(coefficients))

    def given(self, states: torch.Tensor) -> torch.Tensor:
        """[B, T, traits]."""
        return steady_sigmoid(steady_linear(states[:, :, : self.reads], self.readout.weight, self.readout.bias))

    def wanted(self, steps: Steps) -> tuple[torch.Tensor, torch.Tensor]:
        """The traits after each step, or after the one that follows; and where there are any."""
        traits = label(steps.numbers[:, :, steps.layout.shares], self.coefficients, self.standard)
        if not self.following:
            return traits, steps.mask
        known = steps.mask.clone()
        known[:, :-1], known[:, -1] = steps.mask[:, 1:], False
        return traits.roll(-1, dims=1), known

    def loss(self, states: torch.Tensor, steps: Steps, memory: Memory, generator: torch.Generator) -> torch.Tensor:
        wanted, known = self.wanted(steps)
        if not bool(known.any()):
            return states.sum() * 0.0
        # In deviations, as the other objectives: traits spread by about 0.2.
        return (self.given(states) - wanted)[known].square().mean() / SPREAD**2

    @torch.no_grad()
    def measures(self, states: torch.Tensor, steps: Steps) -> dict[str, float]:
        """R² of each trait."""
        wanted, known = self.wanted(steps)
        truth, given = wanted[known].double(), self.given(states)[known].double()
        left = (truth - given).square().sum(dim=0)
        values = 1 - left / (truth - truth.mean(dim=0)).square().sum(dim=0)
        return {f"trait {place} R²": value for place, value in enumerate(values.tolist())}


SPREAD = 0.2
"""The deviation of sigmoid(z) for a z that is standard normal, about."""


@dataclass(frozen=True)
class Traits:
    """The traits of each step, or of the one that follows it."""

    coefficients: torch.Tensor
    """[traits, K]: `Taxonomy.coefficients`."""
    weight: float = 1.0
    following: bool = False
    reads: int | None = None
    """Only so many of the state's dimensions, the first ones, tell the traits; all of them if none is given."""

    def head(self, learning: Steps, scaling: Scaling, hidden_size: int) -> Head:
        return TraitHead(self.coefficients, learning, hidden_size, self.following, self.reads)
