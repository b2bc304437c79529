"""Many histories in one request, whose answers are read while it is sent.

Where the connection ends early, or the service is busy or shuts down, another request goes on with the histories that
have no answer yet. They are the only ones in memory: the service reads no more than it can answer.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence

from microseg.http.connection import close_quietly
from microseg.http.errors import ConnectionFailed, MicrosegError, ServiceProblem
from microseg.http.retries import is_temporary
from microseg.http.transport import FAILURES, Transport, problem_of, unreachable
from microseg.http.wire import Wire

_PIECE_BYTES = 32_768
# A caller that makes histories slowly gets their answers soon.
_PIECE_SECONDS = 0.1


class _SourceFailed(Exception):
    """The caller's own iterator raised: that is no failure of the connection, even if it is an `OSError`."""

    def __init__(self, cause: BaseException) -> None:
        self.cause = cause


class Stream:
    """Answers for an iterator of histories, each a JSON document without line ends, in their order."""

    def __init__(self, transport: Transport, wire: Wire, path: str, histories: Iterable[bytes]) -> None:
        self._transport = transport
        self._wire = wire
        self._path = path
        self._histories = iter(histories)
        self._is_at_end = False
        self._unanswered: deque[bytes] = deque()

    def answers(self) -> Iterator[Mapping[str, object]]:
        """A scoring or a problem for each history.

        Raises `ServiceProblem` and `ConnectionFailed` when attempts in a row bring no answer, and the iterator's own.
        """
        failures = 0
        while self._has_more():
            headers: Mapping[str, str] = {}
            try:
                connection = self._transport.connect()
                try:
                    content = [("content-type", self._wire.content_type), ("accept", self._wire.content_type)]
                    answer = self._transport.start(connection, self._path, content, self._body())
                    headers = answer.headers
                    if answer.status != 200:
                        raise problem_of(answer.status, answer.headers, answer.read())
                    for document in self._wire.answers(answer.pieces):
                        if not self._unanswered:
                            break
                        _raise_if_temporary(document, failures)
                        self._unanswered.popleft()
                        failures = 0
                        yield document
                finally:
                    close_quietly(connection)
                error: MicrosegError = ConnectionFailed("the service ended the answer before it had all lines")
            except _SourceFailed as failure:
                raise failure.cause from None
            except ServiceProblem as problem:
                if not is_temporary(problem.status):
                    raise
                error = problem
            except FAILURES as failure:
                error = unreachable(self._transport.address, failure)
            if self._is_at_end and not self._unanswered:
                return
            failures += 1
            pause = self._transport.retries.pause(failures, headers)
            if pause is None:
                raise error
            time.sleep(pause)

    def _has_more(self) -> bool:
        """Whether there is something to send: a request without histories would wait for the service's time limit."""
        if not self._unanswered and not self._is_at_end:
            try:
                self._take()
            except _SourceFailed as failure:
                raise failure.cause from None
        return bool(self._unanswered)

    def _take(self) -> bytes | None:
        try:
            history = next(self._histories, None)
        except Exception as cause:
            raise _SourceFailed(cause) from cause
        if history is None:
            self._is_at_end = True
        else:
            self._unanswered.append(history)
        return history

    def _body(self) -> Iterator[bytes]:
        if head := self._wire.head():
            yield head
        again = iter(list(self._unanswered))
        while histories := self._next_piece(again):
            yield self._wire.pack(histories)
        if tail := self._wire.tail():
            yield tail

    def _next_piece(self, again: Iterator[bytes]) -> Sequence[bytes]:
        piece: list[bytes] = []
        size, begun = 0, time.monotonic()
        while size < _PIECE_BYTES and time.monotonic() - begun < _PIECE_SECONDS:
            history = next(again, None)
            if history is None:
                history = None if self._is_at_end else self._take()
            if history is None:
                break
            piece.append(history)
            size += len(history)
        return piece


def _raise_if_temporary(document: Mapping[str, object], failures: int) -> None:
    """Raises the problem of a line that may be scored later.

    A network that hangs on the same line twice will hang again: then the problem is the line's answer.
    """
    status = document.get("status")
    if not isinstance(status, int) or "features" in document or not is_temporary(status):
        return
    if str(document.get("type", "")).endswith(":network-hung") and failures:
        return
    raise ServiceProblem(status, document)
