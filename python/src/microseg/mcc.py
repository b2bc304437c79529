"""Merchant category codes (ISO 18245) as they are written: numbers, and texts with or without leading zeros."""

from __future__ import annotations

import re

_WRITTEN = re.compile(r"[0-9]{1,4}(\.0*)?")
_MISSING = frozenset({"", "nan", "null", "n/a", "na", "none", "\\n", "<na>", "#n/a", "nil"})


def is_missing(text: str) -> bool:
    """Whether a text says that there is no value, as exports write `NULL`."""
    return text.lower() in _MISSING


def mcc_text(written: object) -> str | None:
    """The four digits of a code; `None` for what is no code of up to four digits."""
    if isinstance(written, bool) or not isinstance(written, (int, float, str)):
        return None
    if isinstance(written, float):
        written = int(written) if written.is_integer() else ""
    text = str(written)
    if not _WRITTEN.fullmatch(text):
        return None
    return text.split(".")[0].zfill(4)
