"""Steps of many customers as tensors: what a network reads, whether its steps are periods or events."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from population import Population

OF_EACH_CLASS = ("share", "spending", "count", "presence")
"""Inputs of a period that are a number for each class."""


@dataclass(frozen=True)
class Layout:
    """What stands in a step."""

    is_share: tuple[bool, ...]
    """For each of the N numbers: is it a class's share of the period's spending?"""

    codes: tuple[int, ...] = ()
    """For each of the C categories: how many codes it has."""

    @classmethod
    def of_shares(cls, classes: int) -> Layout:
        """Shares of spending and nothing else, as in a bundle of schema 2."""
        return cls((True,) * classes)

    @classmethod
    def of_numbers(cls, numbers: int, codes: Sequence[int] = ()) -> Layout:
        """No shares."""
        return cls((False,) * numbers, tuple(codes))

    @classmethod
    def of_description(cls, description: Mapping[str, Any], classes: int) -> Layout:
        """What `microseg encode --description` prints by this document, for a taxonomy of so many spending classes.

        Shares that the document transforms are numbers like any other.
        """
        is_share: list[bool] = []
        for number in description["inputs"].get("numbers", []):
            plain = number["of"] == "share" and not number.get("transforms")
            is_share += [plain] * (classes if number["of"] in OF_EACH_CLASS else 1)
        codes = []
        for category in description["inputs"].get("categories", []):
            stands = [category[name] for name in ("padding", "unknown", "missing") if isinstance(category.get(name), int)]
            codes.append(1 + max([*category["vocabulary"].values(), *stands]))
        return cls(tuple(is_share), tuple(codes))

    @property
    def shares(self) -> list[int]:
        """The places of the shares."""
        return [place for place, share in enumerate(self.is_share) if share]

    @property
    def others(self) -> list[int]:
        """The places of the numbers that are not shares."""
        return [place for place, share in enumerate(self.is_share) if not share]


@dataclass(frozen=True)
class Steps:
    """Sequences of many customers, left-aligned: a shorter one is padded with zeros at its end."""

    numbers: torch.Tensor
    """[B, T, N]."""

    categories: torch.Tensor
    """[B, T, C], 64-bit codes; C may be 0."""

    lengths: torch.Tensor
    """[B]: how many steps each customer has."""

    layout: Layout

    @classmethod
    def of_population(cls, population: Population) -> Steps:
        """The profiles of `population.py` as steps."""
        profiles = population.profiles
        none = torch.zeros(*profiles.shape[:2], 0, dtype=torch.int64)
        return cls(profiles, none, population.lengths, Layout.of_shares(profiles.shape[2]))

    @classmethod
    def of_numbers(cls, numbers: torch.Tensor, lengths: torch.Tensor, is_share: Sequence[bool] | None = None) -> Steps:
        """Numbers without categories, [B, T, N]; none of them is a share, unless said."""
        layout = Layout.of_numbers(numbers.shape[2]) if is_share is None else Layout(tuple(is_share))
        return cls(numbers, torch.zeros(*numbers.shape[:2], 0, dtype=torch.int64), lengths, layout)

    @property
    def mask(self) -> torch.Tensor:
        """[B, T]: true where a step exists."""
        return torch.arange(self.numbers.shape[1]) < self.lengths.unsqueeze(1)

    @property
    def seen(self) -> torch.Tensor:
        """[B, T]: true where a step says something. A period of shares without any spending does not."""
        shares = self.layout.shares
        if not shares or self.layout.others:
            return self.mask
        return self.mask & (self.numbers.sum(dim=2) > 0)

    def at(self, rows: torch.Tensor) -> Steps:
        """These customers only."""
        return Steps(self.numbers[rows], self.categories[rows], self.lengths[rows], self.layout)

    def shown_as(self, numbers: torch.Tensor) -> Steps:
        """The same steps with other numbers."""
        return Steps(numbers, self.categories, self.lengths, self.layout)

    def to(self, dtype: torch.dtype) -> Steps:
        """The same customers in numbers of another precision."""
        return self.shown_as(self.numbers.to(dtype))

    def trimmed(self) -> Steps:
        """Without the steps that are padding for everybody: a batch of short histories costs less."""
        longest = int(self.lengths.max())
        return Steps(self.numbers[:, :longest], self.categories[:, :longest], self.lengths, self.layout)

    def __len__(self) -> int:
        return len(self.lengths)


def read_steps(path: Path, layout: Layout, last: int | None = None) -> Steps:
    """Reads what `microseg encode` printed, a customer a line: `profile`, or `numbers` with `categories`.

    Of a longer history only the `last` steps are kept. Raises `ValueError` where a line does not fit the layout.
    """
    with path.open(encoding="utf-8") as file:
        return steps_of(map(json.loads, file), layout, last, str(path))


def steps_of(lines: Iterable[dict[str, Any]], layout: Layout, last: int | None = None, source: str = "lines") -> Steps:
    """Steps from documents with `profile`, or with `numbers` and `categories`."""
    wide, kinds = len(layout.is_share), len(layout.codes)
    numbers: list[torch.Tensor] = []
    categories: list[torch.Tensor] = []
    for line, document in enumerate(lines, start=1):
        rows = document["profile"] if "profile" in document else document["numbers"]
        given = torch.tensor(rows, dtype=torch.float32).reshape(len(rows), -1)
        codes = torch.tensor(document.get("categories") or [[]] * len(rows), dtype=torch.int64).reshape(len(rows), -1)
        if given.shape[1] != wide or codes.shape[1] != kinds or len(codes) != len(given):
            raise ValueError(
                f"{source}, line {line}: {tuple(given.shape)} numbers and {tuple(codes.shape)} categories, "
                f"expected {wide} and {kinds} a step"
            )
        start = 0 if last is None else max(0, len(given) - last)
        numbers.append(given[start:])
        categories.append(codes[start:])
    if not numbers:
        raise ValueError(f"{source}: no customers")
    pad = torch.nn.utils.rnn.pad_sequence
    lengths = torch.tensor([len(one) for one in numbers])
    return Steps(pad(numbers, batch_first=True), pad(categories, batch_first=True), lengths, layout)
