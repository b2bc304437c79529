"""A quick self-test of what needs no server: `.venv/bin/python -m unittest servers.test_servers` in benches/peers."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import unittest
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from customers import Taxonomy
from servers import floor, load
from servers.agreement import LARGEST_DIFFERENCE, agree, difference
from servers.bulk import Bulk
from servers.comparison import Row
from servers.connection import Answer
from servers.contenders import MODEL
from servers.floor import Floor
from servers.growth import Curve, by_samples, slope
from servers.load import Load, peak
from servers.overhead import Overhead, of_answers
from servers.payloads import payload
from servers.report import HEAD, Result, aims, notes, number, report, table
from servers.scoring import Scorer, end_of
from servers.tree import Tree


def a_row(contender: str, rate: float, p99: float = 5.0, transactions: int = 2_000, workers: int = 1) -> Row:
    return Row(
        contender=contender,
        transactions=transactions,
        workers=workers,
        connections=4,
        rate=rate,
        p50=1.0,
        p99=p99,
        processor=1e3 / rate * workers,
        occupied=0.98,
        peak_bytes=300_000_000,
        cold_start_seconds=0.5,
        floor_rate=5_000.0,
        client=0.2,
    )


def a_result(rate: float) -> Result:
    rows = [
        a_row("microseg", rate, p99=2.0),
        a_row("FastAPI, pydantic", 100.0, p99=90.0),
        a_row("FastAPI, orjson", 400.0, p99=30.0),
    ]
    return Result(
        rows=rows,
        floors={2_000: Floor(read=198.5, network=1.5, batch=256)},
        overhead=Overhead(network=60.0, server=40.0, client=90.0),
        bulk=[Bulk(cores=2, rate=9_000.0, processor=0.22)],
        curves=[Curve("transactions of a scored history", [(10, 0.1), (100, 0.2), (1_000, 2.0), (10_000, 20.0)])],
    )


class Payloads(unittest.TestCase):
    history = {
        "customer_id": "somebody",
        "as_of": "2021-01-01T00:00:00Z",
        "transactions": [
            {"timestamp": f"2020-01-{day:02}T10:00:00Z", "amount": -100.0 - day, "mcc": 5812} for day in range(1, 29)
        ],
    }

    def test_has_so_many_transactions_in_the_order_of_time(self) -> None:
        body = payload([self.history, self.history], 40, random.Random(1))
        found = json.loads(body)
        moments = [transaction["timestamp"] for transaction in found["transactions"]]
        self.assertEqual(len(moments), 40)
        self.assertEqual(moments, sorted(moments))
        self.assertEqual(found["as_of"], self.history["as_of"])
        self.assertLess(abs(len(body) / 40 - 67), 5)

    def test_the_same_seed_draws_the_same_history(self) -> None:
        first, same, other = (payload([self.history], 9, random.Random(seed)) for seed in (1, 1, 2))
        self.assertEqual(first, same)
        self.assertNotEqual(first, other)


class Scoring(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.scorer = Scorer(MODEL)

    def test_answers_the_golden_case_of_the_readme(self) -> None:
        transactions = [
            {"timestamp": "2019-03-01T10:00:00Z", "amount": -12.50, "mcc": 5812},
            {"timestamp": "2019-03-02", "amount": -250.00, "class": "rent"},
            {"timestamp": "2020-07-14T18:30:00+02:00", "amount": -89.90, "mcc": 3058},
            {"timestamp": "2020-07-20", "amount": 29.90, "mcc": 3058},
            {"timestamp": "2020-08-01", "amount": -255.00, "class": "rent"},
        ]
        answer = self.scorer.score("c-1029", self.scorer.add_up(transactions, None), None)
        self.assertEqual(
            [(one["period"], one["transactions"]) for one in answer["trajectory"]], [("2019", 2), ("2020", 3)]
        )
        np.testing.assert_allclose([one["spending"] for one in answer["trajectory"]], [262.5, 315.0])
        expected = [0.8141869, 0.42874563, 0.72375333, 0.4155532, 0.6790331]
        np.testing.assert_allclose(list(answer["traits"].values()), expected, atol=1e-5)

    def test_the_end_is_exclusive_and_the_window_is_the_last_years(self) -> None:
        moments = ("2010-05-01", "2016-05-01", "2020-12-31T23:59:59Z", "2021-01-01T00:30:00+01:00", "2021-01-01")
        transactions = [{"timestamp": moment, "amount": -1.0, "class": "rent"} for moment in moments]
        as_of = end_of({"as_of": "2021-01-01T00:00:00Z"})
        answer = self.scorer.score(None, self.scorer.add_up(transactions, as_of), as_of)
        counts = {one["period"]: one["transactions"] for one in answer["trajectory"]}
        self.assertEqual(counts, {"2015": 0, "2016": 1, "2017": 0, "2018": 0, "2019": 0, "2020": 2})

    def test_refunds_are_set_off_and_income_is_no_spending(self) -> None:
        transactions = [
            {"timestamp": "2020-01-01", "amount": -10.0, "class": "rent"},
            {"timestamp": "2020-01-02", "amount": 4.0, "class": "rent"},
            {"timestamp": "2020-01-03", "amount": 9.0, "mcc": 5812},
            {"timestamp": "2020-01-04", "amount": 2_000.0, "class": "salary"},
        ]
        answer = self.scorer.score(None, self.scorer.add_up(transactions, None), None)
        self.assertEqual([(one["spending"], one["transactions"]) for one in answer["trajectory"]], [(6.0, 3)])

    def test_codes_may_be_text(self) -> None:
        taxonomy = Taxonomy.read(MODEL / "taxonomy.csv", self.scorer.classes)
        code, name = next(item for item in taxonomy.class_of_code.items() if item[0] < 1_000)
        self.assertEqual(self.scorer.column_of_code[f"{code:04}"], self.scorer.classes.index(name))

    def test_a_time_zone_may_move_the_year(self) -> None:
        rows = self.scorer.add_up([{"timestamp": "2020-12-31T23:30:00-05:00", "amount": -1.0, "class": "rent"}], None)
        self.assertEqual(list(rows), [2021])
        self.assertEqual(end_of({"as_of": "2021-01-01"}), datetime(2021, 1, 1, tzinfo=UTC))


class Agreement(unittest.TestCase):
    def answer(self, state: float = 0.5, spending: float = 100.0, transactions: int = 3) -> dict[str, object]:
        traits = {"openness": 0.25}
        period = {"period": "2020", "state": [state], "traits": traits, "spending": spending, "transactions": transactions}
        return {"features": {"state": [state]}, "traits": traits, "trajectory": [period]}

    def test_the_largest_difference_counts(self) -> None:
        self.assertEqual(difference(self.answer(), self.answer()), 0.0)
        self.assertAlmostEqual(difference(self.answer(), self.answer(state=0.5002)), 0.0002)
        self.assertAlmostEqual(difference(self.answer(), self.answer(spending=101.0)), 0.01)
        self.assertEqual(difference(self.answer(), self.answer(transactions=4)), float("inf"))

    def test_goes_on_only_when_all_agree(self) -> None:
        ours, near, far, nothing = (
            json.dumps(self.answer(state=state)).encode()
            for state in (0.5, 0.5 + LARGEST_DIFFERENCE / 2, 0.5 + 2 * LARGEST_DIFFERENCE, float("nan"))
        )
        agree("somebody", [ours], [near])
        for other in (far, nothing):
            with self.assertRaisesRegex(ValueError, "somebody answers history 1 otherwise"):
                agree("somebody", [ours, ours], [ours, other])


class Loads(unittest.TestCase):
    def run_of(self, rates: dict[int, float]) -> tuple[int, list[tuple[int, float]]]:
        asked: list[tuple[int, float]] = []

        def one(connections: int, seconds: float) -> Load:
            asked.append((connections, seconds))
            return Load(connections, rates[connections], 1.0, 2.0, seconds, 0.1)

        return peak(one, list(rates), seconds=2.0).connections, asked

    def test_the_fastest_number_of_connections_wins_and_fewer_on_a_tie(self) -> None:
        self.assertEqual(self.run_of({1: 500.0, 4: 900.0, 16: 905.0, 64: 700.0})[0], 4)

    def test_slow_servers_get_longer_runs_and_no_endless_ones(self) -> None:
        # At 8 answers a second 16 connections wait for two seconds each, 64 for eight.
        found = self.run_of({1: 8.0, 4: 8.0, 16: 8.0, 64: 8.0})
        self.assertEqual(found, (1, [(1, 2.0), (4, 2.0), (16, 8.0)]))

    def test_reads_what_the_script_reports(self) -> None:
        text = 'Running 2s test\n\n{"requests": 400, "microseconds": 2000000, "failed": 0, "p50": 1500, "p99": 9000}\n'
        self.assertEqual(load.read(text, 4, 0.5), Load(4, 200.0, 1.5, 9.0, 2.0, 0.25))
        for broken in (text.replace('"failed": 0', '"failed": 3'), text.replace("400", "0")):
            with self.assertRaises(RuntimeError):
                load.read(broken, 4, 0.5)


class Numbers(unittest.TestCase):
    def test_the_slope_is_the_exponent(self) -> None:
        self.assertAlmostEqual(slope([(count, 3.0 * count**1.5) for count in (10, 100, 1_000)]), 1.5)
        flat_then_steep = Curve("work", [(1, 5.0), (10, 10.0), (100, 100.0), (1_000, 1_000.0)])
        self.assertAlmostEqual(flat_then_steep.slope, 1.0)

    def test_samples_that_were_not_drawn_make_no_curve(self) -> None:
        class StopsEarly:
            awake = staticmethod(contextlib.nullcontext)

            @staticmethod
            def ask(_: bytes) -> Answer:
                return Answer(201, 0.01, b"", b'{"method": {"samples_used": 1024}}')

        with self.assertRaisesRegex(RuntimeError, "8,192 samples were asked for and 1,024 used"):
            by_samples(StopsEarly(), [b"{}"], [8_192], 0.0)

    def test_the_floor_is_the_sum_of_both_times(self) -> None:
        found = floor.read(
            '{"read": [{"file": "a", "microseconds": 100}, {"file": "b", "microseconds": 296}],'
            ' "network": [], "best_batch": 64, "network_microseconds_each": 2.0}'
        )
        self.assertEqual((found.read, found.batch), (198.0, 64))
        self.assertAlmostEqual(found.rate, 5_000.0)

    def test_the_overhead_is_the_median_without_the_network(self) -> None:
        def answer(total: float, seconds: float) -> Answer:
            head = f"HTTP/1.1 200 OK\r\nServer-Timing: parse;dur=0.01, network;dur=0.06, total;dur={total}\r\n"
            return Answer(200, seconds, head.encode(), b"")

        found = of_answers([answer(0.1, 150e-6), answer(0.11, 160e-6), answer(9.0, 9.0)])
        self.assertAlmostEqual(found.network, 60.0)
        self.assertAlmostEqual(found.server, 50.0)
        self.assertAlmostEqual(found.client, 100.0)

    def test_numbers_have_three_digits(self) -> None:
        self.assertEqual([number(value) for value in (0.1234, 12.34, 123.4, 12_345.6)], ["0.12", "12.3", "123", "12,346"])


class Reports(unittest.TestCase):
    def test_ratios_are_against_the_row_of_the_same_load(self) -> None:
        rows = [a_row("microseg", 4_000.0), a_row("FastAPI, orjson", 400.0)]
        rows += [a_row("microseg", 6_000.0, workers=2), a_row("FastAPI, orjson", 800.0, workers=2)]
        lines = [line.split(" | ") for line in table(rows, markdown=True).splitlines()]
        self.assertEqual([line[4] for line in lines[2:]], ["", "10 times", "", "7.5 times"])
        # 6,000 of two cores are 3,000 of one.
        self.assertEqual([line[5] for line in lines[2:]], ["80%", "8.0%", "60%", "8.0%"])

    def test_markdown_and_text_hold_the_same_cells(self) -> None:
        rows = a_result(4_000.0).rows
        marked = table(rows, markdown=True).splitlines()
        self.assertEqual({line.count("|") for line in marked}, {len(HEAD) + 1})
        for cell in marked[2].strip("| ").split(" | "):
            self.assertIn(cell.strip(), table(rows, markdown=False))

    def test_aims_are_ticked_when_reached_only(self) -> None:
        reached, missed = aims(a_result(4_500.0)), aims(a_result(900.0))
        self.assertTrue(all(line.startswith("[x]") for line in reached), reached)
        self.assertEqual(sum(line.startswith("[ ]") for line in missed), 3, missed)

    def test_an_aim_is_reached_when_both_clocks_say_so(self) -> None:
        result = a_result(4_500.0)
        result.rows[0] = Row(**{**vars(result.rows[0]), "processor": 0.3})
        # 45 times by wall clock, 33 by processor.
        self.assertIn("[ ] 40 times FastAPI, pydantic, 1 worker: 45 times (by processor 33 times)", aims(result))

    def test_a_busy_machine_is_told(self) -> None:
        row = a_row("microseg", 1_000.0)
        starved = Row(**{**vars(row), "occupied": 0.35, "processor": 0.25})
        self.assertEqual((starved.of_floor, starved.of_floor_by_processor), (0.2, 0.8))
        self.assertIn("not quiet", "".join(notes(Result(rows=[starved]))))
        self.assertNotIn("not quiet", "".join(notes(Result(rows=[row]))))

    def test_the_report_names_the_machine_and_a_busy_client(self) -> None:
        result = a_result(4_500.0)
        self.assertNotIn("client was busy", "".join(notes(result)))
        result.rows.append(Row(**{**vars(a_row("BentoML", 90.0)), "client": 0.97}))
        text = report(result, {"Machine": "a small one"}, markdown=False)
        self.assertIn("Machine a small one.", text)
        self.assertIn("busy for 97% of the time with BentoML", text)


class Trees(unittest.TestCase):
    def test_finds_and_ends_what_a_child_started(self) -> None:
        program = "import subprocess, sys; subprocess.Popen(['sleep', '60']); print(1, flush=True); sys.stdin.read()"
        with subprocess.Popen(
            [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            process.stdout.readline()
            tree = Tree(process.pid)
            members = tree.look()
            self.assertEqual(len(members), 2)
            self.assertGreater(tree.peak_bytes(), 1_000_000)
            self.assertNotIn(os.getpid(), members)
            tree.send(signal.SIGKILL)
            process.wait()
        # Who has lost the parent is still known.
        while tree.look():
            pass
        self.assertFalse(any(Path(f"/proc/{pid}/exe").exists() for pid in members))


if __name__ == "__main__":
    unittest.main()
