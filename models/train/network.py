"""The network: one LSTM and a linear read-out, with the signature that every bundle's `model.pt` has."""

from __future__ import annotations

import torch
from torch import nn

HIDDEN_SIZE = 8
"""Dimensions of the state: five traits need more than three, and eight leave room for how they were reached."""

LAYERS = 1


class SpendingPersonality(nn.Module):
    """Profiles in, states and traits after every period out."""

    def __init__(self, classes: int, traits: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(classes, HIDDEN_SIZE, num_layers=LAYERS, batch_first=True)
        self.readout = nn.Linear(HIDDEN_SIZE, traits)

    def forward(
        self, x: torch.Tensor, h: torch.Tensor, c: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """x [B, T, K], h and c [L, B, H] -> states [B, T, H], outputs [B, T, O], h, c.

        The state goes in and comes out, so that a sequence can be continued where it ended.
        """
        states, (h, c) = self.lstm(x, (h, c))
        return states, steady_sigmoid(steady_linear(states, self.readout.weight, self.readout.bias)), h, c


def steady_linear(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """`nn.functional.linear`, whose last bit does not depend on who else is in the batch.

    PyTorch multiplies one row by another routine than many rows, and the two add in another order. Here each output
    is a sum of its own. It costs more on wide layers; the read-out is narrow.
    """
    return (x.unsqueeze(-2) * weight).sum(dim=-1) + bias


def steady_sigmoid(x: torch.Tensor) -> torch.Tensor:
    """`torch.sigmoid`, whose last bit does not depend on who else is in the batch.

    `torch.sigmoid` computes what does not fill a vector register at the end of a tensor with another exponential than
    the rest. `torch.exp` takes the same one everywhere, and the rest of the formula is exact to the bit by IEEE 754.
    """
    return torch.reciprocal(torch.exp(-x) + 1.0)


def zero_state(batch: int) -> torch.Tensor:
    """The h or c of customers of whom nothing is known yet."""
    return torch.zeros(LAYERS, batch, HIDDEN_SIZE)
