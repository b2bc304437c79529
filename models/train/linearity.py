"""A pull towards dynamics that a linear model can tell.

The bundle explains the network by one linear surrogate, s_t = A s_{t-1} + B x_t + c, and an explanation is worth as much
as its fidelity. So the network is trained to be near such a model, as Wu et al. (2018, "Beyond Sparsity: Tree
Regularization of Deep Models for Interpretability", AAAI) trained networks to be near a decision tree: a linear map
learns beside the network, and what it cannot tell of the next state is added to the loss. Many networks follow the label
rule equally well; this chooses among them one that can be explained.
"""

from __future__ import annotations

import torch
from torch import nn

VARIANCE_FLOOR = 0.01
"""Added to the variance of a state dimension, which is 0.01 to 0.06: a dimension that hardly moves must not count for
more than the others because its residual is divided by almost nothing."""


class Linearity(nn.Module):
    """The linear map, and the penalty: how far the states are from it."""

    def __init__(self, classes: int, hidden_size: int) -> None:
        super().__init__()
        self.map = nn.Linear(hidden_size + classes, hidden_size)

    def forward(self, inputs: torch.Tensor, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """inputs [B, T, K], states [B, T, H] from a zero state, mask [B, T] -> the mean share of a state dimension's
        variance that the map leaves unexplained."""
        previous = torch.cat([torch.zeros_like(states[:, :1]), states[:, :-1]], dim=1)
        residual = (states - self.map(torch.cat([previous, inputs], dim=2)))[mask].square().mean(dim=0)
        # Not differentiated: a larger state would otherwise be as good as a more linear one.
        variance = states[mask].var(dim=0).detach() + VARIANCE_FLOOR
        return (residual / variance).mean()
