"""Members of answers, with their types: documents of JSON have none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

Document = Mapping[str, Any]


def document(value: object) -> Document:
    """An object of JSON; none is an empty one."""
    return cast("Document", value) if isinstance(value, Mapping) else {}


def documents(value: object) -> list[Document]:
    """A list of objects."""
    return [document(each) for each in cast("list[object]", value)] if isinstance(value, list) else []


def numbers(value: object) -> dict[str, float]:
    """An object of numbers."""
    return {name: float(number) for name, number in document(value).items()}


def number(value: object) -> float | None:
    """A number, or nothing."""
    return float(value) if isinstance(value, (int, float)) else None


def text(value: object) -> str | None:
    """A text, or nothing."""
    return None if value is None else str(value)
