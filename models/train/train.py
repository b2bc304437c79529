"""Trains one network on encoded histories: `python train.py ENCODED TAXONOMY --work DIR --hidden-size H`.

Interrupted, it goes on after the last finished epoch.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

import torch

from candidates import Candidate, write_candidate
from evaluate import measure
from population import Population, digest, read_population, split_population
from taxonomy import TRAITS, read_taxonomy
from training import Settings, Training, make_deterministic

SOURCES = ("augment", "feed_forward", "linearity", "network", "population", "training", "traits")
"""The modules that decide the outcome: a checkpoint is of no use when one of them has changed."""

EXAMPLES = 6
"""Test customers that the export makes golden cases of."""


def full_windows(population: Population) -> torch.Tensor:
    """The profiles of the customers whose histories fill the window."""
    return population.profiles[population.lengths == population.profiles.shape[1]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("encoded", type=Path, help="what `microseg encode` printed")
    parser.add_argument("taxonomy", type=Path, help="taxonomy.csv of the bundle")
    parser.add_argument("--work", type=Path, required=True, help="where the checkpoint and trained.pt go")
    parser.add_argument("--hidden-size", type=int, required=True, help="dimensions of the state")
    parser.add_argument("--feed-forward", action="store_true", help="train the comparator instead of an LSTM")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fresh", action="store_true", help="start over, though there is a checkpoint")
    arguments = parser.parse_args()

    make_deterministic()
    settings = Settings(arguments.seed, arguments.hidden_size, recurrent=not arguments.feed_forward)
    taxonomy = read_taxonomy(arguments.taxonomy)
    split = split_population(read_population(arguments.encoded, len(taxonomy.classes)), settings.seed)
    parts = f"{len(split.train)} customers to learn from, {len(split.validation)} to stop by, {len(split.test)} to judge by"
    print(f"{settings.name}: {parts}", flush=True)

    training = Training(settings, split, taxonomy.coefficients)
    sources = [Path(__file__).parent / f"{name}.py" for name in SOURCES]
    identity = f"{settings} {digest(arguments.encoded, arguments.taxonomy, *sources)}"
    arguments.work.mkdir(parents=True, exist_ok=True)
    checkpoint = arguments.work / "checkpoint.pt"
    if checkpoint.exists() and not arguments.fresh:
        training.resume(checkpoint, identity)
    try:
        training.run(checkpoint, identity)
    except KeyboardInterrupt:
        raise SystemExit("interrupted: run it again to go on after the last finished epoch") from None

    network = training.exported()
    measures = measure(network, split.test, taxonomy.coefficients, training.standard)
    for measure_name, by_trait in asdict(measures).items():
        values = "".join(f" {trait} {value:.4f}" for trait, value in zip(TRAITS, by_trait))
        print(f"{settings.name}: R² {measure_name:13s}{values}", flush=True)
    candidate = Candidate(
        settings=settings,
        network=network,
        measures=measures,
        validation_loss=training.progress.best_loss,
        epochs=training.progress.epoch,
        best_epoch=training.progress.best_epoch,
        standard=training.standard,
        examples=full_windows(split.test)[:EXAMPLES].clone(),
        customers={"train": len(split.train), "validation": len(split.validation), "test": len(split.test)},
    )
    write_candidate(candidate, arguments.work)


if __name__ == "__main__":
    main()
