"""Tests of the raw results and of the report that is written from them."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

from evaluation import SOURCES, inputs
from evidence import Evidence, Judged
from raw import Measurement, Results, read_csv, write_csv
from report import write_report
from report_extras import difference_of_parts
from report_summary import unfinished
from rows import FEATURES, all_rows
from splits import CHOICE, FOLDS, REPORT


def measurements(features: float, bespoke: float) -> list[Measurement]:
    """Every row of a study with classes has the same AUC as its side, in each fold."""
    found = [
        Measurement("study", 0, 0, "", name, task, "", "", value)
        for name, task, value in (
            ("customers", "", 60.0), ("company", "", 5.0), ("classes", "", 1.0), ("known", "task", 60.0),
            ("positive", "task", 20.0),
        )
    ]  # fmt: skip
    for purpose, folds in ((CHOICE, 3), (REPORT, FOLDS)):
        for fold in range(folds):
            for row in all_rows(classes=True):
                value = round((features if row.side == FEATURES else bespoke) + 0.01 * fold, 3)
                found.append(Measurement(purpose, 0, fold, "bespoke", "auc", "task", row.name, "", value))
    return found


class Raw(unittest.TestCase):
    def test_results_are_found_again_and_others_are_not(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "results.ndjson"
            key = (REPORT, 0, 1, "bespoke")
            Results(path, {"bespoke": "one"}).add(key, [Measurement(*key, "auc", "task", "row", "", 0.5)], 1.0)
            with path.open("a") as file:
                file.write('{"identity": "one", "repe')
            again = Results(path, {"bespoke": "one"})
            self.assertEqual([one.value for one in again.measurements()], [0.5])
            self.assertEqual(again.seconds("bespoke"), [1.0])
            self.assertEqual(Results(path, {"bespoke": "other"}).measurements(), [])

    def test_a_table_is_read_back(self) -> None:
        given = measurements(0.7, 0.8)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "raw" / "some.csv"
            write_csv(path, given)
            self.assertEqual(read_csv(path), given)


class Differences(unittest.TestCase):
    def test_a_difference_is_paired_by_fold(self) -> None:
        one = Judged(Evidence("some", measurements(0.7, 0.8)), "task", REPORT)
        difference = one.difference("LR, S: state", "LR, shares: mean")
        assert difference is not None
        self.assertAlmostEqual(difference.mean, -0.1)
        self.assertAlmostEqual(difference.half, 0.0)

    def test_a_row_that_was_not_measured_has_no_interval(self) -> None:
        one = Judged(Evidence("some", measurements(0.7, 0.8)), "task", REPORT)
        self.assertIsNone(one.auc("LR, something else"))
        self.assertIsNone(one.difference("LR, S: state", "LR, something else"))


class Reporting(unittest.TestCase):
    def written(self, features: float, bespoke: float) -> tuple[str, str, set[str]]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder)
            write_report(path, {"some": measurements(features, bespoke)})
            plots = {one.name for one in (path / "plots").iterdir()}
            return (path / "RESULTS.md").read_text(), (path / "TABLES.md").read_text(), plots

    def test_the_report_says_where_the_claim_fails(self) -> None:
        page, tables, plots = self.written(0.7, 0.8)
        self.assertIn("*fails* in 1 of 1 (task)", page)
        self.assertIn("**fails**: the features are worse", page)
        self.assertIn("harmful in 3", page)
        self.assertNotIn("$", page)
        self.assertIn("differences.svg", plots)
        self.assertIn("| features | LR, S: state |", tables)

    def test_the_report_says_where_the_claim_holds(self) -> None:
        page, _, _ = self.written(0.85, 0.8)
        self.assertIn("*holds* in 1 of 1 (task)", page)
        self.assertIn("helpful in 3", page)

    def test_the_same_numbers_make_the_same_plots(self) -> None:
        with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
            plots = []
            for folder in (first, second):
                write_report(Path(folder), {"some": measurements(0.7, 0.8)})
                plots.append((Path(folder) / "plots" / "differences.svg").read_bytes())
        self.assertEqual(plots[0], plots[1])

    def test_headings_fit_into_the_model_card(self) -> None:
        page, _, _ = self.written(0.7, 0.8)
        self.assertTrue(all(line.startswith("###") for line in page.splitlines() if line.startswith("#")))


class Unfinished(unittest.TestCase):
    def test_a_study_without_all_folds_is_told(self) -> None:
        missing = [one for one in measurements(0.7, 0.8) if not (one.purpose == REPORT and one.fold > 2)]
        self.assertEqual(unfinished([Evidence("some", missing)]), ["some is not finished: 3 of 5 folds."])
        self.assertEqual(unfinished([Evidence("some", measurements(0.7, 0.8))]), [])


class Gaps(unittest.TestCase):
    def test_the_interval_of_two_parts_is_normal(self) -> None:
        interval = difference_of_parts((0.5, 0.4), (100, 400))
        self.assertAlmostEqual(interval.mean, 0.1)
        self.assertAlmostEqual(interval.half, 1.959964 * (0.25 / 100 + 0.24 / 400) ** 0.5)


class Inputs(unittest.TestCase):
    def test_missing_data_are_named(self) -> None:
        for source in SOURCES:
            with tempfile.TemporaryDirectory() as folder, self.assertRaises(SystemExit) as raised:
                inputs(Path(folder), source)
            self.assertIn(str(Path(source.folder) / source.files[0]), str(raised.exception))

    def test_what_training_pins_is_pinned_alike(self) -> None:
        """Both install into one environment."""
        here = Path(__file__).parent
        whole = set((here / "requirements.txt").read_text().split())
        for part in (here.parent / "train" / "requirements.txt", here / "requirements-test.txt"):
            self.assertLessEqual(set(part.read_text().split()), whole)


if __name__ == "__main__":
    unittest.main()
