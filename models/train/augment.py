"""Variations of the training customers: what the service asks the network that no plain history shows it.

Explanations take classes and periods away from a history. A kept state continues a sequence beyond the window, and
attractors are found by holding one profile for many periods. The label rule answers for all of these, so they are
labelled and learnt like any other history.

The last variation is of another kind: classes are hidden from the network, but the traits it should tell are those of
the whole history. Part of what a customer spends is always unseen: cash, other banks, what nobody classified. A network
that has to judge from a part learns which classes go together, though the label rule says nothing of it. This is the
papers' finding that the coefficients hold "relationships that were not directly evident in the raw data".
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from population import Population

LONG = 4
"""A lengthened batch has up to this many times the window's periods."""


@dataclass(frozen=True)
class Variation:
    """What the network is shown, and the histories whose traits it should tell."""

    shown: torch.Tensor
    """[B, T, K]: profiles of the periods of `history`."""

    history: Population


def without_classes(profiles: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Takes up to half of the classes out of each history, and computes the shares again."""
    batch, _, classes = profiles.shape
    share_removed = 0.5 * torch.rand(batch, 1, 1, generator=generator)
    kept = profiles * (torch.rand(batch, 1, classes, generator=generator) >= share_removed)
    total = kept.sum(dim=2, keepdim=True)
    return torch.where(total > 0, kept / total, 0.0)


def without_periods(profiles: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Empties about a fifth of the periods."""
    batch, periods, _ = profiles.shape
    return profiles * (torch.rand(batch, periods, 1, generator=generator) >= 0.2)


def lengthened(population: Population, generator: torch.Generator) -> Population:
    """Histories of `LONG` windows: each period is held from the one before, or drawn from some customer's."""
    batch, window, _ = population.profiles.shape
    periods = LONG * window
    rows = population.profiles[population.mask]
    drawn = torch.randint(len(rows), (batch, periods), generator=generator)
    # How readily a profile changes differs by history: some hold one to the end, some never do.
    change = torch.rand(batch, periods, generator=generator) < torch.rand(batch, 1, generator=generator)
    change[:, 0] = True
    last_change = torch.where(change, torch.arange(periods), 0).cummax(dim=1).values
    return Population(rows[drawn.gather(1, last_change)], torch.full((batch,), periods))


def hidden(population: Population, generator: torch.Generator) -> Variation:
    """Up to half of each history's classes are not shown; the traits stay those of the whole history."""
    return Variation(without_classes(population.profiles, generator), population)


def varied(population: Population, generator: torch.Generator) -> list[Variation]:
    """The batches of one training step: the customers as they are, and three variations.

    Two of them are of a quarter of the customers: their labels follow the same rule, which is quickly learnt. Which
    classes go together shows only faintly, and in large numbers: that variation is of all customers.
    """
    quarter = max(1, len(population) // 4)
    first, last = torch.arange(quarter), torch.arange(len(population) - quarter, len(population))
    to_reduce = population.at(first)
    reduced = without_periods(without_classes(to_reduce.profiles, generator), generator)
    histories = [population, Population(reduced, to_reduce.lengths), lengthened(population.at(last), generator)]
    return [*(Variation(history.profiles, history) for history in histories), hidden(population, generator)]
