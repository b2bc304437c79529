"""A model whose steps are transactions, with fields of its own."""

from __future__ import annotations

import json
import os
import random
import subprocess
from collections.abc import Iterator
from typing import Any

import pandas
import pytest
from server import ROOT, Server

from microseg import Client, Layout

NETWORK = ROOT / "tests/networks/event-lstm-2"


def transactions(count: int) -> list[dict[str, Any]]:
    """Made-up transactions; some have the same time, so that ids decide their order."""
    drawn = random.Random(7)
    return [
        {
            "id": f"t-{place}",
            "timestamp": f"2020-{drawn.randint(1, 12):02}-01",
            "amount": -round(drawn.uniform(1, 90), 2),
            "mcc": drawn.choice([5411, 5812, None]),
            "balance": drawn.choice([None, drawn.uniform(0, 5000)]),
            "channel": drawn.choice(["web", "pos"]),
        }
        for place in range(count)
    ]


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("events")
    population = folder / "population.ndjson"
    every = transactions(1800)
    population.write_text(
        "".join(json.dumps({"transactions": every[place : place + 30]}) + "\n" for place in range(0, 1800, 30))
    )
    command = [os.environ["MICROSEG"], "model", "build", "--description", str(NETWORK / "network.json")]
    command += ["--taxonomy", str(NETWORK / "taxonomy.csv"), "--name", "events", "--into", str(folder / "models")]
    built = subprocess.run([*command, str(population)], capture_output=True, text=True, cwd=ROOT)
    assert built.returncode == 0, built.stderr
    with Server("--models", str(folder / "models")) as server, Client(server.url) as client:
        yield client


def test_declared_fields_and_ids_are_sent(events: Client) -> None:
    listed = transactions(60)
    (expected,) = events.score([{"transactions": listed}])
    table = pandas.DataFrame([{**each, "customer": "c"} for each in listed])
    state = [f"state.{place}" for place in range(len(expected.state))]
    assert events.score(table)[state].to_numpy().tolist() == [list(expected.state)]
    renamed = table.rename(columns={"balance": "saldo"})
    layout = Layout(field_columns={"balance": "saldo"})
    assert events.score(renamed, layout=layout)[state].to_numpy().tolist() == [list(expected.state)]
    for without in ("balance", "channel", "id"):
        changed = events.score(table.drop(columns=without))[state].to_numpy().tolist()
        assert changed != [list(expected.state)], without


def test_transactions_are_explained_one_by_one(events: Client) -> None:
    found = events.explain(pandas.DataFrame([{**each, "customer": "c"} for each in transactions(60)]), level="event")
    target = found[0].target()
    assert any(part.title.endswith("t-7") or ", t-" in part.title for part in target.contributions)
    assert len({part.part for part in target.contributions}) == len(target.contributions)
    shap = found.to_shap(target.name)
    assert float(shap.base_values[0]) + shap.values.sum() == pytest.approx(target.value)
