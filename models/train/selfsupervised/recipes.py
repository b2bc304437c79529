"""Recipes: memories with objectives that were tried together; no fold and no data set chooses within one.

*S*, an LSTM; *L*, a memory that moves linearly; *Z*, a small LSTM for a few numbers, such as money, beside S; *EVENTS*, a GRU over
single transactions.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import torch

from selfsupervised.memory import GruMemory, LinearMemory, LstmMemory, Memory
from selfsupervised.next_event import NextEvent
from selfsupervised.objectives import Predict, Reconstruct
from selfsupervised.scaling import Scaling
from selfsupervised.steps import Layout, Steps
from selfsupervised.trainer import Objective, Settings, Trained, Training, train


FEW = Settings(batch=128, learning_rate=0.01, decay=0.96, epochs=60, patience=8)
"""For some hundred to some thousand customers."""


@dataclass(frozen=True)
class Recipe:
    """What to train, and how."""

    kind: Literal["lstm", "linear", "gru"]
    hidden_size: int
    objectives: tuple[Objective, ...]
    settings: Settings = FEW
    plain: int = 0
    """Dimensions of a linear memory that read the plain shares alone."""

    def make(self, layout: Layout) -> Callable[[Scaling], Memory]:
        """Its memory for steps of this layout."""
        size = self.hidden_size
        if self.kind == "gru":
            return lambda scaling: GruMemory(scaling, size, layout.codes)
        if layout.codes:
            raise ValueError("only a GRU reads categories")
        if self.kind == "lstm":
            return lambda scaling: LstmMemory(scaling, size)
        return lambda scaling: LinearMemory(scaling, size, only_shares=not layout.others, plain=self.plain)

    def sized(self, hidden_size: int) -> Recipe:
        """The same with another state."""
        return replace(self, hidden_size=hidden_size)


S = Recipe("lstm", 64, (Reconstruct(), Predict()))
L = Recipe("linear", 64, (Reconstruct(), Predict()))
Z = Recipe("lstm", 16, (Reconstruct(), Predict()))
EVENTS = Recipe(
    "gru",
    64,
    (Reconstruct(), Predict(ahead=32), NextEvent(weight=0.3)),
    Settings(batch=64, learning_rate=0.01, decay=0.82, epochs=14, patience=4, weight_decay=0.0),
)


def train_recipe(recipe: Recipe, steps: Steps, seed: int, say: Callable[[str], None] | None = None) -> Trained:
    """A network from these customers alone."""
    return train(steps, recipe.make(steps.layout), recipe.objectives, recipe.settings, seed, say)


def untrained(recipe: Recipe, steps: Steps, seed: int) -> Trained:
    """The recipe's network before it learns anything, its inputs scaled: what the learning is worth."""
    training = Training(steps, steps.at(torch.arange(1)), recipe.make(steps.layout), recipe.objectives, recipe.settings, seed)
    training.progress.best = copy.deepcopy(training.learner.state_dict())
    return training.result()
