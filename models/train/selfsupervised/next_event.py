"""Objective *next event*: the code of each category, and the numbers, of the event that comes next."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from selfsupervised.memory import Memory
from selfsupervised.objectives import Head
from selfsupervised.scaling import Scaling
from selfsupervised.steps import Steps


class NextEventHead(Head):
    """A read-out of the numbers, and the logits of each category's codes and of the kinds of the first one's."""

    def __init__(self, learning: Steps, scaling: Scaling, hidden_size: int, kinds: tuple[int, ...] = ()) -> None:
        super().__init__()
        if kinds and len(kinds) != learning.layout.codes[0]:
            raise ValueError(f"kinds: {len(kinds)} of them, and the first category has {learning.layout.codes[0]} codes")
        self.register_buffer("kind_of", torch.tensor(kinds, dtype=torch.int64))
        self.kinds = nn.Linear(hidden_size, max(kinds) + 1) if kinds else None
        object.__setattr__(self, "scaling", scaling)
        self.numbers = nn.Linear(hidden_size, learning.numbers.shape[2])
        self.logits = nn.ModuleList(nn.Linear(hidden_size, count) for count in learning.layout.codes)

    def parts(self, states: torch.Tensor, steps: Steps) -> tuple[torch.Tensor, torch.Tensor, list[torch.Tensor]]:
        """Squared errors [R, N] of R events that have one before, what they are compared with, and each category's loss."""
        known = steps.mask[:, 1:]
        before = states[:, :-1][known]
        wanted = self.scaling(steps.numbers)[:, 1:, : steps.numbers.shape[2]][known]
        codes = steps.categories[:, 1:][known]
        losses = [functional.cross_entropy(head(before), codes[:, place]) for place, head in enumerate(self.logits)]
        if self.kinds is not None:
            losses.append(functional.cross_entropy(self.kinds(before), self.kind_of[codes[:, 0]]))
        return (self.numbers(before) - wanted).square(), wanted, losses

    def loss(self, states: torch.Tensor, steps: Steps, memory: Memory, generator: torch.Generator) -> torch.Tensor:
        if not bool(steps.mask[:, 1:].any()):
            return states.sum() * 0.0
        errors, _, losses = self.parts(states, steps)
        return torch.stack([errors.mean(), *losses]).sum()

    @torch.no_grad()
    def measures(self, states: torch.Tensor, steps: Steps) -> dict[str, float]:
        """R² of each number; of each category the cross-entropy in nats, beside that of the codes' frequencies alone."""
        errors, wanted, losses = self.parts(states, steps)
        variance = (wanted - wanted.mean(dim=0)).square().mean(dim=0)
        found: dict[str, float] = {}
        for place, value in enumerate((1 - errors.mean(dim=0) / variance).tolist()):
            found[f"next number {place} R²"] = value
        codes = steps.categories[:, 1:][steps.mask[:, 1:]]
        columns = {f"category {place}": codes[:, place] for place in range(codes.shape[1])}
        if self.kinds is not None:
            columns["kind"] = self.kind_of[codes[:, 0]]
        for (name, column), loss in zip(columns.items(), losses):
            frequency = column.bincount().double() / len(column)
            found[f"next {name} cross-entropy"] = float(loss)
            found[f"next {name} entropy"] = float(-(frequency * frequency.clamp(min=1e-12).log()).sum())
        return found


@dataclass(frozen=True)
class NextEvent:
    """The next event's numbers and codes."""

    weight: float = 1.0
    kinds: tuple[int, ...] = ()
    """Of each code of the first category, its kind: a few numbers for an output, where the codes are many. May be empty."""

    def head(self, learning: Steps, scaling: Scaling, hidden_size: int) -> Head:
        return NextEventHead(learning, scaling, hidden_size, self.kinds)
