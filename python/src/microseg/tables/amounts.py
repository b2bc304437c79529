"""Amounts as tables write them, as exact decimals in JSON's notation."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal

from microseg.mcc import is_missing
from microseg.tables.layout import Layout

_PLAIN = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_NUMBER = re.compile(r"[0-9]*\.?[0-9]*(?:[eE][+-]?[0-9]{1,3})?")
_MARK = re.compile(r"(?i)(?<![a-z])(DR|CR)(?![a-z])\.?")
# A code of three letters as in `EUR 12.50`, or a sign of a currency.
_CURRENCY = re.compile(r"(?i)(?<![a-z])[a-z]{3}(?![a-z])|[$£€¥₹₽₺₩₪₴฿]|(?<![a-z])(?:kr|zł|kč|ft|lei|fr)\.?(?![a-z])")
_BLANKS = re.compile(r"[\s'’\u00a0\u202f\u2009]")


class AmountFault(ValueError):
    """A cell is no amount."""

    def __init__(self, text: str, **changes: str) -> None:
        """`changes` of the layout would make it one."""
        super().__init__(text)
        self.changes = changes


def reader(layout: Layout) -> Callable[[object], str | None]:
    """Reads a cell: a JSON number, or `None` for a missing value. It raises `AmountFault`."""
    known: dict[str, str | None] = {}

    def read(cell: object) -> str | None:
        if isinstance(cell, str):
            if cell not in known:
                known[cell] = _of_text(cell, layout)
            return known[cell]
        return _of_number(cell)

    return read


def negated(amount: str) -> str:
    """The amount with the other sign."""
    return amount[1:] if amount.startswith("-") else f"-{amount}"


def magnitude(amount: str) -> str:
    """The amount without its sign."""
    return amount.removeprefix("-")


def is_zero(amount: str) -> bool:
    """Whether it is nothing."""
    return not Decimal(amount)


def _of_number(cell: object) -> str | None:
    if cell is None or cell != cell:
        return None
    if isinstance(cell, bool):
        raise AmountFault("expected a number")
    if isinstance(cell, Decimal):
        if not cell.is_finite():
            raise AmountFault("expected a finite number")
        return str(cell)
    if isinstance(cell, float):
        if not math.isfinite(cell):
            raise AmountFault("expected a finite number")
        return repr(float(cell))
    if isinstance(cell, int):
        return str(int(cell))
    raise AmountFault("expected a number")


def _of_text(text: str, layout: Layout) -> str | None:
    written = text.strip()
    if is_missing(written) or written in ("-", "--", "–"):
        return None
    if layout.decimal == "." and _PLAIN.fullmatch(written):
        return written
    written = written.replace("\u2212", "-").replace("\u2013", "-")
    marks = {mark.upper() for mark in _MARK.findall(written)}
    written = _CURRENCY.sub("", _MARK.sub("", written))
    written = _BLANKS.sub("", written)
    if layout.thousands:
        written = written.replace(layout.thousands, "")
    is_negative = False
    if written.startswith("(") and written.endswith(")"):
        written, is_negative = written[1:-1], True
    if written[:1] in ("-", "+") or written[-1:] in ("-", "+"):
        at_start = written[:1] in ("-", "+")
        mark, written = (written[0], written[1:]) if at_start else (written[-1], written[:-1])
        is_negative = is_negative or mark == "-"
    if len(marks) == 1:
        is_negative = (marks == {"DR"}) != (layout.sign == "out-positive")
    _check_separators(written, layout)
    number = written.replace(layout.decimal, ".")
    if len(marks) > 1 or not any(sign.isdecimal() for sign in number) or not _NUMBER.fullmatch(number):
        raise AmountFault("expected an amount such as -12.50")
    return f"{'-' if is_negative else ''}{Decimal(number):f}"


def _check_separators(written: str, layout: Layout) -> None:
    other = "," if layout.decimal == "." else "."
    if other not in written:
        return
    if layout.decimal in written and written.rindex(other) < written.rindex(layout.decimal):
        raise AmountFault(f"an amount with separated thousands: thousands={other!r}", thousands=other)
    if re.search(rf"\{other}[0-9]{{3}}$", written) and layout.decimal not in written:
        raise AmountFault(f"a {other!r} before three digits: thousands={other!r}, or decimal={other!r}")
    if layout.decimal in written:
        text = f"thousands and decimals are the other way round: decimal={other!r}, thousands={layout.decimal!r}"
        raise AmountFault(text, decimal=other, thousands=layout.decimal)
    raise AmountFault(f"an amount with another decimal sign: decimal={other!r}", decimal=other)
