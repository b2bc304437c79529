"""Histories of a given number of transactions, as the bytes that every server is sent."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

from customers import run

DRAWN_AT_LEAST = 600
"""Transactions of one simulated customer; most have two or three times as many."""


def payloads(microseg: Path, transactions: int, count: int, seed: int) -> list[bytes]:
    """`count` customers with so many transactions each, drawn from the population that microseg simulates."""
    each = math.ceil(transactions / DRAWN_AT_LEAST)
    drawn = run([microseg, "simulate", "--customers", str(count * each), "--seed", str(seed)])
    histories = [json.loads(line) for line in drawn.splitlines()]
    generator = random.Random(seed)
    return [
        payload(histories[number * each : (number + 1) * each], transactions, generator)
        for number in range(count)
    ]


def payload(histories: list[dict[str, object]], transactions: int, generator: random.Random) -> bytes:
    """One history: so many transactions of these, in the order of time, about 67 bytes each."""
    pool = [transaction for history in histories for transaction in history["transactions"]]
    chosen = sorted(generator.sample(pool, transactions), key=lambda transaction: transaction["timestamp"])
    history = {
        "customer_id": histories[0]["customer_id"],
        "as_of": histories[0]["as_of"],
        "transactions": chosen,
    }
    return json.dumps(history, separators=(",", ":")).encode()


def write(folder: Path, bodies: list[bytes]) -> list[Path]:
    """One file for each, which the client and the floor read."""
    paths = [folder / f"{number}.json" for number in range(len(bodies))]
    for path, body in zip(paths, bodies, strict=True):
        path.write_bytes(body)
    return paths
