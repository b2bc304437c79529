"""Histories of the caller's own, as `POST /v1/score` takes them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

History = Mapping[str, Any]
"""A history: `{"customer_id": ..., "transactions": [{"timestamp": ..., "amount": ..., "mcc": ...}, ...]}`."""


def encode(history: History) -> bytes:
    """A history as one line of JSON; decimals stay exact, dates become texts, NaN is a missing value.

    Raises `TypeError` for values that JSON cannot have.
    """
    if not isinstance(cast(object, history), Mapping):
        raise TypeError(f"expected a history (a mapping with `transactions`), not {type(history).__name__}")
    try:
        return json.dumps(history, allow_nan=False).encode()
    except (TypeError, ValueError):
        return _text(history).encode()


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        members = cast("Mapping[object, object]", value).items()
        return "{" + ",".join(f"{json.dumps(str(name))}:{_text(each)}" for name, each in members) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_text(each) for each in cast("list[object]", value)) + "]"
    if isinstance(value, Decimal):
        return str(value) if value.is_finite() else "null"
    if isinstance(value, float) and not math.isfinite(value):
        if math.isnan(value):
            return "null"
        raise ValueError("a history has an infinite number")
    if isinstance(value, (datetime, date)):
        # NaT of pandas is a datetime that is not equal to itself.
        return json.dumps(value.isoformat()) if value == value else "null"
    if value is None or isinstance(value, (str, int, float, bool)):
        return json.dumps(value)
    # Scalars of NumPy.
    item = getattr(value, "item", None)
    if callable(item):
        return _text(item())
    raise TypeError(f"a history has a value of the type {type(value).__name__}")
