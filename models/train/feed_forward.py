"""The comparator: the papers' non-sequential model, which sees what was spent but not in which order.

Maree & Omlin set their LSTM against a feed-forward network on "transaction classes aggregated over time", and found that
only the LSTM's states fall into fine segments. Whether that holds here is measured: `microseg model build --compare`
clusters the hidden layer of this network by the same rule as the LSTM's states. Size and activation of the papers'
network are not known. Here it has as many hidden units as the LSTM, and its activation function.
"""

from __future__ import annotations

import torch
from torch import nn

from network import steady_linear, steady_sigmoid


class FeedForward(nn.Module):
    """One hidden layer over the mean profile of the periods so far."""

    def __init__(self, classes: int, traits: int, hidden_size: int) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.hidden = nn.Linear(classes, hidden_size)
        self.readout = nn.Linear(hidden_size, traits)

    def forward(
        self, x: torch.Tensor, h: torch.Tensor, c: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """x [B, T, K], h and c [L, B, H] -> states [B, T, H], outputs [B, T, O], h, c.

        h and c come back as they were: a running mean of K classes does not fit into H numbers. So this network answers
        whole sequences only, which is all that a comparison asks of it.
        """
        spending = (x.sum(dim=2, keepdim=True) > 0).to(x.dtype)
        mean = x.cumsum(dim=1) / spending.cumsum(dim=1).clamp(min=1.0)
        # tanh, from the sigmoid that a batch cannot disturb.
        states = 2.0 * steady_sigmoid(2.0 * steady_linear(mean, self.hidden.weight, self.hidden.bias)) - 1.0
        return states, steady_sigmoid(steady_linear(states, self.readout.weight, self.readout.bias)), h, c

    def scale_input(self, factor: float) -> None:
        """Makes the network answer x as it would have answered `factor` times x."""
        with torch.no_grad():
            self.hidden.weight.mul_(factor)

    def multiplications(self) -> int:
        """What one period of one customer costs, beside the running mean."""
        return self.hidden.weight.numel() + self.readout.weight.numel()
