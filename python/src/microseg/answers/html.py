"""Small pieces of HTML for notebooks; everything from outside is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; numbers have three significant digits."""
    first = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{shown(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{first}</tr></thead><tbody>{body}</tbody></table>"


def shown(cell: object) -> str:
    """A cell."""
    if cell is None:
        return ""
    return f"{cell:.3g}" if isinstance(cell, float) else escape(str(cell))
