"""One training: from encoded histories to the weights that do best on customers it does not learn from.

It can be interrupted and started again: a checkpoint is kept after every epoch, and a resumed training ends in the same
numbers as one that was never interrupted. The same data, settings and machine give the same network, bit for bit.

Another processor adds in another order and rounds otherwise, and training makes more of it with every step. So it
computes in 64-bit numbers, though 32 are exported. Measured on the reference LSTM, trained with AVX2 and again with the
oldest instructions that PyTorch and MKL offer: the weights differ by 1.5e-11 at most, one of 3,469 exported ones differs,
and no R² does in the digits that are shown. Trained in 32-bit numbers on a part of the data, nine of ten differed. The
price is 40 % more time.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch

from augment import Variation, varied
from feed_forward import FeedForward
from linearity import Linearity
from network import SpendingPersonality, zero_state
from population import Population, Split
from traits import fit_standard, label

INPUT_SCALE = 64.0
"""Shares are small (about 1/K), and Adam moves all weights alike: scaled inputs let it learn classes as fast as the rest.

`exported` moves the scale into the weights afterwards. A power of two makes that exact.
"""

Network = SpendingPersonality | FeedForward

Module = TypeVar("Module", bound=torch.nn.Module)


@dataclass(frozen=True)
class Settings:
    """Everything that decides the outcome, besides the data."""

    seed: int
    hidden_size: int = 8
    recurrent: bool = True
    """An LSTM, or the feed-forward network that it is compared with."""
    batch: int = 256
    learning_rate: float = 0.01
    decay: float = 0.96
    """The learning rate is multiplied by this after every epoch."""
    epochs: int = 100
    patience: int = 20
    """Stop after this many epochs without a better validation."""
    linearity: float = 0.006
    """The weight of the linearity penalty. A feed-forward network has no dynamics to be linear: there it does not count."""
    warm_up: int = 10
    """Epochs before the penalty counts. From the start it would win: the most linear state is one that never moves."""

    @property
    def name(self) -> str:
        """Which of the trainings that run side by side."""
        return f"{'lstm' if self.recurrent else 'feed-forward'}-{self.hidden_size}"


@dataclass
class Progress:
    """Where the training stands; what a checkpoint must hold beside the network."""

    epoch: int = 0
    best_epoch: int = 0
    best_loss: float = float("inf")
    best_weights: dict[str, torch.Tensor] | None = None

    def finished(self, settings: Settings) -> bool:
        return self.epoch >= settings.epochs or self.epoch - self.best_epoch >= settings.patience


class Training:
    """The network, the linear map beside it, their optimiser and the random numbers: a checkpoint restores them all."""

    def __init__(self, settings: Settings, split: Split, coefficients: torch.Tensor) -> None:
        torch.manual_seed(settings.seed)
        self.settings = settings
        self.train = split.train.double()
        self.validation = split.validation.double()
        self.coefficients = coefficients
        self.standard = fit_standard(self.train.profiles, self.train.mask, coefficients)
        self.network = draw_precisely(make_network(settings, split.train.profiles.shape[2], len(coefficients)))
        self.linearity = draw_precisely(Linearity(split.train.profiles.shape[2], settings.hidden_size))
        self.optimiser = torch.optim.Adam(
            [*self.network.parameters(), *self.linearity.parameters()], lr=settings.learning_rate
        )
        self.schedule = torch.optim.lr_scheduler.ExponentialLR(self.optimiser, settings.decay)
        self.generator = torch.Generator().manual_seed(settings.seed)
        self.progress = Progress()

    def loss(self, variation: Variation) -> torch.Tensor:
        """What a training step makes smaller: the error of the traits, and what of the states is not linear."""
        inputs, mask = variation.shown * INPUT_SCALE, variation.history.mask
        states, error = self.judge(inputs, variation.history)
        if not self.settings.recurrent:
            return error
        # During the warm-up the map learns, but the network does not feel it.
        warming_up = self.progress.epoch < self.settings.warm_up
        penalty = self.linearity(inputs, states.detach() if warming_up else states, mask)
        return error + self.settings.linearity * penalty

    def judge(self, inputs: torch.Tensor, history: Population) -> tuple[torch.Tensor, torch.Tensor]:
        """The states, and the mean squared error of the traits over the periods that exist."""
        expected = label(history.profiles, self.coefficients, self.standard)
        start = zero_state(inputs, self.settings.hidden_size)
        states, outputs, _, _ = self.network(inputs, start, start)
        return states, (outputs - expected)[history.mask].square().mean()

    @torch.no_grad()
    def validate(self) -> float:
        """The error of the traits on whole histories of customers that are not learnt from."""
        return self.judge(self.validation.profiles * INPUT_SCALE, self.validation)[1].item()

    def run_epoch(self) -> float:
        """Shows the network every training customer once."""
        total = 0.0
        batches = torch.randperm(len(self.train), generator=self.generator).split(self.settings.batch)
        for rows in batches:
            self.optimiser.zero_grad()
            variations = varied(self.train.at(rows), self.generator)
            loss = torch.stack([self.loss(variation) for variation in variations]).mean()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
            self.optimiser.step()
            total += loss.item()
        self.schedule.step()
        return total / len(batches)

    def run(self, checkpoint: Path, identity: str) -> None:
        """Trains until validation gets no better."""
        progress = self.progress
        while not progress.finished(self.settings):
            started = time.monotonic()
            training_loss = self.run_epoch()
            validation_loss = self.validate()
            progress.epoch += 1
            better = validation_loss < progress.best_loss
            if better:
                progress.best_epoch, progress.best_loss = progress.epoch, validation_loss
                progress.best_weights = {name: value.clone() for name, value in self.network.state_dict().items()}
            self.save(checkpoint, identity)
            print(
                f"{self.settings.name}: epoch {progress.epoch:3d} of at most {self.settings.epochs}: "
                f"training {training_loss:.6f}, validation {validation_loss:.6f}{' *' if better else ''} "
                f"({time.monotonic() - started:.1f} s)",
                flush=True,
            )

    def save(self, checkpoint: Path, identity: str) -> None:
        """Writes beside the checkpoint and renames: an interruption leaves the old one or the new one, never half."""
        state = {
            "identity": identity,
            "network": self.network.state_dict(),
            "linearity": self.linearity.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "generator": self.generator.get_state(),
            "progress": asdict(self.progress),
        }
        beside = checkpoint.with_suffix(".new")
        torch.save(state, beside)
        beside.replace(checkpoint)

    def resume(self, checkpoint: Path, identity: str) -> None:
        """Goes on from a checkpoint of the same data and settings; another's is left unread."""
        state: dict[str, Any] = torch.load(checkpoint)
        if state["identity"] != identity:
            print(f"{self.settings.name}: the checkpoint is of other data or settings: starting over")
            return
        self.network.load_state_dict(state["network"])
        self.linearity.load_state_dict(state["linearity"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.schedule.load_state_dict(state["schedule"])
        self.generator.set_state(state["generator"])
        self.progress = Progress(**state["progress"])
        print(f"{self.settings.name}: going on after epoch {self.progress.epoch} (--fresh starts over)")

    def exported(self) -> Network:
        """The best network in 32-bit numbers, with the input scale inside its weights: it takes plain shares."""
        if self.progress.best_weights is None:
            raise ValueError("no epoch was ever better: is the loss a number?")
        network = make_network(self.settings, self.train.profiles.shape[2], len(self.coefficients)).double()
        network.load_state_dict(self.progress.best_weights)
        network.scale_input(INPUT_SCALE)
        return network.float().eval()


def make_network(settings: Settings, classes: int, traits: int) -> Network:
    """The kind of network that the settings ask for, untrained."""
    kind = SpendingPersonality if settings.recurrent else FeedForward
    return kind(classes, traits, settings.hidden_size)


def draw_precisely(module: Module) -> Module:
    """The same module in 64-bit numbers, its weights drawn as such: in 32 bits processors differ in the last one."""
    module.double()
    for layer in module.children():
        layer.reset_parameters()
    return module


def make_deterministic() -> None:
    """One thread: sums are then always taken in one order, however many cores there are."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
