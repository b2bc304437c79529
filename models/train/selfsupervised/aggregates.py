"""Aggregates of a history: what a modeller would compute from it by hand, after every step.

A history has *parts*, numbers from 0 to 1 that say how much of each kind there is (the shares of a period, or 1 for an event's
code), and *levels*, all other numbers, in standard deviations.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn import functional

from selfsupervised.scaling import Scaling
from selfsupervised.steps import Steps


@dataclass(frozen=True)
class Content:
    """Parts and levels of steps."""

    parts: torch.Tensor
    """[B, T, P]."""
    levels: torch.Tensor
    """[B, T, M]."""
    seen: torch.Tensor
    """[B, T], 0 or 1: does the step say something?"""
    mask: torch.Tensor
    """[B, T]: does the step exist?"""


def content(steps: Steps, scaling: Scaling) -> Content:
    """Takes the steps apart."""
    numbers = steps.numbers
    parts = [numbers[:, :, steps.layout.shares]]
    for place, count in enumerate(steps.layout.codes):
        parts.append(functional.one_hot(steps.categories[:, :, place], count).to(numbers.dtype))
    levels = scaling(numbers)[:, :, steps.layout.others]
    return Content(torch.cat(parts, dim=2), levels, steps.seen.to(numbers.dtype), steps.mask)


def running_mean(values: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
    """The mean of all steps up to each one, [B, T, P]; steps that say nothing do not count."""
    total = (values * seen.unsqueeze(2)).cumsum(dim=1)
    return total / seen.cumsum(dim=1).clamp(min=1.0).unsqueeze(2)


def mean_ahead(values: torch.Tensor, seen: torch.Tensor, ahead: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The mean of the next `ahead` steps after each one, [B, T, P], and where there is any, [B, T]."""
    total, count = (values * seen.unsqueeze(2)).cumsum(dim=1), seen.cumsum(dim=1)
    steps = values.shape[1]
    until = (torch.arange(steps) + ahead).clamp(max=steps - 1)
    number = count[:, until] - count
    return (total[:, until] - total) / number.clamp(min=1.0).unsqueeze(2), number > 0


def root(parts: torch.Tensor) -> torch.Tensor:
    """The square root; what rounding left below nought is nought."""
    return parts.clamp(min=0.0).sqrt()


def past(given: Content) -> tuple[torch.Tensor, torch.Tensor]:
    """What a history has been so far: [B, T, 2P + 2M], and where that is known, [B, T].

    Roots of the mean parts, means of the roots (which differ where spending is uneven in time), means of the levels, and
    roots of their mean squares, which hold how much they vary.
    """
    seen = given.seen
    parts = [root(running_mean(given.parts, seen)), running_mean(root(given.parts), seen)]
    levels = [running_mean(given.levels, seen), root(running_mean(given.levels.square(), seen))]
    return torch.cat(parts + levels, dim=2), given.mask & (seen.cumsum(dim=1) > 0)


def ahead_of(given: Content, ahead: int) -> tuple[torch.Tensor, torch.Tensor]:
    """What the next steps will be: [B, T, P + M], roots of the mean parts and means of the levels; and where known, [B, T]."""
    parts, known = mean_ahead(given.parts, given.seen, ahead)
    levels, _ = mean_ahead(given.levels, given.seen, ahead)
    return torch.cat([root(parts), levels], dim=2), known & given.mask & (given.seen.cumsum(dim=1) > 0)
