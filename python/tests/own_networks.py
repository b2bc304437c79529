"""Networks with the service's signature, and some that break it in one way each."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class CategoryGru(nn.Module):
    """A GRU over numbers and one category of four codes, with two outputs; the others are made of it."""

    def __init__(self, numbers: int, size: int, bidirectional: bool = False) -> None:
        super().__init__()
        self.table = nn.Embedding(4, 3, padding_idx=0)
        self.gru = nn.GRU(numbers + 3, size, batch_first=True, bidirectional=bidirectional)
        self.head = nn.Linear(size * 2 if bidirectional else size, 2)

    def forward(self, numbers: Tensor, categories: Tensor, h: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        states, h = self.gru(torch.cat([numbers, self.table(categories[:, :, 0])], dim=2), h)
        return states, self.head(states), h


class BidirectionalGru(CategoryGru):
    """Reads the future: a state of two layers, one for each direction."""

    def __init__(self, numbers: int, size: int) -> None:
        super().__init__(numbers, size, bidirectional=True)


class TimeFirstGru(CategoryGru):
    """Answers [T, B, H]."""

    def forward(self, numbers: Tensor, categories: Tensor, h: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        states, h = self.gru(torch.cat([numbers, self.table(categories[:, :, 0])], dim=2), h)
        states = states.transpose(0, 1)
        return states, self.head(states), h


class DropoutLeftOn(CategoryGru):
    """Drops states while it does not train."""

    def forward(self, numbers: Tensor, categories: Tensor, h: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        states, h = self.gru(torch.cat([numbers, self.table(categories[:, :, 0])], dim=2), h)
        states = functional.dropout(states, 0.5, training=True)
        return states, self.head(states), h


class Counting(CategoryGru):
    """Counts its runs, and adds the count."""

    def __init__(self, numbers: int, size: int) -> None:
        super().__init__(numbers, size)
        self.register_buffer("runs", torch.zeros(1))

    def forward(self, numbers: Tensor, categories: Tensor, h: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        self.runs += 1
        states, h = self.gru(torch.cat([numbers, self.table(categories[:, :, 0])], dim=2), h)
        return states, self.head(states) + self.runs, h


class ReadsTheBatch(CategoryGru):
    """Subtracts the mean of the batch."""

    def forward(self, numbers: Tensor, categories: Tensor, h: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        numbers = numbers - numbers.mean(dim=0, keepdim=True)
        states, h = self.gru(torch.cat([numbers, self.table(categories[:, :, 0])], dim=2), h)
        return states, self.head(states), h


class WithoutState(CategoryGru):
    """Keeps its state to itself."""

    def forward(self, numbers: Tensor, categories: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        states, h = self.gru(torch.cat([numbers, self.table(categories[:, :, 0])], dim=2), h)
        return states, self.head(states)


class TwoCells(nn.Module):
    """Two GRUs, one above the other, with a state tensor each; the states are both, side by side."""

    def __init__(self, numbers: int) -> None:
        super().__init__()
        self.fast = nn.GRU(numbers, 3, batch_first=True)
        self.slow = nn.GRU(3, 5, num_layers=2, batch_first=True)
        self.head = nn.Linear(8, 1)

    def forward(self, numbers: Tensor, fast: Tensor, slow: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        x, fast = self.fast(numbers, fast)
        y, slow = self.slow(x, slow)
        states = torch.cat([x, y], dim=2)
        return states, self.head(states), fast, slow
