"""The network of one fold: it learns from the fold's training customers, without labels.

It is `models/train/selfsupervised` with a recipe that is the same for every study and every fold: S, an LSTM, or L, a memory
that moves linearly. The state must be able to tell what the history was and what the next periods will be; the traits
of the next period are a small task beside, because they are what a bundle's outputs are named after.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import nn

from reference import Population
from selfsupervised import L, Recipe, S, Steps, Trained as Learnt, Traits, network_of, train_recipe, write_network
from selfsupervised import untrained as untrained_recipe

Network = nn.Module
"""`forward(x [B,T,K], h, c [1,B,H]) -> (states, outputs, h, c)`, with `hidden_size`."""

LAYERS = 1
RECIPES = {"S": S, "L": L}


@dataclass(frozen=True)
class Settings:
    """The same for every study and every fold: no fold chooses them."""

    recipe: str = "S"
    """S or L."""
    hidden_size: int = 64
    trait_weight: float = 0.1
    """Of the traits, beside 1 for each of the other objectives."""
    epochs: int | None = None
    """At most; the recipe's own number if none is given."""


@dataclass(frozen=True)
class Trained:
    network: Network
    r_squared: list[float]
    """Per trait of the next period, on the customers that the training was stopped by."""
    measures: dict[str, float]
    """R² of each objective, on the same customers."""


def recipe(coefficients: torch.Tensor, settings: Settings) -> Recipe:
    """The recipe with the traits beside it."""
    chosen = RECIPES[settings.recipe].sized(settings.hidden_size)
    traits = Traits(coefficients, settings.trait_weight, following=True)
    limits = chosen.settings if settings.epochs is None else replace(chosen.settings, epochs=settings.epochs)
    return replace(chosen, objectives=(*chosen.objectives, traits), settings=limits)


def train(population: Population, coefficients: torch.Tensor, settings: Settings, seed: int) -> Trained:
    """Trains on these customers alone: their standardisation, their order and their early stopping."""
    return trained(train_recipe(recipe(coefficients, settings), Steps.of_population(population), seed))


def untrained(population: Population, coefficients: torch.Tensor, settings: Settings, seed: int) -> Network:
    """A network as it is before it learns anything, its inputs scaled: what it is worth to have learnt."""
    return network_of(untrained_recipe(recipe(coefficients, settings), Steps.of_population(population), seed))


def trained(learnt: Learnt) -> Trained:
    """What a fold needs of a training."""
    r_squared = [value for name, value in learnt.measures.items() if name.startswith("trait ")]
    return Trained(network_of(learnt), r_squared, learnt.measures)


def export(network: Network, path: Path) -> None:
    """Writes the TorchScript that a bundle is built around."""
    write_network(network, path)


def make_deterministic() -> None:
    """One thread: sums are then always taken in one order, however many cores there are."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
