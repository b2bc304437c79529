"""Objectives without labels: what a state must be able to tell.

An objective is a weight and a head. The head reads states [B, T, H] and says how wrong it is about the steps; `measures` are
the numbers for the card. What a head cannot tell from the state, the memory learns to keep.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from selfsupervised.aggregates import Content, ahead_of, content, past
from selfsupervised.memory import Memory
from selfsupervised.scaling import Scaling
from selfsupervised.steps import Steps

SMALLEST = 0.1
"""A column's deviation counts as at least so much of the largest: rare classes are mostly noise."""


class Head(nn.Module):
    """What every head can do."""

    def loss(self, states: torch.Tensor, steps: Steps, memory: Memory, generator: torch.Generator) -> torch.Tensor:
        """How wrong the head is about `steps`, from the states that the memory has of what it was shown."""
        raise NotImplementedError

    def measures(self, states: torch.Tensor, steps: Steps) -> dict[str, float]:
        """How right the head is on customers that were not learnt from."""
        raise NotImplementedError


Wanted = Callable[[Content], tuple[torch.Tensor, torch.Tensor]]


class AggregateHead(Head):
    """A linear read-out of aggregates, each column in its own deviation."""

    def __init__(self, name: str, wanted: Wanted, learning: Steps, scaling: Scaling, hidden_size: int) -> None:
        super().__init__()
        self.name, self.wanted = name, wanted
        # As it is at the start, and not learnt: a copy would be fitted twice.
        object.__setattr__(self, "scaling", scaling)
        with torch.no_grad():
            target, known = wanted(content(learning, scaling))
        rows = target[known]
        deviation = rows.std(dim=0, correction=0)
        self.register_buffer("mean", rows.mean(dim=0))
        self.register_buffer("deviation", deviation.clamp(min=max(float(deviation.max()) * SMALLEST, 1e-6)))
        self.readout = nn.Linear(hidden_size, target.shape[2])

    def target(self, steps: Steps) -> tuple[torch.Tensor, torch.Tensor]:
        """In deviations, and where it is known."""
        target, known = self.wanted(content(steps, self.scaling))
        return (target - self.mean) / self.deviation, known

    def loss(self, states: torch.Tensor, steps: Steps, memory: Memory, generator: torch.Generator) -> torch.Tensor:
        target, known = self.target(steps)
        if not bool(known.any()):
            return states.sum() * 0.0
        return (self.readout(states) - target)[known].square().mean()

    @torch.no_grad()
    def measures(self, states: torch.Tensor, steps: Steps) -> dict[str, float]:
        """R² of all columns together, in the deviations of the training."""
        target, known = self.target(steps)
        wanted, given = target[known].double(), self.readout(states)[known].double()
        left = (wanted - given).square().sum()
        return {f"{self.name} R²": float(1 - left / (wanted - wanted.mean(dim=0)).square().sum())}


@dataclass(frozen=True)
class Reconstruct:
    """The aggregates of everything so far: `aggregates.past`."""

    weight: float = 1.0

    def head(self, learning: Steps, scaling: Scaling, hidden_size: int) -> Head:
        return AggregateHead("reconstruct", past, learning, scaling, hidden_size)


@dataclass(frozen=True)
class Predict:
    """The aggregates of the next steps: `aggregates.ahead_of`."""

    weight: float = 1.0
    ahead: int = 3
    """How many steps."""

    def head(self, learning: Steps, scaling: Scaling, hidden_size: int) -> Head:
        return AggregateHead("predict", self.wanted, learning, scaling, hidden_size)

    def wanted(self, given: Content) -> tuple[torch.Tensor, torch.Tensor]:
        return ahead_of(given, self.ahead)
