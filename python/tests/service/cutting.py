"""Proxy that cuts connections: a real service behind it, as behind a balancer that restarts."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

_PIECE = 4_096


class Cutting:
    """Forwards connections to a service; each ends after its number of bytes of the answer, later ones after any."""

    def __init__(self, url: str, *limits: int) -> None:
        """The first connection ends after `limits[0]` bytes, and so on."""
        parts = urlsplit(url)
        self._target = (parts.hostname or "", parts.port or 0)
        self._limits = list(limits)
        self.connections = 0
        """How many came."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    @classmethod
    @contextlib.contextmanager
    def before(cls, url: str, *limits: int) -> Iterator[Cutting]:
        """Such a proxy, until the end of the block."""
        proxy = cls(url, *limits)
        try:
            yield proxy
        finally:
            proxy._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            limit = self._limits[self.connections] if self.connections < len(self._limits) else None
            self.connections += 1
            service = socket.create_connection(self._target)
            threading.Thread(target=_forward, args=(caller, service, None), daemon=True).start()
            threading.Thread(target=_forward, args=(service, caller, limit), daemon=True).start()


def _forward(source: socket.socket, sink: socket.socket, limit: int | None) -> None:
    left = limit
    with contextlib.suppress(OSError):
        while piece := source.recv(_PIECE):
            if left is not None:
                piece, left = piece[:left], max(0, left - len(piece))
            sink.sendall(piece)
            if left == 0:
                break
    for each in (source, sink):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
