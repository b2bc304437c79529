"""A quick self-test: `.venv/bin/python -m unittest` in this folder. It needs no built microseg."""

from __future__ import annotations

import math
import tempfile
import unittest
from decimal import Decimal
from pathlib import Path

import numpy as np
import torch
from captum.attr._core.lime import get_exp_kernel_similarity_function
from lime.lime_tabular import LimeTabularExplainer

import peer_captum
import peer_lime
from customers import Customer, Taxonomy, profile, totals
from explainer import Explained, Explainer, NotOffered, Work
from measure import Measured, Run, judge, measure, offered
from network import Network, Predictor
from ours import has_store, most_removed, read
from peer_captum import CaptumKernelShap, CaptumLime, CaptumLimeNear
from peer_lime import Lime
from peer_shap import ShapKernel
from table import table
from yardstick import (
    WIDTH,
    Perturbations,
    coalitions,
    coin_flips,
    neighbourhood,
    some_removed,
    spending_kernel,
    weighted_r2,
)

CLASSES = 97


class StraightNetwork:
    """Stands in for the network: a trait is linear in the last period's shares."""

    outputs = ("first", "second")
    weights = np.random.default_rng(3).normal(size=(CLASSES, 2)).astype(np.float32)

    def __call__(self, profiles: np.ndarray) -> np.ndarray:
        return profiles[:, -1] @ self.weights


def some_customer(active: int = 20) -> Customer:
    """Three periods of spending on the first classes; nobody spent in the second."""
    amounts = np.zeros((3, CLASSES))
    amounts[[0, 2], :active] = np.random.default_rng(5).uniform(1.0, 9.0, size=(2, active))
    return Customer({"customer_id": "somebody"}, amounts)


class Yardsticks(unittest.TestCase):
    def setUp(self) -> None:
        self.generator = np.random.default_rng(1)

    def test_r2_is_one_for_the_truth_and_zero_for_its_mean(self) -> None:
        values = np.array([[1.0, 5.0], [2.0, 3.0], [4.0, 4.0]])
        weights = np.array([1.0, 2.0, 1.0])
        mean = np.full_like(values, weights @ values / 4)
        np.testing.assert_allclose(weighted_r2(values, values, weights), [1.0, 1.0])
        np.testing.assert_allclose(weighted_r2(values, mean, weights), [0.0, 0.0], atol=1e-12)

    def test_r2_by_hand(self) -> None:
        # The weighted mean is 1: Σw(f - f̄)² = 3·1² + 1·3² = 12, and Σw(f - g)² = 3·0² + 1·3² = 9.
        values, fitted = np.array([[0.0], [4.0]]), np.array([[0.0], [1.0]])
        np.testing.assert_allclose(weighted_r2(values, fitted, np.array([3.0, 1.0])), [1 - 9 / 12])

    def test_what_weighs_nothing_counts_nothing(self) -> None:
        values, fitted = np.array([[0.0], [1.0], [9.0]]), np.array([[0.0], [1.0], [-9.0]])
        np.testing.assert_allclose(weighted_r2(values, fitted, np.array([1.0, 1.0, 0.0])), [1.0])

    def test_r2_below_zero_is_not_hidden(self) -> None:
        values = np.array([[0.0], [1.0]])
        self.assertLess(weighted_r2(values, 1 - values, np.ones(2))[0], 0.0)

    def test_a_network_that_stands_still(self) -> None:
        values = np.full((3, 2), 0.5)
        fitted = np.array([[0.5, 0.6]] * 3)
        np.testing.assert_array_equal(weighted_r2(values, fitted, np.ones(3)), [1.0, 0.0])

    def test_a_neighbourhood_loses_up_to_a_quarter_and_each_number_equally_often(self) -> None:
        presence = neighbourhood(self.generator, some_customer(18), 10_000).presence
        removed = (1 - presence).sum(axis=1)
        counts = np.bincount(removed.astype(int))
        self.assertEqual(len(counts), 6)
        self.assertEqual(counts[0], 0)
        self.assertTrue((np.abs(counts[1:] / 10_000 - 0.2) < 0.02).all())
        # No class is favoured: three of eighteen are gone on the average.
        self.assertTrue((np.abs((1 - presence).mean(axis=0) - 3 / 18) < 0.02).all())

    def test_a_neighbourhood_weighs_by_the_spending_that_is_gone(self) -> None:
        customer = some_customer()
        drawn = neighbourhood(self.generator, customer, 10)
        gone = [
            1 - customer.totals[:, customer.active][:, row == 1].sum() / customer.totals.sum()
            for row in drawn.presence
        ]
        np.testing.assert_allclose(drawn.weights, [math.exp(-((share / WIDTH) ** 2)) for share in gone])
        np.testing.assert_allclose(spending_kernel(np.ones((1, 20)), customer.shares, WIDTH), [1.0])

    def test_coin_flips_remove_as_often_as_told(self) -> None:
        self.assertAlmostEqual(coin_flips(self.generator, 40, 0.125, 5_000).mean(), 0.875, places=2)

    def test_coalitions_follow_the_shapley_kernel(self) -> None:
        drawn = coalitions(self.generator, 5, 40_000)
        sizes = drawn.presence.sum(axis=1).astype(int)
        # 1 / (s (5 - s)): 1/4, 1/6, 1/6, 1/4, so 0.3, 0.2, 0.2, 0.3; never nobody, never everybody.
        np.testing.assert_allclose(
            np.bincount(sizes, minlength=6) / 40_000, [0, 0.3, 0.2, 0.2, 0.3, 0], atol=0.01
        )
        self.assertTrue((drawn.weights == 1).all())

    def test_lime_s_kernel_is_the_one_that_lime_uses(self) -> None:
        presence = coin_flips(self.generator, 12, 0.5, 50)
        explainer = LimeTabularExplainer(np.eye(12), mode="regression", discretize_continuous=False)
        distances = np.sqrt(((presence - 1) ** 2).sum(axis=1))
        np.testing.assert_allclose(peer_lime.kernel(presence), explainer.base.kernel_fn(distances))

    def test_captum_s_kernel_is_the_one_that_captum_uses(self) -> None:
        presence = coin_flips(self.generator, 12, 0.5, 50)
        similarity = get_exp_kernel_similarity_function()
        theirs = [
            similarity(torch.ones(1, 12), torch.tensor(row).float().unsqueeze(0), None) for row in presence
        ]
        np.testing.assert_allclose(peer_captum.cosine_kernel(presence), theirs, rtol=1e-5)

    def test_microseg_removes_a_larger_part_of_few_classes(self) -> None:
        # The numbers of the Rust program's own test, by the perturbations that there are.
        for classes, perturbations in [(1, 2), (2, 4), (5, 32), (9, 512), (10, 638), (15, 576)]:
            ways = sum(math.comb(classes, removed) for removed in range(most_removed(classes) + 1))
            self.assertEqual(ways, perturbations, f"{classes} classes")
        self.assertEqual(most_removed(44), 4)


class Customers(unittest.TestCase):
    def test_totals_as_the_histories_document_says(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "taxonomy.csv"
            path.write_text("class,title,group,mcc\nfood,Food,food,5300-5302 5411\nrent,Rent,housing,\n"
                            "salary,Salary,income,6010\n", encoding="utf-8")  # fmt: skip
            taxonomy = Taxonomy.read(path, ["food", "rent"])
        booked = [
            ("2016-05-01T00:00:00Z", "-7.00", {"class": "rent"}),  # before the window
            ("2018-01-01T00:00:00Z", "-0.10", {"mcc": 5301}),
            ("2018-02-01T00:00:00Z", "-0.20", {"mcc": 5411}),
            ("2018-03-01T00:00:00Z", "5.00", {"class": "rent"}),  # a refund of nothing
            ("2019-12-31T23:59:59Z", "-9.00", {"class": "rent", "mcc": 5411}),  # the class wins
            ("2019-12-31T23:59:59Z", "2.50", {"class": "rent"}),
            ("2019-06-01T00:00:00Z", "900.00", {"mcc": 6010}),  # income
            ("2019-06-01T00:00:00Z", "-3.00", {"mcc": 1}),  # no class
            ("2020-01-01T00:00:00Z", "-8.00", {"class": "rent"}),  # not before as_of
        ]
        transactions = [{"timestamp": when, "amount": Decimal(much), **what} for when, much, what in booked]
        history = {"customer_id": "c", "as_of": "2020-01-01T00:00:00Z", "transactions": transactions}
        np.testing.assert_allclose(totals(history, taxonomy, window=2), [[0.3, 0.0], [0.0, 6.5]])

    def test_a_removed_class_leaves_the_totals_and_shares_are_computed_again(self) -> None:
        customer = some_customer(4)
        presence = np.array([[1, 1, 1, 1], [1, 0, 1, 0], [0, 0, 0, 0]])
        found = Predictor(StraightNetwork(), customer).profiles(presence)
        self.assertEqual(found.dtype, np.float32)
        for row, kept in zip(found, presence, strict=True):
            left = customer.totals.copy()
            left[:, :4] *= kept
            np.testing.assert_allclose(row, profile(left), atol=1e-7)

    def test_the_network_is_asked_for_its_last_period(self) -> None:
        bundle = Path(__file__).resolve().parents[2] / "models/spending-personality/1"
        network = Network(bundle)
        predict = Predictor(network, some_customer())
        presence = np.ones((3, 20))
        nothing = torch.zeros(network.layers, 3, network.hidden_size)
        expected = network.module(torch.from_numpy(predict.profiles(presence)), nothing, nothing)[1][:, 2]
        np.testing.assert_array_equal(predict(presence), expected.detach().numpy())
        self.assertEqual(predict.rows, 3)


class Peers(unittest.TestCase):
    """On a network that is linear in the last period's shares, all must find what is there."""

    def setUp(self) -> None:
        np.random.seed(1)
        torch.manual_seed(1)
        self.customer = some_customer()
        self.network = StraightNetwork()

    def near_r2(self, explainer: Explainer) -> np.ndarray:
        explained = explainer.prepare(self.customer)()
        self.assertEqual(explained.coefficients.shape, (2, 20))
        drawn = neighbourhood(np.random.default_rng(2), self.customer, 500)
        predict = Predictor(self.network, self.customer)
        return weighted_r2(predict(drawn.presence), explained(drawn.presence), drawn.weights)

    def test_those_who_stay_near_are_faithful_near(self) -> None:
        for explainer in (
            Lime(self.network, 512, removed_one_in=8, one_call=True),
            CaptumLimeNear(self.network, 512),
        ):
            self.assertGreater(self.near_r2(explainer).min(), 0.95, explainer.name)

    def test_both_ways_to_call_lime_agree_up_to_the_draw(self) -> None:
        by_trait, at_once = (
            Lime(self.network, 8_192, removed_one_in=2, one_call=one_call).prepare(self.customer)()
            for one_call in (False, True)
        )
        np.testing.assert_allclose(by_trait.coefficients, at_once.coefficients, atol=0.01)
        np.testing.assert_allclose(by_trait.intercepts, at_once.intercepts, atol=0.05)
        self.assertEqual((by_trait.rows, at_once.rows), (2 * 8_192, 8_192))

    def test_captum_s_lime_agrees_with_lime_up_to_kernel_and_ridge(self) -> None:
        captum = CaptumLime(self.network, 4_096).prepare(self.customer)()
        lime = Lime(self.network, 4_096, removed_one_in=2, one_call=True).prepare(self.customer)()
        np.testing.assert_allclose(captum.coefficients, lime.coefficients, atol=0.03)

    def test_shapley_values_share_out_the_whole_way(self) -> None:
        predict = Predictor(self.network, self.customer)
        here, absent = predict(np.vstack([np.ones(20), np.zeros(20)]))
        for explainer in (ShapKernel(self.network, 2_048), CaptumKernelShap(self.network, 2_048)):
            explained = explainer.prepare(self.customer)()
            np.testing.assert_allclose(explained.intercepts, absent, atol=1e-3, err_msg=explainer.name)
            np.testing.assert_allclose(
                explained(np.ones((1, 20)))[0], here, atol=1e-3, err_msg=explainer.name
            )

    def test_the_shap_libraries_agree_up_to_the_draw(self) -> None:
        shap, captum = (
            explainer.prepare(self.customer)()
            for explainer in (ShapKernel(self.network, 8_192), CaptumKernelShap(self.network, 8_192))
        )
        np.testing.assert_allclose(shap.coefficients, captum.coefficients, atol=0.06)

    def test_their_own_perturbations_are_as_many_as_asked_for(self) -> None:
        for explainer in (
            Lime(self.network, 64, removed_one_in=2, one_call=True),
            CaptumLime(self.network, 64),
            CaptumLimeNear(self.network, 64),
            ShapKernel(self.network, 64),
            CaptumKernelShap(self.network, 64),
        ):
            explained = explainer.prepare(self.customer)()
            own = explainer.own_perturbations(np.random.default_rng(1), self.customer, explained, 30)
            self.assertEqual((own.presence.shape, own.weights.shape), ((30, 20), (30,)), explainer.name)


class Scripted(Explainer):
    """Answers the truth of `StraightNetwork` at the customer, and what it is told."""

    reports = "no"
    settings = ""

    def __init__(
        self, name: str, family: str = "lime", *, coefficients: float = 0.0, missing: bool = False
    ) -> None:
        self.name = name
        self.family = family
        self.coefficients = coefficients
        self.missing = missing
        self.draws = 0

    def prepare(self, customer: Customer) -> Work:
        def work() -> Explained:
            if self.missing:
                raise NotOffered(f"{self.name} is left out")
            self.draws += 1
            values = np.full((2, len(customer.active)), self.coefficients * self.draws)
            return Explained(np.zeros(2), values, rows=7, network_milliseconds=0.5)

        return work

    def own_perturbations(
        self, generator: np.random.Generator, customer: Customer, explained: Explained, count: int
    ) -> Perturbations:
        return Perturbations(some_removed(generator, len(customer.active), 5, count), np.ones(count))


class Measuring(unittest.TestCase):
    def test_who_lacks_the_method_is_left_out_with_a_note(self) -> None:
        there, missing = Scripted("there"), Scripted("missing", missing=True)
        rows, notes = offered([missing, there], [some_customer()])
        self.assertEqual((rows, notes), ([there], ["missing is left out"]))

    def test_two_runs_are_compared_to_the_last_bit(self) -> None:
        same, other = Scripted("same"), Scripted("other", coefficients=1.0)
        measured = measure([same, other], [some_customer()] * 2, StraightNetwork(), seed=1)
        self.assertEqual(
            [[one.same_twice for one in each.records] for each in measured], [[True] * 2, [False] * 2]
        )
        self.assertEqual([len(record.milliseconds) for record in measured[0].records], [2, 2])

    def test_an_explanation_of_another_network_is_refused(self) -> None:
        explained = Explained(
            np.zeros(2), np.zeros((2, 20)), rows=1, network_milliseconds=0.0, values=np.full(2, 99.0)
        )
        with self.assertRaisesRegex(ValueError, "another network"):
            judge(
                Scripted("stranger"),
                some_customer(),
                [Run(1.0, 1.0, explained)] * 2,
                StraightNetwork(),
                np.random.default_rng(1),
            )

    def test_the_table_compares_within_the_family(self) -> None:
        def took(name: str, family: str, milliseconds: float, processor_milliseconds: float) -> Measured:
            each = measure([Scripted(name, family)], [some_customer()], StraightNetwork(), seed=1)[0]
            each.records[0].milliseconds[:] = [milliseconds] * 2
            each.records[0].processor_milliseconds[:] = [processor_milliseconds] * 2
            return each

        all_measured = [
            took("microseg lime", "lime", 4.0, 3.0),
            took("microseg kernel-shap", "kernel-shap", 2.0, 2.0),
            took("lime", "lime", 8.0, 8.0),
            took("shap", "kernel-shap", 80.0, 50.0),
        ]
        rows = [line.split(" | ") for line in table(all_measured).splitlines()]
        self.assertEqual([cells[6] for cells in rows[2:]], ["1.0", "1.0", "2.0", "25"])
        self.assertEqual({len(cells) for cells in rows}, {12})
        without = table([all_measured[0], all_measured[3]]).splitlines()
        self.assertEqual(without[3].split(" | ")[6], "17")


class Ours(unittest.TestCase):
    def test_an_answer_is_read_in_the_order_of_the_classes(self) -> None:
        contributions = [{"class": "b", "coefficient": 2.0}, {"class": "a", "coefficient": 1.0}]
        target = {"name": "t", "intercept": 0.5, "value": 3.5, "contributions": contributions}
        answer = {
            "method": {"samples_used": 512, "kernel_width": 0.25},
            "targets": [target | {"fidelity": {"r2_holdout": None}}],
            "timing_ms": {"network": 1.5, "total": 4.0},
        }
        explained = read(answer, ["a", "b"], ["t"])
        np.testing.assert_array_equal(explained.coefficients, [[1.0, 2.0]])
        self.assertEqual((explained.rows, explained.reported), (513, []))
        with self.assertRaisesRegex(ValueError, "other classes"):
            read(answer, ["a"], ["t"])

    def test_a_store_that_keeps_nothing_is_none(self) -> None:
        tail = "\n\n      --models <DIR>\n          The models. This version keeps none\n"
        self.assertFalse(
            has_store(
                "  --addr <A>\n\n      --store <URL>\n          This version keeps none: read only" + tail
            )
        )
        self.assertTrue(
            has_store("  --addr <A>\n\n      --store <URL>\n          Where records are kept" + tail)
        )
        self.assertFalse(has_store("  --addr <A>\n"))


if __name__ == "__main__":
    unittest.main()
