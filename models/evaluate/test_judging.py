"""Tests of splits, measures, intervals and verdicts."""

from __future__ import annotations

import math
import unittest
from dataclasses import replace

import numpy

from classifiers import CLASSIFIERS, judge
from cohort import UNKNOWN, Customer, Study, Task
from evidence import Evidence
from judge import Interval, addition, corrected_interval, resampled_interval, verdict
from measures import FEWEST, RESAMPLES, auc_of_rows, draw_labels, error_rates, explained_by, few_labels
from raw import Measurement
from rows import BESPOKE, PERIODS, Row
from splits import (
    CHOICE,
    CHOICE_AT_HOME,
    CHOICE_FOLDS,
    CHOICE_IN_TIME,
    CHOSEN_BY,
    FOLDS,
    HELD_OUT,
    OUT_OF_TIME,
    REPORT,
    Split,
    splits,
)


def some_study(customers: int, late: bool = False) -> Study:
    """Every third customer is positive, every tenth is not known; the second half is late, if asked."""
    everybody = tuple(
        Customer(
            {"customer_id": str(row)},
            (float(row),),
            {"task": UNKNOWN if row % 10 == 9 else int(row % 3 == 0), "even": int(row % 2 == 0)},
            late=late and row >= customers // 2,
        )
        for row in range(customers)
    )
    return Study(
        name="some",
        title="Some",
        taxonomy=None,
        period="month",
        window=5,
        tasks=(Task("task", "is it so?"),),
        money=("balance",),
        customers=everybody,
        company=(),
        strata=tuple(f"{customer.labels['task']} {customer.late}" for customer in everybody),
        attributes=(Task("even", "is it even?"),),
    )


class Splits(unittest.TestCase):
    def test_folds_part_the_customers(self) -> None:
        every = [one for one in splits(some_study(150), 2) if one.purpose == REPORT]
        self.assertEqual(len(every), 2 * FOLDS)
        for one in every:
            self.assertFalse(set(one.train) & set(one.test))
        tested = numpy.concatenate([one.test for one in every if one.repeat == 0])
        self.assertEqual(sorted(tested.tolist()), list(range(150)))

    def test_no_two_splits_draw_alike(self) -> None:
        every = splits(some_study(160, late=True), 3)
        self.assertEqual(len({one.seed for one in every}), len(every))
        self.assertEqual(len({one.word for one in every}), len(every))

    def test_the_choice_folds_are_not_the_reported_ones(self) -> None:
        every = splits(some_study(150), 1)
        reported = {tuple(one.test) for one in every if one.purpose == REPORT}
        chosen = [one for one in every if one.purpose == CHOICE]
        self.assertEqual(len(chosen), CHOICE_FOLDS)
        self.assertFalse(reported & {tuple(one.test) for one in chosen})

    def test_the_out_of_time_test_chooses_among_the_earlier_alone(self) -> None:
        every = splits(some_study(160, late=True), 1)
        last = next(one for one in every if one.purpose == OUT_OF_TIME)
        self.assertEqual((last.train.tolist(), last.test.tolist()), (list(range(80)), list(range(80, 160))))
        for one in every:
            if one.purpose == CHOICE_IN_TIME:
                self.assertFalse({*one.train, *one.test} & set(last.test))

    def test_a_part_held_out_is_in_no_choice(self) -> None:
        every = splits(replace(some_study(90), held_out=1 / 3), 1)
        last = every[-1]
        self.assertEqual((last.purpose, len(last.test)), (HELD_OUT, 30))
        self.assertEqual({one.purpose for one in every[:-1]}, {CHOICE_AT_HOME})
        for one in every[:-1]:
            self.assertFalse({*one.train, *one.test} & set(last.test))

    def test_each_reported_purpose_has_a_choice_of_its_own(self) -> None:
        self.assertEqual(len(set(CHOSEN_BY.values())), len(CHOSEN_BY))


class Measures(unittest.TestCase):
    def setUp(self) -> None:
        self.study = some_study(300)
        labels = self.study.labels(self.study.tasks[0])
        random = numpy.random.default_rng(1)
        self.columns = {"good": (labels == 1)[:, None] + 0.5 * random.normal(size=(300, 1))}
        self.row = Row("good", "good", "LR", BESPOKE, PERIODS)
        self.split = Split(REPORT, 0, 0, numpy.arange(200), numpy.arange(200, 300))

    def test_classifiers_learn_from_the_training_customers(self) -> None:
        random = numpy.random.default_rng(1)
        columns = random.normal(size=(200, 3))
        labels = (columns[:, 0] + 0.5 * random.normal(size=200) > 0).astype(int)
        rows = numpy.arange(200)
        for name in CLASSIFIERS:
            self.assertGreater(judge(name, columns, labels, rows[:150], rows[150:]), 0.85)
            turned = numpy.where(rows < 150, labels, 1 - labels)
            self.assertLess(judge(name, columns, turned, rows[:150], rows[150:]), 0.15)

    def test_unknown_customers_are_not_judged(self) -> None:
        values = auc_of_rows(self.study, [self.row], self.columns, self.split)
        self.assertEqual([value[:4] for value in values], [("auc", "task", "LR, good", "")])
        self.assertGreater(values[0][4], 0.85)

    def test_one_split_has_resamples(self) -> None:
        split = replace(self.split, purpose=OUT_OF_TIME)
        values = auc_of_rows(self.study, [self.row], self.columns, split)
        self.assertEqual(len(values), 1 + RESAMPLES)
        self.assertEqual(values, auc_of_rows(self.study, [self.row], self.columns, split))

    def test_few_labels_are_drawn_from_training_customers_alone(self) -> None:
        labels = self.study.labels(self.study.tasks[0])
        train = numpy.flatnonzero(labels >= 0)[:150]
        drawn = draw_labels(labels, train, 20, 1)
        self.assertEqual((len(drawn), len(set(drawn.tolist()))), (20, 20))
        self.assertLessEqual(set(drawn.tolist()), set(train.tolist()))
        self.assertGreaterEqual(int(labels[drawn].sum()), FEWEST)
        values = few_labels(self.study, [self.row], self.columns, self.split)
        self.assertEqual({value[3].split()[0] for value in values}, {"50", "100"})

    def test_error_rates_are_of_each_group(self) -> None:
        found = error_rates(self.study, [self.row], self.columns, self.split)
        values = {(value[0], value[3]): value[4] for value in found}
        expected = {(measure, f"even {group}") for measure in ("missed", "false alarms") for group in (0, 1)}
        self.assertEqual(set(values), expected)
        self.assertLess(max(values.values()), 0.6)

    def test_segments_that_follow_the_outcome_explain_it_and_others_do_not(self) -> None:
        labels = self.study.labels(self.study.tasks[0])
        following, random = [str(label) for label in labels], ["a" if row % 4 else "b" for row in range(300)]
        found = [explained_by(self.study, "x", one, self.split, self.study.tasks)[1][4] for one in (following, random)]
        self.assertGreater(found[0], 0.6)
        self.assertLess(found[1], 0.05)

    def test_rates_of_segments_are_those_of_training_customers(self) -> None:
        """The leaves of test customers follow their outcome, those of training customers do not."""
        labels = self.study.labels(self.study.tasks[0])
        leaves = [str(row % 2) if row < 200 else str(max(label, 0)) for row, label in enumerate(labels)]
        found = explained_by(self.study, "x", leaves, self.split, self.study.tasks)[1][4]
        self.assertLess(found, 0.05)

    def test_a_segment_without_training_customers_has_the_average(self) -> None:
        leaves = ["old" if row < 200 else "new" for row in range(300)]
        self.assertAlmostEqual(explained_by(self.study, "x", leaves, self.split, self.study.tasks)[1][4], 0.0)


class Judging(unittest.TestCase):
    def test_the_interval_is_nadeau_and_bengio_s(self) -> None:
        values = [0.7, 0.8, 0.75, 0.85, 0.65]
        interval = corrected_interval(values, 0.25)
        # t(0.975, 4) = 2.776; the variance of these values is 0.00625.
        self.assertAlmostEqual(interval.half, 2.776445 * math.sqrt((0.2 + 0.25) * 0.00625), places=6)
        self.assertAlmostEqual(interval.mean, 0.75)

    def test_the_interval_of_resamples_is_normal(self) -> None:
        interval = resampled_interval(0.8, [0.7, 0.8, 0.9])
        self.assertAlmostEqual(interval.low, 0.8 - 0.1959964)

    def test_verdicts(self) -> None:
        words = [
            verdict(Interval(mean, half), Interval(0.8, 0.1)).split("**")[1]
            for mean, half in ((0.05, 0.02), (0.0, 0.01), (-0.1, 0.05), (-0.05, 0.08), (0.05, 0.2))
        ]
        self.assertEqual(words, ["holds", "holds", "fails", "not shown", "not shown"])
        self.assertIn("guessing", verdict(Interval(0.0, 0.01), Interval(0.55, 0.1)))

    def test_additions(self) -> None:
        words = [addition(Interval(mean, 0.02)) for mean in (0.05, -0.05, 0.0)]
        self.assertEqual(words, ["**helpful**", "**harmful**", "neither is shown"])

    def test_rows_are_chosen_by_the_splits_of_choice(self) -> None:
        """The one that is best where it is reported is not taken."""
        values = {CHOICE: {"a": 0.8, "b": 0.7}, REPORT: {"a": 0.6, "b": 0.9}}
        measured = [
            Measurement(purpose, 0, fold, "bespoke", "auc", "task", row, "", value)
            for purpose, rows in values.items()
            for row, value in rows.items()
            for fold in range(2)
        ]
        self.assertEqual(Evidence("some", measured).chosen(REPORT, "task", ["a", "b"]), "a")
        self.assertIsNone(Evidence("some", measured).chosen(OUT_OF_TIME, "task", ["a", "b"]))


if __name__ == "__main__":
    unittest.main()
