"""The label rule: which traits a history of spending stands for.

The project has no survey of real people, so the network learns a declared rule instead of measured personalities:

1. A running profile follows the customer: m_1 = x_1, then m_t = m_{t-1} + 0.5 (x_t - m_{t-1}). Recent spending counts
   most, older spending fades; without this the traits would need no memory and the network no recurrence.
2. A period without spending (all zero) says nothing and leaves the running profile unchanged.
3. raw_t = W m_t, with the taxonomy's coefficients W.
4. z_t = (raw_t - mean) / sd per trait, over all periods of the training customers: traits are relative to a population.
5. trait = sigmoid(z): a degree of membership between 0 and 1. Before the first spending nothing is known: 0.5.

The coefficients' signs come from the literature, as `taxonomy.csv` cites. Their magnitudes, the 0.5 and the
standardisation are the project's own assumptions.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

UPDATE = 0.5
"""How far one period moves the running profile."""


@dataclass(frozen=True)
class Standard:
    """Where the training population lies, per trait: what makes one trait comparable with another."""

    mean: torch.Tensor
    deviation: torch.Tensor


def running_traits(profiles: torch.Tensor, coefficients: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """raw_t for profiles [B, T, K], as [B, T, traits]; and where it is known, [B, T].

    W is applied before the running mean. Both are linear, so the order is free, and five numbers a period are
    cheaper to carry along than K.
    """
    spending = profiles.sum(dim=2) > 0
    current = profiles.to(coefficients.dtype) @ coefficients.T
    running = torch.zeros_like(current[:, 0])
    known = torch.zeros_like(spending[:, 0])
    raw_steps: list[torch.Tensor] = []
    known_steps: list[torch.Tensor] = []
    for step in range(profiles.shape[1]):
        weight = torch.where(known, UPDATE, 1.0) * spending[:, step]
        running = running + weight.unsqueeze(1) * (current[:, step] - running)
        known = known | spending[:, step]
        raw_steps.append(running)
        known_steps.append(known)
    return torch.stack(raw_steps, dim=1), torch.stack(known_steps, dim=1)


def fit_standard(profiles: torch.Tensor, mask: torch.Tensor, coefficients: torch.Tensor) -> Standard:
    """Mean and standard deviation of raw_t over the periods that `mask` [B, T] says exist."""
    raw, known = running_traits(profiles, coefficients)
    rows = raw[mask & known]
    deviation = rows.std(dim=0, correction=0)
    if not bool((deviation > 0).all()):
        raise ValueError("a trait is the same for every customer: has the taxonomy coefficients for it?")
    return Standard(mean=rows.mean(dim=0), deviation=deviation)


def label(profiles: torch.Tensor, coefficients: torch.Tensor, standard: Standard) -> torch.Tensor:
    """The traits of profiles [B, T, K] after every period, [B, T, traits], as precise as the profiles."""
    raw, known = running_traits(profiles, coefficients)
    score = (raw - standard.mean) / standard.deviation
    return torch.sigmoid(score * known.unsqueeze(2)).to(profiles.dtype)
