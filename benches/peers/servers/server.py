"""One server that runs: started, awaited, paused while others are measured, and stopped for certain."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from servers.connection import Answer, Connection, request
from servers.contenders import PATH, Contender
from servers.cores import Cores
from servers.tree import Tree

PATIENCE_SECONDS = 180.0

LOOK_AGAIN_SECONDS = 0.005

QUIET = 0.05
"""The share of one core below which nobody is starting up any more."""


class Server:
    def __init__(self, contender: Contender, workers: int | None, cores: Cores, first: bytes) -> None:
        """Starts it and waits until it has scored `first`; `workers` is None for as many as there are cores."""
        self.contender = contender
        self.folder = tempfile.TemporaryDirectory(prefix="microseg-bench-")
        self.port = free_port()
        self.log = Path(self.folder.name) / "log"
        launch = contender.launch(self.port, workers, Path(self.folder.name))
        begun = time.monotonic()
        with self.log.open("wb") as log:
            # A session of its own: an interrupt from the keyboard reaches the harness, which stops it in order.
            self.process = subprocess.Popen(
                cores.pinned_server(launch.command),
                cwd=launch.cwd,
                env=launch.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            self.tree = Tree(self.process.pid)
            self._until_it_scores(request(PATH, first))
            self.cold_start_seconds = time.monotonic() - begun
            self._until_quiet()
        except BaseException:
            self.close()
            raise

    def _until_it_scores(self, asked: bytes) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.contender.name} has ended: {self.last_words()}")
            with contextlib.suppress(OSError):
                if self.ask(asked).status == 200:
                    return
            time.sleep(LOOK_AGAIN_SECONDS)
        raise RuntimeError(f"{self.contender.name} does not get ready: {self.last_words()}")

    def _until_quiet(self) -> None:
        """One worker has answered; the others may still be loading PyTorch."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        busy, moment = self.tree.processor_seconds(), time.monotonic()
        while time.monotonic() < deadline:
            time.sleep(0.3)
            now, later = self.tree.processor_seconds(), time.monotonic()
            if now - busy < QUIET * (later - moment):
                return
            busy, moment = now, later
        raise RuntimeError(f"{self.contender.name} keeps a core busy with nothing to do")

    def last_words(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace").strip()[-2_000:]

    def ask(self, asked: bytes) -> Answer:
        """Over a new connection."""
        with Connection(self.port) as connection:
            return connection.ask(asked)

    @contextlib.contextmanager
    def awake(self) -> Iterator[None]:
        """Runs while this lasts; outside it, a server that looks around for work disturbs nobody."""
        self.tree.send(signal.SIGCONT)
        try:
            yield
        finally:
            self.tree.send(signal.SIGSTOP)

    def close(self) -> None:
        """Asks it to stop; whoever is left of what it started is killed."""
        try:
            self.tree.send(signal.SIGCONT)
            self.process.terminate()
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            pass
        finally:
            self.tree.send(signal.SIGKILL)
            self.process.wait()
            self.folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
