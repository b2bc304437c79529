"""The evaluation in small, with the program that `MICROSEG` names and the reference model's bundle."""

from __future__ import annotations

import os
import tempfile
import unittest
from pathlib import Path

from path import Microseg
from raw import read_csv
from report import write_report
from small import NAME, run_small
from splits import REPORT

MODELS = Path(__file__).parent.parent


class Small(unittest.TestCase):
    def test_it_goes_all_the_way_and_goes_on_where_it_stopped(self) -> None:
        microseg = Microseg(Path(os.environ["MICROSEG"]).resolve())
        with tempfile.TemporaryDirectory() as folder:
            work, results = Path(folder) / "work", Path(folder) / "results"
            work.mkdir()
            self.assertGreater(run_small(microseg, MODELS, work, results), 0)
            kept = work / f"{NAME}.ndjson"
            lines = kept.read_text().splitlines(keepends=True)
            kept.write_text("".join(lines[:-1]) + lines[-1][:20])  # killed while the last part was written
            self.assertEqual(run_small(microseg, MODELS, work, results), 1)
            self.assertEqual(run_small(microseg, MODELS, work, results), 0)
            raw = read_csv(results / "raw" / f"{NAME}.csv")
            write_report(results, {NAME: raw})
            page = (results / "RESULTS.md").read_text()
            self.assertTrue((results / "plots" / "differences.svg").exists())
        bespoke = [
            one.value for one in raw if (one.purpose, one.measure, one.row) == (REPORT, "auc", "LR, shares: mean")
        ]
        self.assertGreater(sum(bespoke) / len(bespoke), 0.8)
        self.assertIn("| drawn |", page)
        self.assertIn("same leaf", {one.row for one in raw if one.measure == "stability"})


if __name__ == "__main__":
    unittest.main()
