"""Networks in the signature of the service, of an input layer, a recurrent layer and a head.

TorchScript has no optional inputs, so there is a class for each combination.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


def no_categories(numbers: Tensor) -> Tensor:
    """Categories [B, T, 0]."""
    return torch.zeros([numbers.size(0), numbers.size(1), 0], dtype=torch.int64, device=numbers.device)


class LstmNetwork(nn.Module):
    """An LSTM that reads numbers."""

    def __init__(self, inputs: nn.Module, rnn: nn.LSTM, head: nn.Module) -> None:
        super().__init__()
        self.inputs = inputs
        self.rnn = rnn
        self.head = head

    def forward(self, numbers: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """numbers [B, T, N], h and c [L, B, H] -> states [B, T, H'], outputs [B, T, O], h, c."""
        states, (h, c) = self.rnn(self.inputs(numbers, no_categories(numbers)), (h, c))
        return states, self.head(states), h, c


class LstmCategoryNetwork(nn.Module):
    """An LSTM that reads numbers and categories."""

    def __init__(self, inputs: nn.Module, rnn: nn.LSTM, head: nn.Module) -> None:
        super().__init__()
        self.inputs = inputs
        self.rnn = rnn
        self.head = head

    def forward(
        self, numbers: Tensor, categories: Tensor, h: Tensor, c: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """As `LstmNetwork`, with categories [B, T, C] of 64-bit integers."""
        states, (h, c) = self.rnn(self.inputs(numbers, categories), (h, c))
        return states, self.head(states), h, c


class GruNetwork(nn.Module):
    """A GRU that reads numbers."""

    def __init__(self, inputs: nn.Module, start: nn.Module, rnn: nn.GRU, head: nn.Module) -> None:
        super().__init__()
        self.inputs = inputs
        self.start = start
        self.rnn = rnn
        self.head = head

    def forward(self, numbers: Tensor, h: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """numbers [B, T, N], h [L, B, H] -> states [B, T, H], outputs [B, T, O], h."""
        states, h = self.rnn(self.inputs(numbers, no_categories(numbers)), self.start(h))
        return states, self.head(states), h


class GruCategoryNetwork(nn.Module):
    """A GRU that reads numbers and categories."""

    def __init__(self, inputs: nn.Module, start: nn.Module, rnn: nn.GRU, head: nn.Module) -> None:
        super().__init__()
        self.inputs = inputs
        self.start = start
        self.rnn = rnn
        self.head = head

    def forward(self, numbers: Tensor, categories: Tensor, h: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """As `GruNetwork`, with categories [B, T, C] of 64-bit integers."""
        states, h = self.rnn(self.inputs(numbers, categories), self.start(h))
        return states, self.head(states), h
