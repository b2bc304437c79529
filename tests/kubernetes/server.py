"""The real server, with the variables of a pod."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from objects import ROOT

# What a pod has from its cluster: files, and the names of other servers.
_OF_THE_CLUSTER = ("_FILE", "_STORE", "_INSTANCE", "_ADDR", "_MODELS", "_API_KEYS")


@contextmanager
def running(variables: dict[str, str | None], *arguments: str) -> Iterator[dict[str, Any]]:
    """A server with these variables; gives its `listening` event, and ends it."""
    own = {
        name: value
        for name, value in variables.items()
        if value is not None and not name.endswith(_OF_THE_CLUSTER)
    }  # fmt: skip
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MICROSEG")}
    environment = kept | own | {"MICROSEG_STORE": "sqlite::memory:", "MICROSEG_LOG_FORMAT": "json"}
    command = [os.environ["MICROSEG"], "serve", "--addr", "127.0.0.1:0", *arguments]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            lines = (json.loads(line) for line in process.stderr)
            event = next((line for line in lines if line["message"] == "listening"), None)
            assert event is not None, "the server did not start: see its log above"
            next(line for line in lines if line["message"] == "ready")
            # A full pipe would block the server.
            reader = threading.Thread(target=process.stderr.read)
            reader.start()
            yield event
        finally:
            process.kill()
    reader.join()


def memory_ceiling(variables: dict[str, str | None], processors: int) -> int:
    """What a server with these variables says that it takes at most, in bytes, in a pod with so many processors."""
    of_pod = {"MICROSEG_THREADS": str(processors), "MICROSEG_EXPLANATION_THREADS": str((processors + 1) // 2)}
    with running(of_pod | variables, "--models", "tests/models") as event:
        return int(event["memory_ceiling_bytes"])


def request(address: str, path: str, body: bytes | None = None) -> tuple[int, str]:
    """The status and the text of an answer."""
    asked = urllib.request.Request(f"http://{address}{path}", data=body, headers={"content-type": "application/json"})
    try:
        with urllib.request.urlopen(asked) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
