"""Variations of a batch: what the network is shown, and what it is asked about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from selfsupervised.steps import Steps


@dataclass(frozen=True)
class Variation:
    """Steps as they are shown, and the truth that the heads are compared with."""

    shown: Steps
    truth: Steps


Vary = Callable[[Steps, torch.Generator], list[Variation]]


def as_it_is(steps: Steps, generator: torch.Generator) -> list[Variation]:
    """No variation."""
    return [Variation(steps, steps)]
