"""Requests to one service, with connections that are kept and attempts that are repeated."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator, Mapping
from typing import cast

import h11

from microseg.http.address import Address
from microseg.http.connection import Answer, Connection, Headers, close_quietly
from microseg.http.errors import ConnectionFailed, MicrosegError, ServiceProblem
from microseg.http.retries import Retries, is_temporary

FAILURES = (OSError, h11.ProtocolError)
_CONNECT_SECONDS = 10.0
_MOST_IDLE = 8


class Transport:
    """Sends requests; threads may share it."""

    def __init__(self, address: Address, headers: Headers, retries: Retries, timeout: float) -> None:
        self.address = address
        self.retries = retries
        self._headers = tuple(headers)
        self._timeout = timeout
        self._idle: list[Connection] = []
        self._lock = threading.Lock()
        self._process = os.getpid()

    def close(self) -> None:
        """Ends the connections that no request uses."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            close_quietly(connection)

    def connect(self) -> Connection:
        """A new connection; raises `OSError`."""
        return Connection(self.address, _CONNECT_SECONDS, self._timeout)

    def start(self, connection: Connection, path: str, headers: Headers, body: Iterator[bytes]) -> Answer:
        """Sends a body piece by piece, and gives the answer while it is sent; no attempt is repeated."""
        return connection.send("POST", path, [*self._headers, *headers], body)

    def request(self, method: str, path: str, headers: Headers = (), body: bytes | None = None) -> dict[str, object]:
        """The JSON document of an answer; attempts are repeated.

        Raises `ServiceProblem` and `ConnectionFailed`.
        """
        failures = 0
        while True:
            error: MicrosegError
            answered: Mapping[str, str] = {}
            try:
                status, answered, content = self._attempt(method, path, headers, body)
            except FAILURES as failure:
                error = unreachable(self.address, failure)
            else:
                document = _document(content)
                if status < 300 and document is not None:
                    return document
                error = problem_of(status, answered, content)
                if not is_temporary(status, error.type):
                    raise error
            failures += 1
            pause = self.retries.pause(failures, answered)
            if pause is None:
                raise error
            time.sleep(pause)

    def _attempt(
        self, method: str, path: str, headers: Headers, body: bytes | None
    ) -> tuple[int, Mapping[str, str], bytes]:
        while True:
            connection = self._take()
            # The service closes connections that rest: on one of those a failure says nothing.
            was_used = connection.is_used
            try:
                answer = connection.send(method, path, [*self._headers, *headers], body)
                content = answer.read()
            except FAILURES as failure:
                close_quietly(connection)
                if was_used and not isinstance(failure, TimeoutError):
                    continue
                raise
            except BaseException:
                close_quietly(connection)
                raise
            self._put(connection)
            return answer.status, answer.headers, content

    def _take(self) -> Connection:
        with self._lock:
            if self._process != os.getpid():
                # A fork shares the sockets of its parent, which goes on using them.
                self._idle, self._process = [], os.getpid()
            if self._idle:
                return self._idle.pop()
        return self.connect()

    def _put(self, connection: Connection) -> None:
        with self._lock:
            if connection.is_reusable and len(self._idle) < _MOST_IDLE:
                self._idle.append(connection)
                return
        close_quietly(connection)


def problem_of(status: int, headers: Mapping[str, str], content: bytes) -> ServiceProblem:
    """The error of an answer that is no success; a proxy's page has only its status."""
    document = _document(content) or {"title": "the answer is not one of microseg: is the URL right?"}
    return ServiceProblem(status, document, headers.get("x-request-id"))


def _document(content: bytes) -> dict[str, object] | None:
    try:
        document: object = json.loads(content)
    except ValueError:
        return None
    return cast("dict[str, object]", document) if isinstance(document, dict) else None


def unreachable(address: Address, failure: Exception) -> ConnectionFailed:
    """The error of a connection."""
    error = ConnectionFailed(f"{address.shown}: {failure}: is the service running there?")
    error.__cause__ = failure
    return error
