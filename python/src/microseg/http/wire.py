"""Formats of histories and answers in a body: lines of JSON today; another format is another `Wire`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, cast

from microseg.http.errors import ServiceProblem


class Wire(Protocol):
    """How histories become a body, and a body answers; answers come in the order of the histories."""

    content_type: str
    """Of the request; the answer has the same."""

    def head(self) -> bytes:
        """What a body begins with."""
        ...

    def pack(self, histories: Sequence[bytes]) -> bytes:
        """Some histories, each a JSON document without line ends."""
        ...

    def tail(self) -> bytes:
        """What a body ends with."""
        ...

    def answers(self, pieces: Iterator[bytes]) -> Iterator[Mapping[str, object]]:
        """A scoring or a problem for each history."""
        ...


class Lines:
    """One JSON document a line (NDJSON)."""

    content_type = "application/x-ndjson"

    def head(self) -> bytes:
        """Nothing."""
        return b""

    def pack(self, histories: Sequence[bytes]) -> bytes:
        """A line each."""
        return b"".join(line + b"\n" for line in histories)

    def tail(self) -> bytes:
        """Nothing."""
        return b""

    def answers(self, pieces: Iterator[bytes]) -> Iterator[Mapping[str, object]]:
        """The documents of the lines that are complete."""
        begun = bytearray()
        for piece in pieces:
            begun += piece
            if b"\n" in piece:
                *lines, rest = bytes(begun).split(b"\n")
                begun = bytearray(rest)
                for line in lines:
                    yield _document(line)


def _document(line: bytes) -> Mapping[str, object]:
    try:
        document: object = json.loads(line)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise ServiceProblem(200, {"title": "the answer is not one of microseg: is the URL right?"})
    return cast("Mapping[str, object]", document)
