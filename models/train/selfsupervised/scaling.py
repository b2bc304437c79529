"""Scaling of what a step holds, inside the network: callers send plain shares and plain numbers."""

from __future__ import annotations

import torch
from torch import nn

from selfsupervised.steps import Steps

RAREST = 1 / 30
"""A share's root, or a number's deviation, counts as at least so large, compared with the largest: a class that hardly
occurs must not become as loud as the others."""


class Scaling(nn.Module):
    """Square roots of shares, other numbers in standard deviations.

    Shares are skewed: most are near nought, and a root brings the small ones up. Zero stays zero, so a period without
    spending is the zero vector.
    """

    def __init__(self, numbers: int, plain_shares: bool = False) -> None:
        super().__init__()
        self.plain_shares = plain_shares
        """Whether the shares stand behind the others once more, without their root: a rule that is linear in them needs no
        more than that."""
        self.register_buffer("is_share", torch.zeros(numbers, dtype=torch.bool))
        self.register_buffer("centre", torch.zeros(numbers))
        self.register_buffer("size", torch.ones(numbers))
        self.register_buffer("plain_size", torch.ones(numbers))

    def width(self) -> int:
        """How many numbers a step has after the scaling."""
        return len(self.size) + (int(self.is_share.sum()) if self.plain_shares else 0)

    def forward(self, numbers: torch.Tensor) -> torch.Tensor:
        """numbers [B, T, N] -> [B, T, N], or with plain shares [B, T, N + K]."""
        rooted = torch.where(self.is_share, torch.sqrt(numbers.clamp(min=0.0)), numbers)
        scaled = (rooted - self.centre) / self.size
        if not self.plain_shares:
            return scaled
        return torch.cat([scaled, (numbers / self.plain_size)[:, :, self.is_share]], dim=2)


def fit_scaling(steps: Steps, plain_shares: bool = False) -> Scaling:
    """What brings these customers' numbers to a spread of about one."""
    scaling = Scaling(steps.numbers.shape[2])
    scaling.is_share.copy_(torch.tensor(steps.layout.is_share))
    with torch.no_grad():
        rows = scaling(steps.numbers.float())[steps.mask].double()
    centre = rows.mean(dim=0).where(~scaling.is_share, torch.zeros(()).double())
    size = (rows - centre).square().mean(dim=0).sqrt()
    scaling.centre.copy_(centre)
    scaling.size.copy_(at_least(size, scaling.is_share))
    plain = steps.numbers[steps.mask].double().square().mean(dim=0).sqrt()
    scaling.plain_size.copy_(at_least(plain, scaling.is_share))
    scaling.plain_shares = plain_shares
    return scaling


def at_least(size: torch.Tensor, is_share: torch.Tensor) -> torch.Tensor:
    """Sizes [N] that are never nought. Shares are compared with each other, other numbers have units of their own."""
    if bool(is_share.any()):
        floor = float(size[is_share].max()) * RAREST
        size = torch.where(is_share, size.clamp(min=floor), size)
    return torch.where(size > 0, size, torch.ones_like(size))
