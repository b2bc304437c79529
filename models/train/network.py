"""The network: one LSTM and a linear read-out, with the signature that every bundle's `model.pt` has."""

from __future__ import annotations

import torch
from torch import nn

LAYERS = 1


class SpendingPersonality(nn.Module):
    """Profiles in, states and traits after every period out."""

    def __init__(self, classes: int, traits: int, hidden_size: int) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.lstm = nn.LSTM(classes, hidden_size, num_layers=LAYERS, batch_first=True)
        self.readout = nn.Linear(hidden_size, traits)

    def forward(
        self, x: torch.Tensor, h: torch.Tensor, c: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """x [B, T, K], h and c [L, B, H] -> states [B, T, H], outputs [B, T, O], h, c.

        The state goes in and comes out, so that a sequence can be continued where it ended.
        """
        states, (h, c) = self.lstm(x, (h, c))
        return states, steady_sigmoid(steady_linear(states, self.readout.weight, self.readout.bias)), h, c

    def scale_input(self, factor: float) -> None:
        """Makes the network answer x as it would have answered `factor` times x."""
        with torch.no_grad():
            self.lstm.weight_ih_l0.mul_(factor)

    def multiplications(self) -> int:
        """What one period of one customer costs: the products of weights with inputs, states and read-out."""
        return sum(weight.numel() for weight in (self.lstm.weight_ih_l0, self.lstm.weight_hh_l0, self.readout.weight))


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


def zero_state(profiles: torch.Tensor, hidden_size: int) -> torch.Tensor:
    """The h or c of the customers of `profiles` [B, T, K], of whom nothing is known yet."""
    return profiles.new_zeros(LAYERS, len(profiles), hidden_size)
