"""Who is compared, and how each is started as one does in production: workers, no log line for each request."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from servers.scoring import BUNDLE

ROOT = Path(__file__).resolve().parents[3]
PEERS = Path(__file__).resolve().parents[1]
MODEL = ROOT / "models/spending-personality/1"
PATH = "/v1/score"


@dataclass(frozen=True)
class Launch:
    command: list[str]
    environment: dict[str, str]
    cwd: Path


@dataclass(frozen=True)
class Contender:
    name: str
    launch: Callable[[int, int | None, Path], Launch]
    """From the port, the number of workers (None: as many as there are cores) and a folder of its own."""


def contenders(microseg: Path) -> list[Contender]:
    """microseg first: the others are held against it."""
    return [
        ours(microseg),
        Contender("FastAPI, pydantic", uvicorn("servers.with_pydantic:app")),
        Contender("FastAPI, orjson", uvicorn("servers.with_orjson:app")),
        Contender("BentoML", bentoml),
    ]


def ours(microseg: Path) -> Contender:
    def launch(port: int, workers: int | None, folder: Path) -> Launch:
        command = [str(microseg), "serve", "--addr", f"127.0.0.1:{port}", "--models", str(ROOT / "tests/models")]
        command += ["--store", f"sqlite://{folder}/records.db", "--log", "warn"]
        environment = clean_environment()
        if workers is not None:
            command += ["--threads", str(workers)]
            environment["TOKIO_WORKER_THREADS"] = str(workers)
        return Launch(command, environment, folder)

    return Contender("microseg", launch)


def uvicorn(app: str) -> Callable[[int, int | None, Path], Launch]:
    def launch(port: int, workers: int | None, folder: Path) -> Launch:
        command = [sys.executable, "-m", "uvicorn", app, "--port", str(port), "--workers", str(count(workers))]
        command += ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
        # Its first process asks the workers whether they live: a pause must not look like death.
        command += ["--timeout-worker-healthcheck", "3600"]
        return Launch(command, python_environment(), PEERS)

    return launch


def bentoml(port: int, workers: int | None, folder: Path) -> Launch:
    command = [sys.executable, "-m", "bentoml", "serve", "servers.with_bentoml:Scoring"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    environment = python_environment() | {
        "PEER_WORKERS": str(count(workers)),
        "BENTOML_HOME": str(folder),
        "BENTOML_DO_NOT_TRACK": "True",
    }
    return Launch(command, environment, PEERS)


def python_environment() -> dict[str, str]:
    """One thread for each worker, whichever library asks."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return clean_environment() | threads | {BUNDLE: str(MODEL), "PYTHONPATH": str(PEERS)}


def clean_environment() -> dict[str, str]:
    """Nobody's own settings may change what is measured."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("MICROSEG", "BENTOML"))}


def count(workers: int | None) -> int:
    return workers or len(os.sched_getaffinity(0))
