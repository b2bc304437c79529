"""The evaluation in small: drawn customers and a bundle that is there already. A few seconds, without PyTorch.

It goes all the way but for the training: histories, `microseg encode`, bespoke columns, `microseg score`, classifiers,
raw results, plots and report.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

import numpy

from classifiers import light
from cohort import Customer, Study, Task
from evaluation import describe, jobs_of
from parts import PARTS, SplitWork
from path import Microseg
from prepared import prepare
from raw import Measurement, Results, write_csv
from taxonomy_classes import classes_of
from teaching import Bench

NAME = "spending-personality"
"""The bundle's, and so the study's."""
CUSTOMERS = 100
WITHOUT_PYTORCH = ("bespoke", "S", "segments", "errors")
FOLDS_RUN = 2
"""Of each purpose."""
AS_OF = date(2021, 1, 1)
EARLIER = date(2020, 7, 1)
FIRST = date(2016, 1, 1)


def drawn_study(taxonomy: Path) -> Study:
    """Every third customer is positive, and spends more in the first ten classes."""
    customers = tuple(drawn_customer(number, classes_of(taxonomy)) for number in range(CUSTOMERS))
    return Study(
        name=NAME,
        title="Drawn customers",
        taxonomy=taxonomy,
        period="year",
        window=6,
        tasks=(Task("drawn", "does the customer spend in the first classes?"),),
        money=("spending",),
        customers=customers,
        company=(),
        strata=tuple(str(customer.labels["drawn"]) for customer in customers),
        channels=("spending",),
        attributes=(Task("even", "is the number even?"),),
    )


def drawn_customer(number: int, classes: tuple[str, ...]) -> Customer:
    generator = random.Random(number)
    positive = number % 3 == 0
    transactions = []
    for _ in range(60):
        day = FIRST + timedelta(days=generator.randrange((AS_OF - FIRST).days))
        few = positive and generator.random() < 0.5
        kind = generator.choice(classes[:10] if few else classes)
        amount = -round(generator.uniform(5, 200), 2)
        transactions.append({"timestamp": day.isoformat(), "amount": amount, "class": kind})
    total = -sum(one["amount"] for one in transactions)
    before = [one for one in transactions if one["timestamp"] < EARLIER.isoformat()]
    return Customer(
        history={"customer_id": f"drawn-{number}", "as_of": AS_OF.isoformat(), "transactions": transactions},
        money=(total,),
        labels={"drawn": int(positive), "even": int(number % 2 == 0)},
        channels=numbers_of(transactions),
        earlier={"customer_id": f"drawn-{number}", "as_of": EARLIER.isoformat(), "transactions": before},
    )


def numbers_of(transactions: list[dict[str, object]]) -> numpy.ndarray:
    """[6, 1]: spending of each year."""
    years = range(FIRST.year - 1, AS_OF.year)
    return numpy.array(
        [
            [-sum(float(str(one["amount"])) for one in transactions if str(one["timestamp"])[:4] == str(year))]
            for year in years
        ]
    )


def run_small(microseg: Microseg, models: Path, work: Path, results: Path) -> int:
    """Runs what is not done yet; gives how many parts that were. The raw results are in `results`."""
    study = drawn_study(models / NAME / "1" / "taxonomy.csv")
    kept = Results(work / f"{NAME}.ndjson", dict.fromkeys(PARTS, "small"))
    jobs = [job for job in jobs_of(study, 1) if job.part in WITHOUT_PYTORCH and job.split.number < FOLDS_RUN]
    left = [job for job in jobs if job.key not in kept.done]
    if left:
        light()
        bench = Bench(microseg, prepare(microseg, study, work / NAME), work / NAME, "small", ready=models)
        for job in left:
            kept.add(job.key, [Measurement(*job.key, *one) for one in SplitWork(bench, job.split).run(job.part)], 0.0)
    write_csv(results / "raw" / f"{NAME}.csv", [*describe(study), *kept.measurements()])
    return len(left)
