"""Judges the features against bespoke models: `python evaluation.py DATA --microseg PROGRAM --work DIR --results DIR`.

Every finished part of a split is kept at once as a line of JSON. An interrupted run goes on after the last one, as long
as the program, the data, the code and the settings that the part follows from are the same.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy
import scipy
import sklearn

import berka
import berka_studies
import ecommerce
import ecommerce_studies
import uci
from cohort import Study
from files import digest, files_of_part
from parts import PARTS, SplitWork, parts_of
from path import Microseg
from prepared import prepare
from progress import Progress
from raw import Measurement, Results, read_csv, write_csv
from splits import ONE_SPLIT, Split, splits
from teaching import Bench

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Source:
    """A study, and where it comes from."""

    name: str
    folder: str
    files: tuple[str, ...]
    """In the folder; patterns are allowed."""
    read: Callable[[Path], Study]
    repeats: int
    """Of the folds that are reported."""


SOURCES = (
    Source("berka-default", "berka", berka.FILES, berka_studies.default_study, 1),
    Source("berka-liquidity", "berka", berka.FILES, berka_studies.liquidity_study, 1),
    Source("ecommerce-survey", "amazon", ecommerce.FILES, ecommerce_studies.survey_study, 1),
    Source("ecommerce-collapse", "amazon", ecommerce.FILES, ecommerce_studies.collapse_study, 1),
    Source("uci-credit", "uci-credit", (uci.PATTERN,), uci.study, 1),
)
"""The more customers a study has, the fewer repeats it needs: see README.md, "How long it takes"."""


def inputs(data: Path, source: Source) -> list[Path]:
    """The files of a study. Names what is missing."""
    found = [sorted((data / source.folder).glob(name)) for name in source.files]
    missing = [str(data / source.folder / name) for name, some in zip(source.files, found) if not some]
    if missing:
        raise SystemExit(
            "error: the data are not all there:\n  " + "\n  ".join(missing) + "\n"
            "Say where they are with DATA=...; models/evaluate/README.md says what they are."
        )
    return [path for some in found for path in some]


def identities(microseg: Microseg, source: Source, data: list[Path]) -> dict[str, str]:
    """What each part follows from, in one word."""
    versions = f"{numpy.__version__} {scipy.__version__} {sklearn.__version__}"
    program = digest(microseg.program, *data)[:16]
    return {part: f"{program} {digest(*files_of_part(source.name, part))[:16]} {versions}" for part in PARTS}


@dataclass(frozen=True)
class Job:
    split: Split
    part: str

    @property
    def key(self) -> tuple[str, int, int, str]:
        return (*self.split.key, self.part)


def jobs_of(study: Study, repeats: int) -> list[Job]:
    """Split by split, so that an interrupted run has whole folds."""
    return [Job(split, part) for split in splits(study, repeats) for part in parts_of(study, split)]


def run_study(
    microseg: Microseg, source: Source, data: Path, work: Path, progress: Progress, parts: tuple[str, ...]
) -> list[Measurement]:
    """Runs what is not done yet of these parts, and gives all measurements of the study."""
    paths = inputs(data, source)
    stamps = identities(microseg, source, paths)
    results = Results(work / f"{source.name}.ndjson", stamps)
    study = source.read(data / source.folder)
    jobs = jobs_of(study, source.repeats)
    asked = [job for job in jobs if job.part in parts]
    left = [job for job in asked if job.key not in results.done]
    progress.study(source.name, [(job.part, job.key in results.done) for job in asked], results)
    if left:
        prepared = prepare(microseg, study, work / source.name)
        bench = Bench(microseg, prepared, work / source.name, stamps["S"].replace(" ", "-"))
        for job in left:
            started = time.monotonic()
            values = SplitWork(bench, job.split).run(job.part)
            seconds = time.monotonic() - started
            measured = [Measurement(*job.key, *value) for value in values]
            results.add(job.key, measured, seconds)
            progress.finished(job.split.word, job.part, seconds)
    wanted = {job.key for job in jobs}
    found = [one for one in results.measurements() if (one.purpose, one.repeat, one.fold, one.part) in wanted]
    return [*describe(study), *found]


def describe(study: Study) -> list[Measurement]:
    """How many customers there are, and in which groups, for the report: it reads no data."""
    counts = {"customers": len(study.customers), "company": len(study.company), "classes": study.taxonomy is not None}
    found = [fact(name, "", "", float(value)) for name, value in counts.items()]
    for task in (*study.tasks, *study.attributes):
        labels = study.labels(task)
        found += [
            fact("known", task.name, "", (labels >= 0).sum()),
            fact("positive", task.name, "", (labels == 1).sum()),
        ]
        for split in (one for one in splits(study, 1) if one.purpose in ONE_SPLIT):
            judged = labels[split.test]
            found.append(fact(f"known, {split.purpose}", task.name, "", (judged >= 0).sum()))
            found.append(fact(f"positive, {split.purpose}", task.name, "", (judged == 1).sum()))
    return found + groups(study)


def groups(study: Study) -> list[Measurement]:
    """Where there is one split: how many bad customers it judges in each group of an attribute."""
    found = []
    labels = study.labels(study.tasks[0])
    for split in (one for one in splits(study, 1) if one.purpose in ONE_SPLIT):
        for attribute in study.attributes:
            group = study.labels(attribute)[split.test]
            for value in (0, 1):
                bad = ((labels[split.test] == 1) & (group == value)).sum()
                found.append(fact(f"bad, {split.purpose}", study.tasks[0].name, f"{attribute.name} {value}", bad))
    return found


def fact(name: str, task: str, group: str, value: float) -> Measurement:
    """A count of customers; the group stands in the row, so that counts of groups do not mix."""
    return Measurement("study", 0, 0, "", name, task, group, "", float(value))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="the folder with berka/, amazon/ and uci-credit/")
    parser.add_argument("--microseg", type=Path, required=True, help="the program")
    parser.add_argument("--work", type=Path, required=True, help="where finished parts are kept")
    parser.add_argument("--results", type=Path, required=True, help="where raw results, plots and the report go")
    parser.add_argument("--studies", default="", help="names of studies, separated by commas [default: all]")
    parser.add_argument("--parts", default="", help="parts of the work, the dear ones later; no report [default: all]")
    parser.add_argument("--report-only", action="store_true", help="write the report from the raw results there are")
    arguments = parser.parse_args()

    chosen = [one for one in SOURCES if not arguments.studies or one.name in arguments.studies.split(",")]
    parts = tuple(arguments.parts.split(",")) if arguments.parts else tuple(PARTS)
    if not arguments.report_only:
        from networks import make_deterministic

        for source in chosen:
            inputs(arguments.data, source)
        make_deterministic()
        microseg = Microseg(arguments.microseg.resolve())
        arguments.work.mkdir(parents=True, exist_ok=True)
        progress = Progress(len(chosen))
        try:
            for source in chosen:
                measured = run_study(microseg, source, arguments.data, arguments.work, progress, parts)
                write_csv(arguments.results / "raw" / f"{source.name}.csv", measured)
        except KeyboardInterrupt:
            sys.exit("interrupted: run it again to go on after the last finished part")
    if arguments.parts:
        return
    from report import write_report

    raw = {path.stem: read_csv(path) for path in sorted((arguments.results / "raw").glob("*.csv"))}
    write_report(arguments.results, raw)
    print(f"{arguments.results / 'RESULTS.md'} is written")


if __name__ == "__main__":
    main()
