"""One connection that stays open, on a bare socket: Python's own HTTP client would add a tenth of a millisecond."""

from __future__ import annotations

import re
import socket
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

PATIENCE_SECONDS = 120.0


@dataclass(frozen=True)
class Answer:
    status: int
    seconds: float
    """From the first byte sent to the last one received."""

    head: bytes
    body: bytes

    def stages(self) -> dict[str, float]:
        """Milliseconds by the server's own account, from its `server-timing`."""
        found = re.search(rb"(?im)^server-timing:(.*)$", self.head)
        if found is None:
            raise ValueError("the answer has no server-timing")
        stages = (stage.split(";dur=") for stage in found.group(1).decode().strip().split(", "))
        return {name: float(duration) for name, duration in stages}


def request(path: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


class Connection:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, asked: bytes) -> Answer:
        """What `request` made goes out, its answer comes back. All servers here state a content-length."""
        begun = time.perf_counter()
        self.socket.sendall(asked)
        received = bytearray()
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._more()
        head = bytes(received[: end + 2])
        length = re.search(rb"(?im)^content-length: *(\d+)", head)
        if length is None:
            raise ValueError("the answer states no content-length")
        whole = end + 4 + int(length.group(1))
        while len(received) < whole:
            received += self._more()
        ended = time.perf_counter()
        return Answer(int(head.split(b" ", 2)[1]), ended - begun, head, bytes(received[end + 4 : whole]))

    def _more(self) -> bytes:
        more = self.socket.recv(1 << 18)
        if not more:
            raise ConnectionResetError("the server closed the connection")
        return more

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()
