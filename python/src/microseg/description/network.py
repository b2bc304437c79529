"""Description of a network: what it reads at each step, its recurrent state and its outputs; `network.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from microseg.description import sequence as steps
from microseg.description.categories import Category
from microseg.description.errors import DescriptionError
from microseg.description.numbers import EACH_CLASS, EVENT_ONLY, PERIOD_ONLY, Number

DESCRIPTION_VERSION = 1
MAX_CELLS = 2**18
"""The most numbers and categories that a window of periods may have."""
_KNOWN_MEMBERS = frozenset({"id", "timestamp", "amount", "class", "mcc", "currency"})


@dataclass(frozen=True)
class Field:
    """A further member of transactions."""

    type: Literal["number", "category"]
    unit: str | None = None

    def document(self) -> dict[str, object]:
        """As `network.json` has it."""
        document: dict[str, object] = {"type": self.type}
        return document if self.unit is None else document | {"unit": self.unit}


def number_field(*, unit: str | None = None) -> Field:
    """A member of transactions that is a number."""
    return Field("number", unit)


def category_field() -> Field:
    """A member of transactions that is one of some texts."""
    return Field("category")


@dataclass(frozen=True)
class Inputs:
    """What the network reads at each step, in its order.

    For a network of pytorch-lifestream both are mappings, from the name of its column to what the service computes.
    """

    numbers: Sequence[Number] | Mapping[str, Number] = ()
    categories: Sequence[Category] | Mapping[str, Category] = ()

    def number_list(self) -> list[Number]:
        """The numbers, in their order."""
        return list(self.numbers.values() if isinstance(self.numbers, Mapping) else self.numbers)

    def category_list(self) -> list[Category]:
        """The categories, in their order."""
        return list(self.categories.values() if isinstance(self.categories, Mapping) else self.categories)


@dataclass(frozen=True)
class StateTensor:
    """One tensor `[layers, B, size]` of the recurrent state."""

    name: str
    layers: int
    size: int

    def __post_init__(self) -> None:
        if not self.name or self.layers < 1 or self.size < 1:
            raise DescriptionError("state: expected a name, and layers and size of at least 1")

    def document(self) -> dict[str, object]:
        """As `network.json` has it."""
        return {"name": self.name, "layers": self.layers, "size": self.size}


@dataclass(frozen=True)
class Description:
    """All that the service needs to know of a network."""

    sequence: steps.Sequence
    numbers: Sequence[Number]
    categories: Sequence[Category]
    state: Sequence[StateTensor]
    state_size: int
    """How many numbers `states` has at each step."""
    outputs: Sequence[str]
    fields: Mapping[str, Field] = field(default_factory=dict[str, Field])

    def document(self) -> dict[str, object]:
        """As `network.json` has it."""
        fields = {name: field.document() for name, field in self.fields.items()}
        return {
            "description_version": DESCRIPTION_VERSION,
            "network": "model.pt",
            "sequence": self.sequence.document(),
            **({"fields": fields} if fields else {}),
            "inputs": {
                "numbers": [number.document() for number in self.numbers],
                "categories": [category.document() for category in self.categories],
            },
            "state": [tensor.document() for tensor in self.state],
            "state_size": self.state_size,
            "outputs": list(self.outputs),
        }

    def write(self, path: Path) -> None:
        """Writes `network.json`."""
        path.write_text(json.dumps(self.document(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def check_inputs(
    sequence: steps.Sequence,
    numbers: Sequence[Number],
    categories: Sequence[Category],
    fields: Mapping[str, Field],
    classes: int,
) -> int:
    """How many numbers the network reads at each step.

    Raises `DescriptionError` for inputs that the step does not have, for fields that are not declared, and for a window
    of periods that is too large.
    """
    of_events = isinstance(sequence, steps.Events)
    for number in numbers:
        if number.of in (PERIOD_ONLY if of_events else EVENT_ONLY):
            raise DescriptionError(
                f"numbers: {number.of}: {'an event' if of_events else 'a period'} has no such number"
            )
        if number.field is not None:
            _check_field(fields, number.field, "number")
        if number.of in EACH_CLASS and classes == 0:
            raise DescriptionError(f"numbers: {number.of}: it needs classes")
    for category in categories:
        if not of_events:
            raise DescriptionError("categories: a period has none")
        if category.field_name is not None:
            _check_field(fields, category.field_name, "category")
        if category.of == "class" and classes == 0:
            raise DescriptionError("categories: class: it needs classes")
    for name in fields:
        if not name or name in _KNOWN_MEMBERS:
            raise DescriptionError(f"fields: {name!r}: a transaction has this member already")
    width = sum(number.width(classes) for number in numbers)
    if width == 0:
        raise DescriptionError("inputs: a network reads at least one number")
    if isinstance(sequence, steps.Periods) and sequence.window * width > MAX_CELLS:
        raise DescriptionError(f"inputs: the window has more than {MAX_CELLS:,} numbers")
    return width


def check_outputs(outputs: Sequence[str]) -> None:
    """Raises `DescriptionError` when there is no output, or two have one name."""
    if not outputs or len(set(outputs)) != len(outputs) or not all(outputs):
        raise DescriptionError("outputs: expected at least one name, each of them once")


def _check_field(fields: Mapping[str, Field], name: str, type_: str) -> None:
    declared = fields.get(name)
    if declared is None or declared.type != type_:
        raise DescriptionError(f"fields: {name} must be declared as a {type_} field")
