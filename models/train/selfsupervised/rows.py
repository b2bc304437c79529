"""Products of weights with many rows, whose bits do not depend on how many rows there are.

A customer's numbers must be the same in any batch. A matrix product takes another routine for one row than for many, and
another for a hundred. Here the rows stand in blocks of one size, and each block is a product of its own: all take one routine.
"""

from __future__ import annotations

import torch
from torch.nn import functional

from network import steady_linear


def linear_of_rows(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """x [B, T, N] times weight [H, N] -> [B, T, H]."""
    if weight.numel() < 1024:
        # Of small products the routine takes the rows of a block apart; sums of their own cost little here.
        return steady_linear(x, weight, torch.zeros_like(weight[:, 0]))
    # Rows of a block; the last one is filled up with zeros.
    block = 16
    rows = x.reshape(-1, x.size(2))
    # At least two blocks: a single one is not multiplied as one of a batch.
    blocks = max((rows.size(0) + block - 1) // block, 2)
    filled = functional.pad(rows, [0, 0, 0, blocks * block - rows.size(0)])
    weights = weight.t().unsqueeze(0).expand(blocks, -1, -1)
    found = torch.bmm(filled.view(blocks, block, x.size(2)), weights)
    return found.view(blocks * block, -1)[: rows.size(0)].view(x.size(0), x.size(1), -1)
