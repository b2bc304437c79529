"""Objective *contrast*: two sub-sequences of one customer are nearer to each other than to those of others.

CoLES: Babaev et al. (2022), "CoLES: Contrastive Learning for Event Sequences with Self-Supervision", SIGMOD. The last state of a
sub-sequence, brought to length one, is its embedding. The loss is the contrastive one with hard negatives: of each
sub-sequence, the nearest ones of other customers are pushed away as far as `margin`.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn import functional

from selfsupervised.memory import Memory, states_of
from selfsupervised.objectives import Head
from selfsupervised.scaling import Scaling
from selfsupervised.steps import Steps


def slices(steps: Steps, copies: int, least: int, generator: torch.Generator) -> tuple[Steps, torch.Tensor]:
    """`copies` sub-sequences of each customer with at least `least` steps, and of which customer each one is.

    Lengths are drawn evenly from `least` (or all there is) to the whole, and then the beginning.
    """
    owners = torch.arange(len(steps)).repeat_interleave(copies)
    whole = steps.lengths[owners]
    least_of = whole.clamp(max=least)
    drawn = torch.rand(len(owners), generator=generator)
    lengths = least_of + (drawn * (whole - least_of + 1)).long().clamp(max=whole - least_of)
    starts = (torch.rand(len(owners), generator=generator) * (whole - lengths + 1)).long().clamp(max=whole - lengths)
    places = (starts.unsqueeze(1) + torch.arange(int(lengths.max()))).clamp(max=steps.numbers.shape[1] - 1)
    there = (torch.arange(places.shape[1]) < lengths.unsqueeze(1)).unsqueeze(2)
    rows = owners.unsqueeze(1)
    cut = Steps(steps.numbers[rows, places] * there, steps.categories[rows, places] * there, lengths, steps.layout)
    return cut, owners


class ContrastHead(Head):
    """The contrastive loss; nothing in it is learnt."""

    def __init__(self, copies: int, least: int, margin: float, negatives: int) -> None:
        super().__init__()
        self.copies, self.least, self.margin, self.negatives = copies, least, margin, negatives

    def embeddings(
        self, steps: Steps, memory: Memory, generator: torch.Generator
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """[R, H] of length one, and their owners, [R]."""
        cut, owners = slices(steps, self.copies, self.least, generator)
        states = states_of(memory, cut.numbers, cut.categories)
        return functional.normalize(states[torch.arange(len(cut)), cut.lengths - 1], dim=1), owners

    def loss(self, states: torch.Tensor, steps: Steps, memory: Memory, generator: torch.Generator) -> torch.Tensor:
        found, owners = self.embeddings(steps, memory, generator)
        distance = (2.0 - 2.0 * found @ found.T).clamp(min=1e-12).sqrt()
        same = owners.unsqueeze(0) == owners.unsqueeze(1)
        others = distance.masked_fill(same, float("inf"))
        count = min(self.negatives, len(owners) - self.copies)
        if count < 1:
            return states.sum() * 0.0
        hardest = others.topk(count, dim=1, largest=False).values
        pairs = same & ~torch.eye(len(owners), dtype=torch.bool)
        pulled = distance[pairs].square().sum()
        pushed = (self.margin - hardest).clamp(min=0.0).square().sum()
        return (pulled + pushed) / (pairs.sum() + hardest.numel())

    def measures(self, states: torch.Tensor, steps: Steps) -> dict[str, float]:
        return {}


@dataclass(frozen=True)
class Contrast:
    """CoLES; the defaults are pytorch-lifestream's."""

    weight: float = 1.0
    copies: int = 5
    least: int = 3
    """Steps of the shortest sub-sequence."""
    margin: float = 0.5
    negatives: int = 5

    def head(self, learning: Steps, scaling: Scaling, hidden_size: int) -> Head:
        return ContrastHead(self.copies, self.least, self.margin, self.negatives)
