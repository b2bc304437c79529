"""Training of a memory by objectives that are mixed by their weights, until held-out customers gain nothing more.

It can be interrupted and started again with a checkpoint: a resumed training ends in the same numbers. The same data,
settings and machine give the same network.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import nn

from linearity import Linearity
from selfsupervised.memory import Memory, states_of
from selfsupervised.objectives import Head
from selfsupervised.scaling import Scaling, fit_scaling
from selfsupervised.steps import Steps
from selfsupervised.variation import Vary, as_it_is


class Objective(Protocol):
    """What is mixed: a weight, and a head for these customers."""

    @property
    def weight(self) -> float: ...

    def head(self, learning: Steps, scaling: Scaling, hidden_size: int) -> Head: ...


MakeMemory = Callable[[Scaling], Memory]
"""A memory over inputs that are scaled so, with weights drawn anew."""


@dataclass(frozen=True)
class Settings:
    """How to train, besides what."""

    batch: int = 64
    learning_rate: float = 0.005
    decay: float = 0.98
    """The learning rate is multiplied by this after every epoch."""
    weight_decay: float = 1e-4
    epochs: int = 120
    patience: int = 15
    """Stop after so many epochs without a better loss on the customers that are kept apart."""
    stopping_part: float = 0.15
    """So many customers are kept apart for that, unless others are given."""
    linearity: float = 0.0
    """The weight of the penalty that draws the memory towards linear dynamics (`linearity.py`); 0 is none."""
    warm_up: int = 5
    """Epochs before the penalty counts: from the start it would win, since a state that never moves is the most linear one."""
    plain_shares: bool = False
    """Whether the memory reads the shares beside their roots."""
    precise: bool = False
    """Train in 64-bit numbers, which round alike on every processor; it takes about half as long again."""


@dataclass
class Progress:
    """Where the training stands, as a checkpoint holds it."""

    epoch: int = 0
    best_epoch: int = 0
    best_loss: float = float("inf")
    best: dict[str, Any] | None = None
    seconds: float = 0.0

    def finished(self, settings: Settings) -> bool:
        return self.epoch >= settings.epochs or self.epoch - self.best_epoch >= settings.patience


@dataclass(frozen=True)
class Trained:
    """The memory and the heads that did best on customers kept apart, and the numbers for a card."""

    memory: Memory
    heads: list[Head]
    epochs: int
    best_epoch: int
    loss: float
    """The weighted loss on the customers kept apart."""
    measures: dict[str, float]
    """What the heads tell from the state, on the same customers."""
    seconds: float
    parameters: int
    """Of the memory and the heads."""
    scaling: Scaling = field(repr=False)

    @torch.no_grad()
    def states(self, steps: Steps) -> torch.Tensor:
        """[B, T, H]."""
        dtype = next(self.memory.parameters()).dtype
        return states_of(self.memory, steps.numbers.to(dtype), steps.categories)

    def last_states(self, steps: Steps) -> torch.Tensor:
        """[B, H]: after each customer's last step."""
        return self.states(steps)[torch.arange(len(steps)), steps.lengths - 1]

    def head(self, kind: type[Head]) -> Head:
        """The head of this kind. Raises `LookupError` if it was not trained."""
        for one in self.heads:
            if isinstance(one, kind):
                return one
        raise LookupError(f"no {kind.__name__} was trained")


class Learner(nn.Module):
    """Memory, heads and the linear map beside them: all that is learnt."""

    def __init__(self, memory: Memory, heads: list[Head], weights: list[float], numbers: int) -> None:
        super().__init__()
        self.memory, self.heads, self.weights = memory, nn.ModuleList(heads), weights
        self.linearity = Linearity(numbers, memory.hidden_size)

    def losses(self, shown: Steps, truth: Steps, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """The weighted loss, and the states it comes from."""
        states = states_of(self.memory, shown.numbers, shown.categories)
        parts = [
            weight * head.loss(states, truth, self.memory, generator) for weight, head in zip(self.weights, self.heads)
        ]
        return torch.stack(parts).sum(), states


class Training:
    """A training that goes on epoch by epoch; a checkpoint restores all of it."""

    def __init__(
        self,
        learning: Steps,
        stopping: Steps,
        make: MakeMemory,
        objectives: Sequence[Objective],
        settings: Settings,
        seed: int,
        vary: Vary = as_it_is,
    ) -> None:
        torch.manual_seed(seed)
        dtype = torch.float64 if settings.precise else torch.float32
        self.settings, self.vary = settings, vary
        self.learning, self.stopping = learning.to(dtype), stopping.to(dtype)
        self.seed = seed
        scaling = fit_scaling(learning, settings.plain_shares).to(dtype)
        memory = make(scaling).to(dtype)
        heads = [one.head(self.learning, scaling, memory.hidden_size).to(dtype) for one in objectives]
        weights = [one.weight for one in objectives]
        self.learner = Learner(memory, heads, weights, learning.numbers.shape[2]).to(dtype)
        size = self.learning.numbers[learning.mask].square().mean(dim=0).sqrt()
        self.loudness = 1.0 / size.clamp(min=max(float(size.max()) / 3000, 1e-12))
        self.optimiser = torch.optim.Adam(
            self.learner.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
        )
        self.schedule = torch.optim.lr_scheduler.ExponentialLR(self.optimiser, settings.decay)
        self.generator = torch.Generator().manual_seed(seed)
        self.progress = Progress()

    def loss(self, shown: Steps, truth: Steps) -> torch.Tensor:
        """What a step makes smaller: the objectives, and what of the states is not linear."""
        loss, states = self.learner.losses(shown, truth, self.generator)
        if self.settings.linearity == 0.0:
            return loss
        if self.progress.epoch < self.settings.warm_up:
            states = states.detach()
        penalty = self.learner.linearity(shown.numbers * self.loudness, states, shown.mask)
        return loss + self.settings.linearity * penalty

    def run_epoch(self) -> float:
        """Shows every customer once; gives the mean loss."""
        self.learner.train()
        total, batches = 0.0, torch.randperm(len(self.learning), generator=self.generator).split(self.settings.batch)
        for rows in batches:
            self.optimiser.zero_grad()
            variations = self.vary(self.learning.at(rows).trimmed(), self.generator)
            loss = torch.stack([self.loss(one.shown, one.truth) for one in variations]).mean()
            loss.backward()
            nn.utils.clip_grad_norm_(self.learner.parameters(), 1.0)
            self.optimiser.step()
            total += loss.item()
        self.schedule.step()
        return total / len(batches)

    @torch.no_grad()
    def judge(self) -> float:
        """The objectives on the customers kept apart; the penalty counts too, or it would be undone."""
        self.learner.eval()
        # Contrast draws sub-sequences: the same ones at each epoch, or chance would choose.
        generator, total = torch.Generator().manual_seed(self.seed), 0.0
        for rows in torch.arange(len(self.stopping)).split(1024):
            part = self.stopping.at(rows).trimmed()
            loss, states = self.learner.losses(part, part, generator)
            if self.settings.linearity and self.progress.epoch >= self.settings.warm_up:
                loss = loss + self.settings.linearity * self.learner.linearity(
                    part.numbers * self.loudness, states, part.mask
                )
            total += loss.item() * len(rows)
        return total / len(self.stopping)

    def run(
        self, checkpoint: Path | None = None, identity: str = "", say: Callable[[str], None] | None = None
    ) -> Trained:
        """Trains to the end, from the checkpoint of the same identity if there is one."""
        progress, settings = self.progress, self.settings
        while not progress.finished(settings):
            started = time.monotonic()
            if settings.linearity and progress.epoch == settings.warm_up:
                # From here on the loss has the penalty in it, so it cannot be compared with the ones before.
                progress.best_loss = float("inf")
            learnt, judged = self.run_epoch(), self.judge()
            progress.epoch += 1
            better = judged < progress.best_loss
            if better:
                progress.best_epoch, progress.best_loss = progress.epoch, judged
                progress.best = copy.deepcopy(self.learner.state_dict())
            progress.seconds += time.monotonic() - started
            if checkpoint is not None:
                self.save(checkpoint, identity)
            if say is not None:
                say(
                    f"epoch {progress.epoch:3d} of at most {settings.epochs}: training {learnt:.5f}, "
                    f"kept apart {judged:.5f}{' *' if better else ''} ({progress.seconds:.0f} s)"
                )
        return self.result()

    def result(self) -> Trained:
        """The best epoch's memory and heads."""
        progress = self.progress
        if progress.best is None:
            raise ValueError("no epoch was ever better: is the loss a number?")
        self.learner.load_state_dict(progress.best)
        learner = self.learner.eval()
        with torch.no_grad():
            states = states_of(learner.memory, self.stopping.numbers, self.stopping.categories)
            measures: dict[str, float] = {}
            for head in learner.heads:
                measures |= head.measures(states, self.stopping)
        counted = [*learner.memory.parameters(), *learner.heads.parameters()]
        return Trained(
            memory=learner.memory,
            heads=list(learner.heads),
            epochs=progress.epoch,
            best_epoch=progress.best_epoch,
            loss=progress.best_loss,
            measures=measures,
            seconds=progress.seconds,
            parameters=sum(weight.numel() for weight in counted),
            scaling=learner.memory.scaling,
        )

    def save(self, checkpoint: Path, identity: str) -> None:
        """Writes beside the checkpoint and renames: an interruption leaves the old one or the new one."""
        parts = (self.learner, self.optimiser, self.schedule)
        state = {
            "identity": identity,
            "parts": [part.state_dict() for part in parts],
            "generator": self.generator.get_state(),
            "progress": vars(self.progress),
        }
        beside = checkpoint.with_suffix(".new")
        torch.save(state, beside)
        beside.replace(checkpoint)

    def resume(self, checkpoint: Path, identity: str) -> bool:
        """Goes on from a checkpoint of the same data and settings; another's is left unread."""
        state: dict[str, Any] = torch.load(checkpoint)
        if state["identity"] != identity:
            return False
        for part, saved in zip((self.learner, self.optimiser, self.schedule), state["parts"]):
            part.load_state_dict(saved)
        self.generator.set_state(state["generator"])
        self.progress = Progress(**state["progress"])
        return True


def train(
    steps: Steps,
    make: MakeMemory,
    objectives: Sequence[Objective],
    settings: Settings,
    seed: int,
    say: Callable[[str], None] | None = None,
    vary: Vary = as_it_is,
) -> Trained:
    """Trains on these customers alone: a part of them is kept apart to stop by."""
    order = torch.randperm(len(steps), generator=torch.Generator().manual_seed(seed))
    apart = max(1, round(settings.stopping_part * len(steps)))
    learning, stopping = steps.at(order[apart:]), steps.at(order[:apart])
    return Training(learning, stopping, make, objectives, settings, seed, vary).run(say=say)
