"""Variations of the training customers: what the service asks the network that no plain history shows it.

Explanations take classes and periods away from a history. A kept state continues a sequence beyond the window, and
attractors are found by holding one profile for many periods. The label rule answers for all of these, so they are
labelled and learnt like any other history.
"""

from __future__ import annotations

import torch

from population import Population

LONG = 4
"""A lengthened batch has up to this many times the window's periods."""


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


def varied(population: Population, generator: torch.Generator) -> list[Population]:
    """The batches of one training step: the customers as they are, and two variations of a quarter of them each."""
    quarter = max(1, len(population) // 4)
    first, second = population.at(torch.arange(quarter)), population.at(torch.arange(len(population) - quarter, len(population)))
    reduced = without_periods(without_classes(first.profiles, generator), generator)
    return [population, Population(reduced, first.lengths), lengthened(second, generator)]
