"""Reference encoder: what a network reads for a history.

It is written from the description of the format alone, and shares no code with the service: golden cases with a history
compare the two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from microseg.description.categories import Category
from microseg.description.network import Field
from microseg.description.numbers import Number
from microseg.description.sequence import Events
from microseg.description.sequence import Sequence as Steps
from microseg.encoding import events, periods
from microseg.encoding.errors import HistoryError
from microseg.encoding.history import read_history
from microseg.taxonomy import Taxonomy


@dataclass(frozen=True)
class Encoded:
    """What the network reads for one history."""

    numbers: list[list[float]]
    """`[T][N]`; each is a 32-bit float."""
    categories: list[list[int]]
    """`[T][C]`; rows are empty for a network without categories."""


@dataclass(frozen=True)
class Encoder:
    """Encodes histories for one network."""

    sequence: Steps
    numbers: Sequence[Number]
    categories: Sequence[Category]
    fields: Mapping[str, Field]
    taxonomy: Taxonomy

    def encode(self, history: Mapping[str, object]) -> Encoded:
        """Encodes a history as `POST /v1/score` takes it.

        Raises `HistoryError` for what the service would refuse.
        """
        read = read_history(history, self.taxonomy, self.fields)
        if isinstance(self.sequence, Events):
            window = events.window(read, self.sequence)
            numbers = events.numbers(window, list(self.numbers), read.zone)
            categories = events.categories(window, list(self.categories))
        else:
            numbers = periods.numbers(read, self.sequence, list(self.numbers), self.taxonomy)
            categories = [list[int]() for _ in numbers]
        if not numbers:
            raise HistoryError("/transactions: the window has no transaction")
        return Encoded(numbers, categories)
