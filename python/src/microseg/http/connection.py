"""One connection, which sends a body and reads the answer at the same time.

The service answers lines while it reads others, and takes no more than the client reads. So a client that sends a
whole body first is disconnected, which is why this is no `httpx`, `requests` or `urllib3`: they do. One thread does
both, over a socket that does not block, since TLS sockets cannot be read and written from two threads in all versions
of Python.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import h11

from microseg.http.address import Address

_PIECE = 65_536
_WOULD_BLOCK = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)

Headers = Sequence[tuple[str, str]]


@dataclass
class Answer:
    """The head of an answer, and its body as it arrives."""

    status: int
    headers: dict[str, str]
    """Names in lower case."""
    pieces: Iterator[bytes] = field(repr=False)

    def read(self) -> bytes:
        """The whole body."""
        return b"".join(self.pieces)


class Connection:
    """A connection for one request after the other."""

    def __init__(self, address: Address, connect_timeout: float, pause_timeout: float) -> None:
        """Connects; raises `OSError`. `pause_timeout`: seconds without a byte either way."""
        self._address = address
        self._pause = pause_timeout
        plain = socket.create_connection((address.host, address.port), connect_timeout)
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            context = address.context()
            self._socket = plain if context is None else context.wrap_socket(plain, server_hostname=address.host)
        except BaseException:
            plain.close()
            raise
        self._socket.setblocking(False)
        self._http = h11.Connection(h11.CLIENT)
        self._outgoing = bytearray()
        self._body: Iterator[bytes] = iter(())
        self.is_used = False
        """Whether an answer came on it before: the service may have closed it meanwhile."""

    def close(self) -> None:
        """Ends the connection."""
        self._socket.close()

    def __del__(self) -> None:
        # A client that was not closed, such as a copy that scikit-learn made, ends its connections with itself.
        if hasattr(self, "_socket"):
            self._socket.close()

    @property
    def is_reusable(self) -> bool:
        """Whether another request can follow."""
        return self._http.our_state is h11.IDLE

    def send(self, method: str, path: str, headers: Headers, body: Iterator[bytes] | bytes | None = None) -> Answer:
        """Sends a request until the head of its answer is there; `pieces` sends the rest of an iterator.

        Raises `OSError` and `h11.ProtocolError`.
        """
        lines = [("host", self._address.authority), ("accept-encoding", "identity"), *headers]
        if isinstance(body, bytes):
            lines.append(("content-length", str(len(body))))
            self._body = iter((body,))
        elif body is not None:
            lines.append(("transfer-encoding", "chunked"))
            self._body = body
        else:
            self._body = iter(())
        request = h11.Request(method=method, target=self._address.path + path, headers=lines)
        self._outgoing += self._http.send(request)
        event = self._next_event()
        while isinstance(event, h11.InformationalResponse):
            event = self._next_event()
        if not isinstance(event, h11.Response):
            raise ConnectionResetError("the service closed the connection without an answer")
        self.is_used = True
        found = {name.decode("ascii"): value.decode("latin-1") for name, value in event.headers}
        return Answer(event.status_code, found, self._pieces())

    def _pieces(self) -> Iterator[bytes]:
        while True:
            event = self._next_event()
            if isinstance(event, h11.Data):
                yield bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                break
            else:
                raise ConnectionResetError("the service closed the connection before the end of the answer")
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE and not self._outgoing:
            self._http.start_next_cycle()

    def _next_event(self) -> object:
        while True:
            event = self._http.next_event()
            if event is not h11.NEED_DATA:
                return event
            self._move()

    def _move(self) -> None:
        """Receives, or sends, or waits for either."""
        self._fill()
        try:
            self._http.receive_data(self._socket.recv(_PIECE))
            return
        except _WOULD_BLOCK:
            pass
        if self._outgoing:
            try:
                sent = self._socket.send(self._outgoing[:_PIECE])
                del self._outgoing[:sent]
                return
            except _WOULD_BLOCK:
                pass
            except OSError:
                # The service may have answered and closed its side: its answer is still to be read.
                self._outgoing.clear()
                self._body = iter(())
                self._http.send_failed()
        self._wait()

    def _fill(self) -> None:
        """Takes the next piece of the body when the one before is on its way."""
        if self._outgoing or self._http.our_state is not h11.SEND_BODY:
            return
        piece = next(self._body, None)
        event = h11.EndOfMessage() if piece is None else h11.Data(data=piece)
        self._outgoing += self._http.send(event) or b""

    def _wait(self) -> None:
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._outgoing else 0)
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, wanted)
            if not selector.select(self._pause):
                raise TimeoutError(f"no byte for {self._pause:g} s")


def close_quietly(connection: Connection) -> None:
    """Closes a connection that has failed already."""
    with contextlib.suppress(OSError):
        connection.close()
