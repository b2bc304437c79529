"""Trains the reference network on encoded histories: `python train.py ENCODED TAXONOMY --work DIR`.

It can be interrupted and started again: a checkpoint is kept after every epoch, and a resumed training ends in the same
numbers as one that was never interrupted. The same data, settings and machine give the same network.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from augment import varied
from evaluate import measure
from network import SpendingPersonality, zero_state
from population import Population, Split, digest, read_population, split_population
from taxonomy import TRAITS, read_taxonomy
from traits import Standard, fit_standard, label

INPUT_SCALE = 64.0
"""Shares are small (about 1/K), and Adam moves all weights alike: scaled inputs let it learn classes as fast as the rest.

`folded` moves the scale into the weights afterwards. A power of two makes that exact.
"""

EXAMPLES = 6
"""Test customers that the export makes golden cases of."""


@dataclass(frozen=True)
class Settings:
    """Everything that decides the outcome, besides the data."""

    seed: int
    batch: int = 256
    learning_rate: float = 0.01
    decay: float = 0.97
    """The learning rate is multiplied by this after every epoch."""
    epochs: int = 150
    patience: int = 20
    """Stop after this many epochs without a better validation."""


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
    """One training: the network, its optimiser and the random numbers, all of which a checkpoint restores."""

    def __init__(self, settings: Settings, split: Split, coefficients: torch.Tensor) -> None:
        torch.manual_seed(settings.seed)
        self.settings = settings
        self.split = split
        self.coefficients = coefficients
        self.standard = fit_standard(split.train.profiles, split.train.mask, coefficients)
        self.network = SpendingPersonality(split.train.profiles.shape[2], len(coefficients))
        self.optimiser = torch.optim.Adam(self.network.parameters(), lr=settings.learning_rate)
        self.schedule = torch.optim.lr_scheduler.ExponentialLR(self.optimiser, settings.decay)
        self.generator = torch.Generator().manual_seed(settings.seed)
        self.progress = Progress()

    def loss(self, population: Population) -> torch.Tensor:
        """The mean squared error of the traits over the periods that exist."""
        expected = label(population.profiles, self.coefficients, self.standard)
        start = zero_state(len(population))
        _, outputs, _, _ = self.network(population.profiles * INPUT_SCALE, start, start)
        return (outputs - expected)[population.mask].square().mean()

    def run_epoch(self) -> float:
        """Shows the network every training customer once."""
        total = 0.0
        batches = torch.randperm(len(self.split.train), generator=self.generator).split(self.settings.batch)
        for rows in batches:
            self.optimiser.zero_grad()
            batch = self.split.train.at(rows)
            loss = torch.stack([self.loss(part) for part in varied(batch, self.generator)]).mean()
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
            with torch.no_grad():
                validation_loss = self.loss(self.split.validation).item()
            progress.epoch += 1
            better = validation_loss < progress.best_loss
            if better:
                progress.best_epoch, progress.best_loss = progress.epoch, validation_loss
                progress.best_weights = {name: value.clone() for name, value in self.network.state_dict().items()}
            self.save(checkpoint, identity)
            print(
                f"epoch {progress.epoch:3d} of at most {self.settings.epochs}: "
                f"training {training_loss:.6f}, validation {validation_loss:.6f}{' *' if better else ''} "
                f"({time.monotonic() - started:.1f} s)",
                flush=True,
            )

    def save(self, checkpoint: Path, identity: str) -> None:
        """Writes beside the checkpoint and renames: an interruption leaves the old one or the new one, never half."""
        state = {
            "identity": identity,
            "network": self.network.state_dict(),
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
            print("the checkpoint is of other data or settings: starting over")
            return
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.schedule.load_state_dict(state["schedule"])
        self.generator.set_state(state["generator"])
        self.progress = Progress(**state["progress"])
        print(f"going on after epoch {self.progress.epoch} (--fresh starts over)")

    def folded(self) -> SpendingPersonality:
        """The best network, with the input scale inside its weights: it takes plain shares."""
        network = SpendingPersonality(self.split.train.profiles.shape[2], len(self.coefficients))
        if self.progress.best_weights is None:
            raise ValueError("no epoch was ever better: is the loss a number?")
        network.load_state_dict(self.progress.best_weights)
        with torch.no_grad():
            network.lstm.weight_ih_l0.mul_(INPUT_SCALE)
        return network.eval()


def make_deterministic() -> None:
    """One thread: sums are then always taken in one order, however many cores there are."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)


def full_windows(population: Population) -> torch.Tensor:
    """The profiles of the customers whose histories fill the window."""
    return population.profiles[population.lengths == population.profiles.shape[1]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("encoded", type=Path, help="what `microseg encode` printed")
    parser.add_argument("taxonomy", type=Path, help="taxonomy.csv of the bundle")
    parser.add_argument("--work", type=Path, required=True, help="where the checkpoint and trained.pt go")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fresh", action="store_true", help="start over, though there is a checkpoint")
    arguments = parser.parse_args()

    make_deterministic()
    settings = Settings(seed=arguments.seed)
    taxonomy = read_taxonomy(arguments.taxonomy)
    print(f"reading {arguments.encoded}", flush=True)
    population = read_population(arguments.encoded, len(taxonomy.classes))
    split = split_population(population, settings.seed)
    print(f"{len(split.train)} customers to learn from, {len(split.validation)} to stop by, {len(split.test)} to judge by")

    training = Training(settings, split, taxonomy.coefficients)
    source = Path(__file__).parent
    rules = [source / name for name in ("augment.py", "network.py", "population.py", "train.py", "traits.py")]
    identity = f"{settings} {digest(arguments.encoded, arguments.taxonomy, *rules)}"
    checkpoint = arguments.work / "checkpoint.pt"
    if checkpoint.exists() and not arguments.fresh:
        training.resume(checkpoint, identity)
    try:
        training.run(checkpoint, identity)
    except KeyboardInterrupt:
        raise SystemExit("interrupted: run it again to go on after the last finished epoch") from None

    network = training.folded()
    measures = measure(network, split.test, taxonomy.coefficients, training.standard)
    for measure_name, by_trait in asdict(measures).items():
        print(f"R² {measure_name:13s}" + "".join(f" {trait} {value:.4f}" for trait, value in zip(TRAITS, by_trait)))
    torch.save(
        {
            "weights": network.state_dict(),
            "measures": asdict(measures),
            "standard": asdict(training.standard),
            "settings": asdict(settings),
            "examples": full_windows(split.test)[:EXAMPLES].clone(),
            "epochs": training.progress.epoch,
            "best_epoch": training.progress.best_epoch,
            "customers": {"train": len(split.train), "validation": len(split.validation), "test": len(split.test)},
        },
        arguments.work / "trained.pt",
    )


if __name__ == "__main__":
    main()
