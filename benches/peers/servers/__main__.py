"""Same histories, same model, side by side: microseg and the Python servers, in one table."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import tempfile
from dataclasses import asdict
from pathlib import Path

from customers import run
from machine import load, machine, versions
from servers import bulk, floor, growth
from servers.comparison import Plan, compare
from servers.contenders import contenders
from servers.cores import one_each, shared
from servers.overhead import overhead
from servers.payloads import payloads, write
from servers.progress import say
from servers.report import Result, report
from servers.server import Server

HISTORIES = {200: 8, 2_000: 8, 20_000: 4}
"""How many different histories there are of each number of transactions; they take turns."""

FULL = Plan(connections=[1, 4, 16, 64], search_seconds=2, seconds=4, rounds=3)
QUICK = Plan(connections=[1, 16], search_seconds=1, seconds=2, rounds=2)

TRANSACTIONS = [10, 100, 1_000, 10_000, 100_000]
SAMPLES = [128, 256, 512, 1_024, 2_048, 4_096, 8_192]
TINY = 10
BULKY = 2_000

PACKAGES = ("fastapi", "pydantic", "orjson", "uvicorn", "uvloop", "httptools", "bentoml", "torch", "numpy")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="servers", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="shorter runs: a few minutes, more noise")
    parser.add_argument("--markdown", action="store_true", help="the table as Markdown")
    parser.add_argument("--seed", type=int, default=2109, help="of the customers (default: 2109)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write every number")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="where to draw how the cost grows: .svg or .png")
    return parser.parse_args()


def measure(microseg: Path, wish: argparse.Namespace, folder: Path) -> Result:
    plan = QUICK if wish.quick else FULL
    result = Result()
    everybody = contenders(microseg)
    for transactions, count in HISTORIES.items():
        place = folder / str(transactions)
        place.mkdir()
        files = write(place, payloads(microseg, transactions, count, wish.seed))
        say(f"the floor of {transactions:,} transactions")
        found = result.floors[transactions] = floor.floor(files, one_each())
        for one_worker, cores in ((True, one_each()), (False, shared())):
            # On a single core both would be the same.
            if one_worker or len(cores.server) > 1:
                result.rows += compare(everybody, files, transactions, one_worker, cores, plan, found)

    bodies = {size: payloads(microseg, size, 4, wish.seed) for size in TRANSACTIONS}
    seconds = 0.3 if wish.quick else 1.5
    with Server(everybody[0], 1, one_each(), bodies[TINY][0]) as server:
        say("the overhead of a tiny history")
        result.overhead = overhead(server, bodies[TINY], 500 if wish.quick else 5_000)
        scored = growth.by_transactions(server, bodies, seconds)
        bulky = payloads(microseg, BULKY, 8, wish.seed)
        result.curves = [scored, growth.by_samples(server, bulky[:2], SAMPLES, seconds)]
    histories = 4_000 if wish.quick else 8_000
    result.bulk = bulk.bulk(microseg, bulky, histories, one_each().server, folder)
    return result


def main() -> None:
    wish = arguments()
    # Whoever stops the run gets all servers stopped, however it is done.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.default_int_handler)
    microseg = Path(os.environ["MICROSEG"]).resolve()
    try:
        say("building the floor")
        floor.build()
        with tempfile.TemporaryDirectory(prefix="microseg-bench-") as folder:
            result = measure(microseg, wish, Path(folder))
    except KeyboardInterrupt:
        raise SystemExit("stopped") from None
    found = {
        "Machine": machine(),
        **versions(run([microseg, "--version"]), PACKAGES),
        "wrk": first_line(["wrk", "-v"]).split()[1],
        "load at the end": f"{load():.1f}",
    }
    print(report(result, found, wish.markdown))
    if wish.json:
        wish.json.write_text(json.dumps(asdict(result) | {"machine": found}, indent=1) + "\n", encoding="utf-8")
    if wish.plot:
        growth.plot(result.curves, wish.plot)


def first_line(command: list[str]) -> str:
    """What a command says of itself; wrk's exit code means nothing."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).splitlines()[0]


if __name__ == "__main__":
    main()
