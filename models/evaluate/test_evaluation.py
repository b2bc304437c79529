"""A quick self-test: `python -m unittest` in this folder, in the training's environment. It needs no data."""

from __future__ import annotations

import csv
import gzip
import json
import math
import tempfile
import unittest
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy
import torch

import berka
import ecommerce
from berka import Account, Booking
from bespoke import mean_shares, shares_in_time
from classifiers import CLASSIFIERS, judge
from cohort import UNKNOWN, Customer, Study, Task
from ecommerce import Purchase
from evaluation import STUDIES, Results, check_data
from features import read_features
from folds import FOLDS, REPEATS, ROWS, folds, together
from judge import Interval, corrected_interval, verdict
from lstm import Settings, make_deterministic, train, untrained
from reference import TRAITS, Population, read_taxonomy
from report import Judged, write_report
from tables import read_rows

HERE = Path(__file__).parent
CLASSES = 6


def some_population(customers: int) -> Population:
    """Random shares; lengths 3 to 5."""
    generator = torch.Generator().manual_seed(1)
    amounts = torch.rand(customers, 5, CLASSES, generator=generator)
    lengths = torch.randint(3, 6, (customers,), generator=generator)
    mask = (torch.arange(5) < lengths.unsqueeze(1)).unsqueeze(2)
    return Population(amounts / amounts.sum(dim=2, keepdim=True) * mask, lengths)


def some_study(customers: int) -> Study:
    """Every third customer is positive, every tenth is not known."""
    everybody = tuple(
        Customer({"customer_id": str(row)}, (float(row),), {"task": UNKNOWN if row % 10 == 9 else int(row % 3 == 0)})
        for row in range(customers)
    )
    return Study(
        name="some",
        title="Some",
        taxonomy=berka.TAXONOMY,
        period="month",
        window=5,
        tasks=(Task("task", "is it so?"),),
        money=("balance",),
        customers=everybody,
        company=(),
        strata=tuple(str(customer.labels["task"]) for customer in everybody),
    )


class Berka(unittest.TestCase):
    def account(self) -> Account:
        account = Account()
        for month in range(1, 5):
            account.bookings.append(Booking(date(1994, month, 20), "cash-withdrawals", 600.0, False))
            account.bookings.append(Booking(date(1994, month, 1), "cash-deposits", 1000.0, True))
        account.close()
        return account

    def test_every_flow_has_a_class_of_the_taxonomy(self) -> None:
        classes = read_taxonomy(berka.TAXONOMY).classes
        self.assertEqual(len(classes), 11)
        self.assertEqual(set(berka.BY_PURPOSE.values()) | set(berka.BY_OPERATION.values()), set(classes))
        cash = {"type": "withdrawal in cash", "operation": "withdrawal in cash", "k_symbol": ""}
        self.assertEqual(berka.flow(cash), "cash-withdrawals")
        with self.assertRaises(ValueError):
            berka.flow({"type": "credit", "operation": "", "k_symbol": ""})

    def test_a_balance_is_the_sum_of_what_was_booked_before(self) -> None:
        account = self.account()
        self.assertEqual(account.balance(date(1994, 1, 1)), 0.0)
        self.assertEqual(account.balance(date(1994, 2, 1)), 400.0)
        self.assertEqual(account.balance(date(1994, 2, 2)), 1400.0)

    def test_the_liquidity_index_is_months_covered(self) -> None:
        index = berka.liquidity_index(self.account())
        self.assertAlmostEqual(index, (400 + 800 + 1200) / 3 / 600)

    def test_nothing_after_the_day_is_known(self) -> None:
        account, day = self.account(), date(1994, 3, 1)
        before = berka.history("x", account, day), berka.balance_numbers(account, day)
        account.bookings.append(Booking(day, "card-withdrawals", 9999.0, False))
        account.close()
        self.assertEqual(before, (berka.history("x", account, day), berka.balance_numbers(account, day)))
        self.assertNotIn("1994-03-01", json.dumps(before[0]["transactions"]))


class Ecommerce(unittest.TestCase):
    def test_every_class_of_a_category_is_in_the_taxonomy(self) -> None:
        classes = read_taxonomy(ecommerce.TAXONOMY).classes
        self.assertEqual(sorted([*(name for name, _ in ecommerce.rules()), ecommerce.OTHER]), sorted(classes))

    def test_a_name_comes_before_a_pattern(self) -> None:
        expected = {
            "PET_FOOD": "pets",
            "ANIMAL_INCONTINENCE_PROTECTOR": "pets",
            "INCONTINENCE_PROTECTOR": "diapers",
            "SKIN_MOISTURIZER": "skin-care",
            "SHIRT": "clothing",
            "ABIS_BOOK": "books",
            "SOMETHING_UNHEARD_OF": "other",
        }
        self.assertEqual({category: ecommerce.kind(category) for category in expected}, expected)

    def test_collapse_looks_ahead_and_its_history_does_not(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            names = ("response_id", "order_date", "price_per_unit", "quantity", "category", "asin", "shipping_state")
            with gzip.open(Path(folder) / "purchases_29_regions.csv.gz", "wt", newline="") as file:
                rows = csv.writer(file)
                rows.writerow(names)
                for customer, ahead in (("a", 1), ("b", 30)):
                    for week in range(156):
                        day = date(2019, 1, 1) + timedelta(weeks=week)
                        rows.writerow((customer, day, "10.0", "1.0", "SHIRT", week, "VT"))
                    for week in range(ahead):
                        day = date(2022, 1, 3) + timedelta(weeks=week)
                        rows.writerow((customer, day, "10", "1", "SHIRT", week, "VT"))
                rows.writerow(("b", date(2022, 1, 3), "10", "1", "SHIRT", 0, "VT"))  # repeats a row exactly
            study = ecommerce.collapse_study(Path(folder))
            purchases = ecommerce.read_purchases(Path(folder))
        self.assertEqual(study.labels(study.tasks[0]).tolist(), [1, 0])
        self.assertEqual(len(purchases["b"]), 156 + 30)
        last = study.customers[1].history["transactions"][-1]["timestamp"]
        self.assertLess(last, "2022-01-01")

    def test_amounts_tell_a_rise(self) -> None:
        steady = [Purchase(date(2019, 1, 1) + timedelta(days=90 * index), 10.0, "books") for index in range(9)]
        rising = [*steady[:-1], Purchase(steady[-1].day, 90.0, "books")]
        last = steady[-1].quarter
        self.assertGreater(ecommerce.amount_numbers(rising, last)[4], ecommerce.amount_numbers(steady, last)[4])


class Learning(unittest.TestCase):
    def setUp(self) -> None:
        make_deterministic()
        self.population = some_population(60)
        self.coefficients = torch.randn(len(TRAITS), CLASSES, generator=torch.Generator().manual_seed(2)).double()
        self.settings = Settings(epochs=3, hidden_size=4)

    def test_the_same_customers_make_the_same_network(self) -> None:
        first, second = (train(self.population, self.coefficients, self.settings, 1) for _ in range(2))
        pairs = zip(first.network.state_dict().values(), second.network.state_dict().values())
        self.assertTrue(all(torch.equal(one, other) for one, other in pairs))
        other = train(self.population.at(torch.arange(40)), self.coefficients, self.settings, 1)
        weights = [one.network.memory.lstm.weight_hh_l0 for one in (first, other)]
        self.assertFalse(torch.equal(*weights))

    def test_both_recipes_give_states_and_the_traits_of_the_next_period(self) -> None:
        zero = torch.zeros(1, len(self.population), 4)
        for name in ("S", "L"):
            settings = replace(self.settings, recipe=name)
            result = train(self.population, self.coefficients, settings, 1)
            states, outputs, _, _ = result.network(self.population.profiles, zero, zero)
            self.assertEqual((states.shape[2], outputs.shape[2]), (4, len(TRAITS)))
            self.assertEqual(len(result.r_squared), len(TRAITS))
            before = untrained(self.population, self.coefficients, settings, 1)(self.population.profiles, zero, zero)[0]
            self.assertFalse(torch.allclose(states, before, atol=1e-3))

    def test_populations_of_two_windows_go_together(self) -> None:
        short = Population(self.population.profiles[:, :3], self.population.lengths.clamp(max=3))
        self.assertEqual(together(short, self.population).profiles.shape, (120, 5, CLASSES))


class Columns(unittest.TestCase):
    def test_shares(self) -> None:
        profiles = torch.tensor([[[1.0, 0.0], [0.0, 0.0], [0.75, 0.25]]])
        population = Population(profiles, torch.tensor([3]))
        self.assertTrue(numpy.allclose(mean_shares(population) ** 2, [[0.875, 0.125]]))
        root = 0.25**0.5
        self.assertTrue(numpy.allclose(shares_in_time(population)[0, 2:], [0.75**0.5, 0.5, -root, root]))

    def test_segments_of_test_customers_alone_have_no_column(self) -> None:
        def scoring(segment: str) -> dict[str, object]:
            return {
                "features": {"state": [0.5, 0.25]},
                "traits": {"openness": 0.5},
                "trajectory": [{"state": [0.0, 0.0]}, {"state": [0.5, 0.25]}],
                "segment": {"id": segment, "path": [{"id": segment[0]}, {"id": segment}]},
                "attractor": {"id": "a1"},
            }

        features = read_features([scoring("1.1"), scoring("1.2"), scoring("2.1")], numpy.array([0, 1]))
        self.assertEqual(features.segment.tolist(), [[1, 1, 1, 0], [1, 1, 0, 1], [1, 0, 0, 0]])
        self.assertEqual(features.trajectory[0].tolist(), [0.5, 0.25, 0.5, 0.25, 0.125, 0.5, 0.25])

    def test_classifiers_learn_from_the_training_customers(self) -> None:
        random = numpy.random.default_rng(1)
        columns = random.normal(size=(200, 3))
        labels = (columns[:, 0] + 0.5 * random.normal(size=200) > 0).astype(int)
        rows = numpy.arange(200)
        for name in CLASSIFIERS:
            self.assertGreater(judge(name, columns, labels, rows[:150], rows[150:]), 0.85)
            turned = numpy.where(rows < 150, labels, 1 - labels)
            self.assertLess(judge(name, columns, turned, rows[:150], rows[150:]), 0.15)


class Judging(unittest.TestCase):
    def test_the_interval_is_nadeau_and_bengio_s(self) -> None:
        values = [0.7, 0.8, 0.75, 0.85, 0.65]
        interval = corrected_interval(values, 0.25)
        # t(0.975, 4) = 2.776; the variance of these values is 0.00625.
        self.assertAlmostEqual(interval.half, 2.776445 * math.sqrt((0.2 + 0.25) * 0.00625), places=6)
        self.assertAlmostEqual(interval.mean, 0.75)

    def test_verdicts(self) -> None:
        words = [
            verdict(Interval(mean, half), Interval(0.8, 0.1)).split("**")[1]
            for mean, half in ((0.05, 0.02), (0.0, 0.01), (-0.1, 0.05), (-0.05, 0.08), (0.05, 0.2))
        ]
        self.assertEqual(words, ["holds", "holds", "fails", "not shown", "not shown"])
        self.assertIn("guessing", verdict(Interval(0.0, 0.01), Interval(0.55, 0.1)))

    def test_folds_part_the_customers(self) -> None:
        every = folds(some_study(60))
        self.assertEqual(len(every), FOLDS * REPEATS)
        for fold in every:
            self.assertFalse(set(fold.train) & set(fold.test))
        tested = numpy.concatenate([fold.test for fold in every if fold.repeat == 0])
        self.assertEqual(sorted(tested.tolist()), list(range(60)))
        self.assertEqual(len({fold.seed for fold in every}), len(every))


class Reporting(unittest.TestCase):
    def results(self) -> list[dict[str, object]]:
        """Bespoke rows are better by 0.1."""
        return [
            {
                "repeat": repeat,
                "fold": fold,
                "train": 48,
                "test": 12,
                "r_squared": [0.5] * len(TRAITS),
                "auc": {
                    "task": {row.name: 0.7 + 0.01 * fold + 0.1 * (row.side == "bespoke") for row in ROWS},
                },
                "seconds": {},
            }
            for repeat in range(REPEATS)
            for fold in range(FOLDS)
        ]

    def test_a_difference_is_paired_by_fold(self) -> None:
        study = some_study(60)
        judged = Judged(study, study.tasks[0], self.results())
        difference = judged.difference("LR, state", "LR, shares: mean")
        self.assertAlmostEqual(difference.mean, -0.1)
        self.assertAlmostEqual(difference.half, 0.0)

    def test_the_report_says_where_the_claim_fails(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "RESULTS.md"
            write_report(path, [(some_study(60), self.results())])
            text = path.read_text()
        self.assertIn("fails in 2 of 2 comparisons: task (shares alone), task (all that is known)", text)
        self.assertNotIn("$", text.replace("$100,000", ""))
        self.assertTrue(all(line.startswith("###") for line in text.splitlines() if line.startswith("#")))

    def test_results_are_found_again_and_others_are_not(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "results.ndjson"
            Results(path, "one").add({"repeat": 0, "fold": 1})
            with path.open("a") as file:
                file.write('{"identity": "one", "repe')
            self.assertEqual(len(Results(path, "one").lines), 1)
            self.assertEqual(len(Results(path, "other").lines), 0)

    def test_missing_data_are_named(self) -> None:
        with tempfile.TemporaryDirectory() as folder, self.assertRaises(SystemExit) as raised:
            check_data(Path(folder))
        for _, where, names, _ in STUDIES:
            self.assertIn(str(Path(where) / names[0]), str(raised.exception))

    def test_blanks_in_tables_are_no_values(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "table.csv.gz"
            with gzip.open(path, "wt") as file:
                file.write("a;b\n1; \n")
            self.assertEqual(list(read_rows(path, ";")), [{"a": "1", "b": ""}])


class Requirements(unittest.TestCase):
    def test_what_training_pins_is_pinned_alike(self) -> None:
        """Both install into one environment."""
        here = set((HERE / "requirements.txt").read_text().split())
        training = set((HERE.parent / "train" / "requirements.txt").read_text().split())
        self.assertLessEqual(training, here)

    def test_histories_are_json(self) -> None:
        document = ecommerce.history("x", [Purchase(date(2020, 1, 1), 1.0, "books")], None)
        self.assertEqual(json.loads(json.dumps(document))["transactions"][0]["amount"], -1.0)


if __name__ == "__main__":
    unittest.main()
