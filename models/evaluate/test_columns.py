"""Tests of columns: what the bespoke rows and the features see, and that they learn from training customers alone."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

import numpy

from bespoke import (
    all_of_channels,
    all_of_shares,
    counts_and_amounts,
    mean_shares,
    recency,
    roots_and_presence,
    shares_in_time,
)
from cohort import Customer
from features import Features, read_features
from parts import clusters, components, running_profiles
from splits import REPORT, Split


def customer(*transactions: tuple[str, float, str]) -> Customer:
    given = [{"timestamp": day, "amount": amount, "class": kind} for day, amount, kind in transactions]
    return Customer({"customer_id": "x", "as_of": "2020-07-01", "transactions": given}, (), {})


class Shares(unittest.TestCase):
    PROFILE = numpy.array([[1.0, 0.0], [0.0, 0.0], [0.75, 0.25]])

    def test_old_rows_are_as_they_were(self) -> None:
        self.assertTrue(numpy.allclose(mean_shares([self.PROFILE]) ** 2, [[0.875, 0.125]]))
        root = 0.25**0.5
        self.assertTrue(numpy.allclose(shares_in_time([self.PROFILE])[0, 2:], [0.75**0.5, 0.5, -root, root]))

    def test_presence_counts_periods_with_spending(self) -> None:
        found = roots_and_presence([self.PROFILE])[0]
        self.assertTrue(numpy.allclose(found, [(1 + 0.75**0.5) / 2, 0.25, 1.0, 0.5]))

    def test_recency_halves_with_each_period(self) -> None:
        periods = numpy.array([[1.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
        self.assertEqual(recency(periods).tolist(), [0.5, 1.0, 0.0])

    def test_a_customer_without_spending_has_zeros(self) -> None:
        found = all_of_shares([numpy.zeros((3, 2)), self.PROFILE])
        self.assertEqual(found.shape, (2, 13))
        self.assertTrue(numpy.isfinite(found).all())
        self.assertEqual(found[0, :12].tolist(), [0.0] * 12)

    def test_the_running_profile_is_the_label_rules(self) -> None:
        self.assertEqual(running_profiles(self.PROFILE).tolist(), [[1, 0], [1, 0], [0.875, 0.125]])


class Amounts(unittest.TestCase):
    def test_counts_sums_and_days_of_each_class(self) -> None:
        found = counts_and_amounts([customer(("2020-06-01", -10.0, "a"), ("2020-06-21", -30.0, "a"))], ("a", "b"))[0]
        self.assertTrue(numpy.allclose(numpy.expm1(found[:4]), [2, 40, 20, 10]))
        self.assertEqual(found[4:7].tolist(), [0, 0, 0])
        self.assertGreater(found[7], found[3])  # never is longer ago

    def test_a_customer_without_transactions_has_numbers(self) -> None:
        found = counts_and_amounts([customer()], ("a",))
        self.assertTrue(numpy.isfinite(found).all())

    def test_channels_of_a_short_history_repeat_the_oldest(self) -> None:
        short = Customer({}, (), {}, channels=numpy.array([[1.0], [3.0]]))
        found = all_of_channels([short], 12)[0]
        self.assertEqual(found[:6].tolist(), [1, 1, 1, 1, 1, 3])
        self.assertEqual(found[6:].tolist(), [2, 1, 3, 1, 2])  # mean, least, most, spread, trend


def scoring(segment: str) -> dict[str, object]:
    return {
        "features": {"state": [0.5, 0.25]},
        "trajectory": [{"state": [0.0, 0.0]}, {"state": [0.5, 0.25]}],
        "segment": {"id": segment, "path": [{"id": segment[0]}, {"id": segment}]},
        "attractor": {"id": "a1"},
    }


class Scorings(unittest.TestCase):
    def test_segments_of_test_customers_alone_have_no_column(self) -> None:
        found = read_features([scoring("1.1"), scoring("1.2"), scoring("2.1")])
        self.assertEqual(found.segment(numpy.array([0, 1])).tolist(), [[1, 1, 0, 1], [1, 0, 1, 1], [0, 0, 0, 1]])
        self.assertEqual(found.trajectory[0].tolist(), [0.5, 0.25, 0.25, 0.125, 0.5, 0.25])
        self.assertEqual(found.leaves, ["1.1", "1.2", "2.1"])

    def test_what_is_kept_is_read_back(self) -> None:
        found = read_features([scoring("1.1"), scoring("2.1")])
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "kept" / "x.npz"
            found.save(path)
            again = Features.load(path)
        self.assertEqual((again.places, again.attractors), (found.places, found.attractors))
        self.assertTrue(numpy.array_equal(again.state, found.state))


class Leaks(unittest.TestCase):
    """What is fitted to customers is fitted to those of the split's training part."""

    def setUp(self) -> None:
        random = numpy.random.default_rng(1)
        self.columns = random.normal(size=(60, 5))
        self.split = Split(REPORT, 0, 0, numpy.arange(40), numpy.arange(40, 60))
        self.changed = self.columns.copy()
        self.changed[40:] += random.normal(size=(20, 5)) * 100

    def test_components_do_not_know_test_customers(self) -> None:
        first, second = components(self.columns, self.split), components(self.changed, self.split)
        self.assertTrue(numpy.allclose(first[:40], second[:40]))

    def test_clusters_do_not_know_test_customers(self) -> None:
        first, second = clusters(self.columns, self.split, 4), clusters(self.changed, self.split, 4)
        self.assertEqual(first[:40], second[:40])


if __name__ == "__main__":
    unittest.main()
