"""What all tests have: where torch is used, the same random numbers, and one thread."""

from __future__ import annotations

import sys

import pytest


@pytest.fixture(autouse=True)
def _seeded() -> None:
    # The tests of the client run without torch.
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(7)
        torch.set_num_threads(1)
