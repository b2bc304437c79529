"""Trains one candidate of `spending-features`: `python spending_features.py ENCODED TAXONOMY --work DIR --hidden-size H`.

The traits of the label rule are one head among others: the state must also tell what the history was and what comes, so it
keeps what no trait asks for. Interrupted, the training goes on after the last finished epoch.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from torch import nn

from augment import varied
from evaluate import Measures, measure
from population import Population, Split, digest, read_population, split_population
from selfsupervised import (
    Layout,
    Predict,
    Recipe,
    Reconstruct,
    Settings,
    Steps,
    Trained,
    Traits,
    Variation,
    network_of,
    write_network,
)
from selfsupervised.trainer import Training
from selfsupervised.trait_head import TraitHead
from surrogate_check import Fidelity, fidelity
from taxonomy import TRAITS, read_taxonomy
from training import make_deterministic

HERE = Path(__file__).parent
EXAMPLES = 6
"""Test customers that the export makes golden cases of."""

TRAIT_WEIGHT = 8.0
"""Beside 1 for the others: the traits must be told as well as by a network that learns nothing else."""

PLAIN = 8
"""Dimensions that read plain shares and no roots, and tell the traits: the rule is linear in the shares, and so is what a
surrogate recovers of it. Version 1 has as many in all."""

BATCH = 512
"""Of 16,000 customers. A training on fewer has smaller batches, so that it takes as many steps."""

SETTINGS = Settings(
    batch=BATCH,
    learning_rate=0.015,
    decay=0.75,
    weight_decay=0.0,
    epochs=11,
    patience=5,
    linearity=0.8,
    warm_up=2,
    plain_shares=True,
)


@dataclass(frozen=True)
class Candidate:
    """A finished training with what was measured of it."""

    memory: str
    hidden_size: int
    loss: float
    """On the validation customers: what the heads leave unexplained (1 - R²), the sum of the objectives. The penalty has no
    part in it, so that sizes can be compared."""
    measures: dict[str, float]
    """R² of the objectives, on the test customers."""
    traits: Measures
    fidelity: Fidelity
    epochs: int
    best_epoch: int
    parameters: int
    standard: dict[str, list[float]]
    """`mean` and `deviation` of each raw trait."""
    customers: dict[str, int]

    @property
    def name(self) -> str:
        """As messages and tables have it."""
        return f"{self.memory}-{self.hidden_size}"


def write_candidate(found: Candidate, network: nn.Module, examples: torch.Tensor, folder: Path) -> None:
    """`model.pt`, the numbers as JSON, and the test customers that the export makes golden cases of."""
    write_network(network, folder / "model.pt")
    torch.save(examples.clone(), folder / "examples.pt")
    (folder / "candidate.json").write_text(json.dumps(asdict(found), indent=1), encoding="utf-8")


def read_candidate(folder: Path) -> Candidate:
    """Reads back what `write_candidate` wrote."""
    content = json.loads((folder / "candidate.json").read_text(encoding="utf-8"))
    return Candidate(**{
        **content, "traits": Measures(**content["traits"]), "fidelity": Fidelity(**content["fidelity"])
    })  # fmt: skip


def recipe(memory: str, hidden_size: int, coefficients: torch.Tensor, customers: int = 16_000) -> Recipe:
    """What a candidate learns from so many customers."""
    plain = min(PLAIN, hidden_size // 2) if memory == "linear" else 0
    objectives = (Reconstruct(), Predict(), Traits(coefficients, TRAIT_WEIGHT, reads=plain or None))
    settings = replace(SETTINGS, batch=max(16, min(BATCH, BATCH * customers // 16_000)))
    return Recipe(memory, hidden_size, objectives, settings, plain)


def vary(steps: Steps, generator: torch.Generator) -> list[Variation]:
    """The variations of `augment.py`, which explanations, kept states and attractors need."""
    found = varied(Population(steps.numbers, steps.lengths), generator)
    return [
        Variation(
            Steps.of_population(Population(one.shown, one.history.lengths)), Steps.of_population(one.history)
        )
        for one in found
    ]


@torch.no_grad()
def judged(trained: Trained, population: Population) -> dict[str, float]:
    """What the heads tell of customers who had no part in the training."""
    steps = Steps.of_population(population.double())
    states = trained.states(steps)
    found: dict[str, float] = {}
    for head in trained.heads:
        found |= head.measures(states, steps)
    return found


def unexplained(measures: dict[str, float]) -> float:
    """The sum of 1 - R² of the objectives, that of the traits being their mean."""
    traits = [1 - measures[f"trait {place} R²"] for place in range(len(TRAITS))]
    return sum(1 - measures[f"{name} R²"] for name in ("reconstruct", "predict")) + sum(traits) / len(traits)


def candidate(trained: Trained, chosen: Recipe, split: Split, coefficients: torch.Tensor) -> Candidate:
    """Measures a finished training. The network becomes one of 32-bit numbers by it."""
    standard = trained.head(TraitHead).standard
    measures, validation, found = judged(trained, split.test), judged(trained, split.validation), fidelity(trained, split)
    network = network_of(trained)
    return Candidate(
        memory=chosen.kind,
        hidden_size=chosen.hidden_size,
        loss=unexplained(validation),
        measures=measures,
        traits=measure(network, split.test, coefficients, standard),
        fidelity=found,
        epochs=trained.epochs,
        best_epoch=trained.best_epoch,
        parameters=sum(weight.numel() for weight in network.parameters()),
        standard={"mean": standard.mean.tolist(), "deviation": standard.deviation.tolist()},
        customers={"train": len(split.train), "validation": len(split.validation), "test": len(split.test)},
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("encoded", type=Path, help="what `microseg encode` printed")
    parser.add_argument("taxonomy", type=Path, help="taxonomy.csv of the bundle")
    parser.add_argument("--work", type=Path, required=True, help="where the checkpoint and the candidate go")
    parser.add_argument("--hidden-size", type=int, required=True, help="dimensions of the state")
    parser.add_argument("--customers", type=int, help="learn from so many of the training customers, to compare sizes")
    parser.add_argument("--memory", choices=("lstm", "linear"), default="linear")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fresh", action="store_true", help="start over, though there is a checkpoint")
    arguments = parser.parse_args()

    make_deterministic()
    taxonomy = read_taxonomy(arguments.taxonomy)
    split = split_population(read_population(arguments.encoded, len(taxonomy.classes)), arguments.seed)
    if arguments.customers is not None:
        split = replace(split, train=split.train.at(torch.arange(min(arguments.customers, len(split.train)))))
    chosen = recipe(arguments.memory, arguments.hidden_size, taxonomy.coefficients, len(split.train))
    name = f"{chosen.kind}-{chosen.hidden_size}"
    learning, stopping = Steps.of_population(split.train), Steps.of_population(split.validation)
    make = chosen.make(Layout.of_shares(len(taxonomy.classes)))
    training = Training(learning, stopping, make, chosen.objectives, chosen.settings, arguments.seed, vary)

    names = ("augment", "linearity", "network", "personality", "population", "traits")
    sources = [*(HERE / f"{one}.py" for one in names), *sorted((HERE / "selfsupervised").glob("*.py"))]
    identity = f"{name} {arguments.seed} {len(split.train)} {digest(arguments.encoded, arguments.taxonomy, *sources)}"
    arguments.work.mkdir(parents=True, exist_ok=True)
    checkpoint = arguments.work / "checkpoint.pt"
    if checkpoint.exists() and not arguments.fresh and training.resume(checkpoint, identity):
        print(f"{name}: going on after epoch {training.progress.epoch}", flush=True)
    trained = training.run(checkpoint, identity, say=lambda line: print(f"{name}: {line}", flush=True))
    found = candidate(trained, chosen, split, taxonomy.coefficients)
    full = split.test.profiles[split.test.lengths == split.test.profiles.shape[1]]
    write_candidate(found, network_of(trained), full[:EXAMPLES], arguments.work)
    print(f"{name}: {json.dumps(asdict(found))}", flush=True)


if __name__ == "__main__":
    main()
