"""Memories: what a network carries from step to step.

Each takes numbers [B, T, N], categories [B, T, C] and its recurrent state, tensors [1, B, H], and gives states [B, T, H] and the
state after the last step. `names` are those of the state's tensors, in their order.
"""

from __future__ import annotations

import torch
from torch import nn

from selfsupervised.rows import linear_of_rows
from selfsupervised.scaling import Scaling

LONGEST = 32
"""`LinearMemory` counts no further: from then on its weights stay, so that a profile that is held for ever has a point of rest."""


class LstmMemory(nn.Module):
    """One LSTM layer over periods."""

    names = ("h", "c")

    def __init__(self, scaling: Scaling, hidden_size: int) -> None:
        super().__init__()
        self.scaling = scaling
        self.hidden_size = hidden_size
        self.lstm = nn.LSTM(scaling.width(), hidden_size, batch_first=True)

    def forward(
        self, numbers: torch.Tensor, categories: torch.Tensor, h: torch.Tensor, c: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        states, (h, c) = self.lstm(self.scaling(numbers), (h, c))
        return states, h, c


class LinearMemory(nn.Module):
    """A memory that moves linearly: s += w_t (W u_t - s), u being the scaled numbers.

    w_t depends on nothing but n, how many steps said something: w_n = 1 / (1 + e^-a (n - 1 + e^g)^b), with an a, a b between 0
    and 1, and a g for each dimension. With a = 0, b = 1 and e^g near 0 the state is the mean of all steps; with b = 0 it
    forgets at one pace, and then it is linear altogether. What is not linear beside n is the square root alone, and that is a
    function of the step, not of the memory: so a linear model can follow the state closely. `c` carries n, the same in all
    dimensions.
    """

    names = ("h", "c")

    def __init__(self, scaling: Scaling, hidden_size: int, only_shares: bool = True, plain: int = 0) -> None:
        """The first `plain` dimensions read the plain shares alone, if the scaling has them: they are linear altogether."""
        super().__init__()
        self.scaling = scaling
        self.hidden_size = hidden_size
        self.only_shares = only_shares
        """Then a step of zeros says nothing, and the state stays as it is."""
        self.longest = LONGEST
        numbers = scaling.width()
        self.weight = nn.Parameter(torch.empty(hidden_size, numbers).uniform_(-1, 1) / numbers**0.5)
        reads = torch.ones(hidden_size, numbers)
        reads[:plain, : len(scaling.size)] = 0.0
        self.register_buffer("reads", reads)
        # From memories of the last step to memories of everything.
        self.pace = nn.Parameter(torch.linspace(-1.0, 1.0, hidden_size))
        self.length = nn.Parameter(torch.linspace(3.0, -3.0, hidden_size))
        if plain > 0:
            with torch.no_grad():
                self.pace[:plain], self.length[:plain] = 0.0, -3.0
        self.prior = nn.Parameter(torch.full((hidden_size,), -3.0))

    def weights(self) -> torch.Tensor:
        """[LONGEST + 1, H]: w_n for n from 0, where nothing was said and it does not matter."""
        before = torch.arange(-1, self.longest, device=self.pace.device).to(self.pace.dtype).clamp(min=0.0).unsqueeze(1)
        grown = torch.log(before + torch.exp(self.prior))
        return 1.0 / (1.0 + torch.exp(torch.sigmoid(self.length) * grown - self.pace))

    def forward(
        self, numbers: torch.Tensor, categories: torch.Tensor, h: torch.Tensor, c: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        weight_of = self.weight * self.reads
        if self.training:
            moved = nn.functional.linear(self.scaling(numbers), weight_of)
        else:
            moved = linear_of_rows(self.scaling(numbers), weight_of)
        said = torch.ones_like(moved[:, :, 0])
        if self.only_shares:
            said = (numbers.sum(dim=2) > 0).to(numbers.dtype)
        weights = self.weights()
        state, count = h[0], c[0]
        states: list[torch.Tensor] = []
        for step in range(numbers.size(1)):
            now = said[:, step].unsqueeze(1)
            count = (count + now).clamp(0.0, float(self.longest))
            weight = weights.gather(0, count.round().to(torch.int64).clamp(1, self.longest)) * now
            state = state + weight * (moved[:, step] - state)
            states.append(state)
        return torch.stack(states, dim=1), state.unsqueeze(0), count.unsqueeze(0)


class GruMemory(nn.Module):
    """One GRU layer over events: numbers beside the embedded codes of each category."""

    names = ("h",)

    def __init__(self, scaling: Scaling, hidden_size: int, codes: tuple[int, ...], embedding: int = 16) -> None:
        super().__init__()
        self.scaling = scaling
        self.hidden_size = hidden_size
        self.tables = nn.ModuleList(nn.Embedding(count, min(embedding, count)) for count in codes)
        width = scaling.width() + sum(min(embedding, count) for count in codes)
        self.gru = nn.GRU(width, hidden_size, batch_first=True)

    def forward(
        self, numbers: torch.Tensor, categories: torch.Tensor, h: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        parts = [self.scaling(numbers)]
        for place, table in enumerate(self.tables):
            parts.append(table(categories[:, :, place]))
        states, h = self.gru(torch.cat(parts, dim=2), h)
        return states, h


Memory = LstmMemory | LinearMemory | GruMemory


def states_of(memory: Memory, numbers: torch.Tensor, categories: torch.Tensor) -> torch.Tensor:
    """The states [B, T, H] of customers of whom nothing is known before."""
    zero = numbers.new_zeros(1, len(numbers), memory.hidden_size)
    return memory(numbers, categories, *(zero for _ in memory.names))[0]
