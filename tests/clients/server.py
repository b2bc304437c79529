"""Server for the tests: the program as a child process, on a port of its own."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MODEL = "spending-personality"


def example() -> dict[str, Any]:
    """The history of examples/history.json."""
    history: dict[str, Any] = json.loads((ROOT / "examples/history.json").read_text(encoding="utf-8"))
    return history


def environment() -> dict[str, str]:
    """The environment without settings of the program: records stay in memory, and the reference model is served alone."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MICROSEG")}
    return kept | {"MICROSEG_STORE": "sqlite::memory:", "MICROSEG_MODELS": str(ROOT / "tests/models")}


class Server(AbstractContextManager["Server"]):
    """A running server with the reference model; killed at the end."""

    def __init__(self, *arguments: str) -> None:
        """`arguments` are further ones of `microseg serve`."""
        self.arguments = arguments

    def __enter__(self) -> Server:
        command = [os.environ["MICROSEG"], "serve", "--addr", "127.0.0.1:0", "--log-format", "json", *self.arguments]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment(), stderr=subprocess.PIPE, text=True)
        self.address = self.await_event("listening")["address"]
        self.await_event("ready")
        # A full pipe would block the server.
        self.reader = threading.Thread(target=self.process.stderr.read)
        self.reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stderr.close()

    def await_event(self, message: str) -> dict[str, Any]:
        """Waits for an event of the log."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            event: dict[str, Any] = json.loads(line)
            if event["message"] == message:
                return event
        raise AssertionError(f"no {message} in the log")

    @property
    def url(self) -> str:
        return f"http://{self.address}"
