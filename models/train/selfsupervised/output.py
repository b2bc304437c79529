"""Networks to export: a memory with one read-out, in the signatures of bundles."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from archive import save_reproducibly
from network import steady_linear
from selfsupervised.memory import GruMemory
from selfsupervised.next_event import NextEventHead
from selfsupervised.objectives import AggregateHead
from selfsupervised.scaling import Scaling
from selfsupervised.trainer import Trained
from selfsupervised.trait_head import TraitHead


class Membership(nn.Module):
    """The traits: degrees of membership from 0 to 1."""

    def __init__(self, head: TraitHead) -> None:
        super().__init__()
        self.readout, self.reads = head.readout, head.reads

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        logits = steady_linear(states[:, :, : self.reads], self.readout.weight, self.readout.bias)
        return torch.reciprocal(torch.exp(-logits) + 1.0)


class Expectation(nn.Module):
    """The expected shares of the next steps, and the expected levels, in deviations."""

    def __init__(self, head: AggregateHead, parts: int) -> None:
        super().__init__()
        # Mean and deviation of the target go into the weights: nothing is left to compute.
        self.weight = nn.Parameter(head.readout.weight * head.deviation.unsqueeze(1))
        self.bias = nn.Parameter(head.readout.bias * head.deviation + head.mean)
        self.parts = parts

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        expected = steady_linear(states, self.weight, self.bias)
        shares = expected[:, :, : self.parts].clamp(min=0.0).square()
        return torch.cat([shares, expected[:, :, self.parts :]], dim=2)


class Coming(nn.Module):
    """The event that comes next: some of its numbers, as the network reads them, and the probability of each kind."""

    def __init__(self, head: NextEventHead, scaling: Scaling, numbers: list[int]) -> None:
        super().__init__()
        if head.kinds is None:
            raise LookupError("the kinds of events were not trained")
        size, centre = scaling.size[numbers], scaling.centre[numbers]
        self.weight = nn.Parameter(torch.cat([head.numbers.weight[numbers] * size.unsqueeze(1), head.kinds.weight]))
        self.bias = nn.Parameter(torch.cat([head.numbers.bias[numbers] * size + centre, head.kinds.bias]))
        self.numbers = len(numbers)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        found = steady_linear(states, self.weight, self.bias)
        logits = found[:, :, self.numbers :]
        odds = torch.exp(logits - logits.amax(dim=2, keepdim=True))
        return torch.cat([found[:, :, : self.numbers], odds / odds.sum(dim=2, keepdim=True)], dim=2)


class PeriodNetwork(nn.Module):
    """Periods: `forward(numbers [B,T,N], h, c [1,B,H]) -> (states, outputs, h, c)`, of schema 2 and of schema 3."""

    def __init__(self, memory: nn.Module, readout: nn.Module) -> None:
        super().__init__()
        self.memory, self.readout = memory, readout
        self.hidden_size: int = memory.hidden_size

    def forward(
        self, x: torch.Tensor, h: torch.Tensor, c: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        none = torch.zeros(x.size(0), x.size(1), 0, dtype=torch.int64)
        states, h, c = self.memory(x, none, h, c)
        return states, self.readout(states), h, c


class EventNetwork(nn.Module):
    """Events: `forward(numbers [B,T,N], categories [B,T,C], h [1,B,H]) -> (states, outputs, h)`, of schema 3."""

    def __init__(self, memory: nn.Module, readout: nn.Module) -> None:
        super().__init__()
        self.memory, self.readout = memory, readout

    def forward(
        self, numbers: torch.Tensor, categories: torch.Tensor, h: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        states, h = self.memory(numbers, categories, h)
        return states, self.readout(states), h


def network_of(trained: Trained, readout: nn.Module | None = None) -> nn.Module:
    """The network to export, in 32-bit numbers.

    Its outputs are those of `readout`, [B, T, H] -> [B, T, O]; without one the traits where they were learnt, or else the shares and
    levels that are expected next.
    """
    chosen = readout or default_readout(trained)
    kind = EventNetwork if isinstance(trained.memory, GruMemory) else PeriodNetwork
    return kind(trained.memory, chosen).float().eval()


def default_readout(trained: Trained) -> nn.Module:
    """The traits, or the expectation of the next steps."""
    for head in trained.heads:
        if isinstance(head, TraitHead):
            return Membership(head)
    for head in reversed(trained.heads):
        if isinstance(head, AggregateHead) and head.name == "predict":
            return Expectation(head, int(trained.scaling.is_share.sum()))
    raise LookupError("neither traits nor a prediction were trained: give a readout")


def write_network(network: nn.Module, path: Path) -> None:
    """Writes TorchScript: what `microseg model build --network` takes, or `--description` with the package in `python/`."""
    save_reproducibly(torch.jit.script(network.eval()), path)
