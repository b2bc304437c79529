"""Judges the features against bespoke models: `python evaluation.py DATA --microseg PROGRAM --work DIR --results FILE`.

Every fold's result is kept as a line of JSON as soon as it is there. An interrupted run goes on after the last one, as
long as the program, the data, the code and the settings are the same.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import scipy
import sklearn
import torch

import berka
import ecommerce
from cohort import Study
from folds import Fold, FoldRun, Prepared, folds, prepare
from lstm import make_deterministic
from path import Microseg
from reference import digest
from report import write_report

HERE = Path(__file__).parent
RULES = HERE.parent / "train"
WHO_DECIDES = (
    *(RULES / name for name in ("population.py", "taxonomy.py", "traits.py")),
    *(
        HERE / name
        for name in (
            "berka.py",
            "berka_taxonomy.csv",
            "bespoke.py",
            "classifiers.py",
            "cohort.py",
            "ecommerce.py",
            "ecommerce_categories.csv",
            "ecommerce_taxonomy.csv",
            "features.py",
            "folds.py",
            "lstm.py",
            "path.py",
            "reference.py",
            "tables.py",
        )
    ),
)
"""The files that a fold's result depends on; how results are summed up and shown is not among them."""

STUDIES: tuple[tuple[str, str, tuple[str, ...], Callable[[Path], Study]], ...] = (
    (
        "berka-default",
        "berka",
        ("trans_preloan_354accounts.csv.gz", "trans_1993-01_1994-04_all_accounts.csv.gz", "loan.asc.gz"),
        berka.default_study,
    ),
    (
        "berka-liquidity",
        "berka",
        ("trans_preloan_354accounts.csv.gz", "trans_1993-01_1994-04_all_accounts.csv.gz", "loan.asc.gz"),
        berka.liquidity_study,
    ),
    (
        "ecommerce-survey",
        "amazon",
        ("purchases_29_regions.csv.gz", "survey_5027_reduced.csv.gz"),
        ecommerce.survey_study,
    ),
    ("ecommerce-collapse", "amazon", ("purchases_29_regions.csv.gz",), ecommerce.collapse_study),
)
"""Each study's name, its folder in the data, the files there that it reads, and how it reads them."""


def check_data(data: Path) -> None:
    """Says at once what is missing, rather than after half an hour."""
    wanted = sorted({data / folder / name for _, folder, names, _ in STUDIES for name in names})
    missing = [path for path in wanted if not path.is_file()]
    if missing:
        listed = "\n".join(f"  {path}" for path in missing)
        raise SystemExit(
            f"error: the data are not all there:\n{listed}\n"
            "Say where they are with DATA=...; models/evaluate/README.md says what they are."
        )


def identity(microseg: Microseg, inputs: list[Path]) -> str:
    """What a fold's result follows from, in one word."""
    versions = f"{numpy.__version__} {scipy.__version__} {sklearn.__version__} {torch.__version__}"
    return f"{digest(microseg.program, *inputs, *WHO_DECIDES)[:32]} {versions}"


class Results:
    """The folds that are done, one JSON line each; lines of another identity are left alone."""

    def __init__(self, path: Path, identity: str) -> None:
        self.path, self.identity = path, identity
        self.lines: dict[tuple[int, int], dict[str, Any]] = {}
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                self.remember(line)

    def remember(self, line: str) -> None:
        try:
            result = json.loads(line)
        except json.JSONDecodeError:
            return  # cut off in the middle of writing
        if result["identity"] == self.identity:
            self.lines[result["repeat"], result["fold"]] = result

    def add(self, result: dict[str, Any]) -> None:
        line = json.dumps({"identity": self.identity, **result})
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        self.remember(line)

    def ordered(self) -> list[dict[str, Any]]:
        return [self.lines[key] for key in sorted(self.lines)]


@dataclass
class Bench:
    """What a worker process has before it for all folds of a study."""

    microseg: Microseg
    prepared: Prepared
    work: Path


_bench: list[Bench] = []
"""Filled once in every worker process: histories are too much to send with each fold."""


def begin_work(bench: Bench) -> None:
    make_deterministic()
    threading.Thread(target=end_with_parent, daemon=True).start()
    _bench.append(bench)


def end_with_parent() -> None:
    """A worker waits for folds for ever, also when the process that hands them out was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def run_fold(fold: Fold) -> dict[str, Any]:
    """One fold, in a worker process."""
    bench = _bench[0]
    folder = bench.work / bench.prepared.study.name / f"fold-{fold.repeat}-{fold.number}"
    return FoldRun(bench.microseg, bench.prepared, fold, folder).run()


def run_study(microseg: Microseg, study: Study, results: Results, work: Path, workers: int) -> None:
    """Runs the folds that are not done yet."""
    every = folds(study)
    left = [fold for fold in every if (fold.repeat, fold.number) not in results.lines]
    if not left:
        print(f"{study.name}: all {len(every)} folds are done", flush=True)
        return
    print(f"{study.name}: {len(study.customers)} customers judged, {len(study.company)} more to learn from", flush=True)
    bench = Bench(microseg, prepare(microseg, study, work / study.name), work)
    started = time.monotonic()
    # A spawned process starts clean; a forked one would inherit the threads of PyTorch and of the linear algebra.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=begin_work, initargs=(bench,)) as pool:
        pending = [pool.submit(run_fold, fold) for fold in left]
        try:
            for done, future in enumerate(as_completed(pending), start=1):
                result = future.result()
                results.add(result)
                remaining = (time.monotonic() - started) / done * (len(left) - done)
                steps = ", ".join(f"{what} {seconds:.1f} s" for what, seconds in result["seconds"].items())
                print(
                    f"{study.name}: {len(results.lines)} of {len(every)} folds ({steps}); about {remaining:.0f} s left",
                    flush=True,
                )
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="the folder with berka/ and amazon/")
    parser.add_argument("--microseg", type=Path, required=True, help="the program")
    parser.add_argument("--work", type=Path, required=True, help="where results of folds are kept")
    parser.add_argument("--results", type=Path, required=True, help="the report to write")
    parser.add_argument("--workers", type=int, default=2, help="folds at a time")
    arguments = parser.parse_args()

    check_data(arguments.data)
    make_deterministic()
    microseg = Microseg(arguments.microseg.resolve())
    arguments.work.mkdir(parents=True, exist_ok=True)
    finished: list[tuple[Study, list[dict[str, Any]]]] = []
    try:
        for name, folder, inputs, read in STUDIES:
            study = read(arguments.data / folder)
            stamp = identity(microseg, [arguments.data / folder / one for one in inputs])
            results = Results(arguments.work / f"{name}.ndjson", stamp)
            run_study(microseg, study, results, arguments.work, arguments.workers)
            finished.append((study, results.ordered()))
    except KeyboardInterrupt:
        sys.exit("interrupted: run it again to go on after the last finished fold")
    write_report(arguments.results, finished)
    print(f"{arguments.results} is written")


if __name__ == "__main__":
    main()
