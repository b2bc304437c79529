"""The committed networks of `tests/networks`: their golden cases hold, and each wrong one is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from exported import close, description, golden, zeros

NETWORKS = Path(__file__).resolve().parents[2] / "tests" / "networks"
GOOD = sorted(path.name for path in NETWORKS.iterdir() if (path / "model.pt").exists())
WRONG = sorted(path.name for path in (NETWORKS / "wrong").iterdir())


def run(folder: Path, case: dict[str, Any]) -> tuple[torch.Tensor, ...]:
    script = torch.jit.load(str(folder / "model.pt"))
    given = [torch.tensor([case["numbers"]], dtype=torch.float32)]
    if "categories" in case:
        given.append(torch.tensor([case["categories"]]))
    state = zeros(folder, 1)
    if "state" in case:
        state = [torch.tensor(case["state"][each["name"]]).unsqueeze(1) for each in description(folder)["state"]]
    with torch.no_grad():
        return script(*given, *state)


@pytest.mark.parametrize("name", GOOD)
def test_golden_cases_hold(name: str) -> None:
    cases = golden(NETWORKS / name)
    assert sum("history" in case for case in cases) >= 6 and any("state" in case for case in cases)
    for case in cases:
        answer = run(NETWORKS / name, case)
        close(answer[0][0], torch.tensor(case["states"]))
        close(answer[1][0], torch.tensor(case["outputs"]))
    ties = [
        {key: case[key] for key in case if key not in ("name", "history")} for case in cases if "ties" in case["name"]
    ]
    assert len(ties) == 2 and ties[0] == ties[1]
    sizes = [path.stat().st_size for path in (NETWORKS / name).iterdir()]
    assert sum(sizes) < 100_000 if name != "lifestream" else sum(sizes) < 300_000


@pytest.mark.parametrize("name", WRONG)
def test_wrong_network_differs_from_a_good_one(name: str) -> None:
    good, wrong = NETWORKS / "event-gru", NETWORKS / "wrong" / name
    assert any((good / file).read_bytes() != (wrong / file).read_bytes() for file in ("model.pt", "network.json"))
