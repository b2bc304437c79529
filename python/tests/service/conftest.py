"""A running service, for the tests of this folder; without the program that `MICROSEG` names they are skipped."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from microseg import Client

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/clients"))
from server import Server  # noqa: E402

if "MICROSEG" not in os.environ:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server without keys."""
    with Server() as running:
        yield running


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    """Its client."""
    with Client(server.url) as made:
        yield made


@pytest.fixture(scope="session")
def history() -> dict[str, Any]:
    """The history of examples/history.json."""
    return json.loads((ROOT / "examples/history.json").read_text(encoding="utf-8"))


@pytest.fixture
def rows(history: dict[str, Any]) -> list[dict[str, Any]]:
    """A table of it: three customers whose rows are mixed."""
    return [
        {"customer_id": f"c-{place % 3}", "class": None, "mcc": None, **transaction}
        for place, transaction in enumerate(history["transactions"])
    ]
