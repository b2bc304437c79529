"""The training data: what `microseg encode` printed, as one padded tensor, split by customer."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import torch


@dataclass(frozen=True)
class Population:
    """Profiles of many customers, left-aligned: a shorter history is padded with zeros at its end."""

    profiles: torch.Tensor
    """[B, T, K]."""

    lengths: torch.Tensor
    """[B]: how many periods each customer has."""

    @property
    def mask(self) -> torch.Tensor:
        """[B, T]: true where a period exists. Padding must not count, in the loss or in a measure."""
        return torch.arange(self.profiles.shape[1]) < self.lengths.unsqueeze(1)

    def at(self, rows: torch.Tensor) -> Population:
        """These customers only."""
        return Population(self.profiles[rows], self.lengths[rows])

    def double(self) -> Population:
        """The same customers in 64-bit numbers."""
        return Population(self.profiles.double(), self.lengths)

    def __len__(self) -> int:
        return len(self.lengths)


@dataclass(frozen=True)
class Split:
    """Customers to learn from, to stop by, and to judge by: none is in two of them."""

    train: Population
    validation: Population
    test: Population


def read_population(path: Path, classes: int) -> Population:
    """Reads NDJSON with one `{"customer_id", "periods", "profile"}` a line."""
    profiles: list[torch.Tensor] = []
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            profile = torch.tensor(json.loads(line)["profile"], dtype=torch.float32)
            if profile.dim() != 2 or profile.shape[1] != classes:
                raise ValueError(f"{path}, line {number}: {tuple(profile.shape)} instead of (periods, {classes})")
            profiles.append(profile)
    if not profiles:
        raise ValueError(f"{path}: no customers")
    return Population(
        profiles=torch.nn.utils.rnn.pad_sequence(profiles, batch_first=True),
        lengths=torch.tensor([len(profile) for profile in profiles]),
    )


def split_population(population: Population, seed: int) -> Split:
    """80 % to learn, 10 % to stop, 10 % to judge, drawn by `seed`."""
    order = torch.randperm(len(population), generator=torch.Generator().manual_seed(seed))
    tenth = len(population) // 10
    if tenth == 0:
        raise ValueError("fewer than ten customers cannot be split")
    return Split(
        train=population.at(order[2 * tenth :]),
        validation=population.at(order[:tenth]),
        test=population.at(order[tenth : 2 * tenth]),
    )


def digest(*paths: Path) -> str:
    """One SHA-256 over the contents of files."""
    whole = hashlib.sha256()
    for path in paths:
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()
