"""Tests of the networks of a split. They need PyTorch, so they run by hand: README.md."""

from __future__ import annotations

import unittest
from dataclasses import replace
from pathlib import Path

import numpy
import torch

import networks
from cohort import Customer, Study
from networks import describe, make_deterministic, states, steps_of_channels, steps_of_events, steps_of_profiles, teach
from test_judging import some_study


class Steps(unittest.TestCase):
    def test_profiles_are_left_aligned(self) -> None:
        steps = steps_of_profiles([numpy.eye(3), numpy.eye(3)[:2]])
        self.assertEqual(steps.lengths.tolist(), [3, 2])
        self.assertEqual(steps.numbers[1, 2].tolist(), [0.0] * 3)
        self.assertEqual(steps.layout.shares, [0, 1, 2])

    def test_channels_are_those_of_the_window(self) -> None:
        customer = Customer({}, (), {}, channels=numpy.arange(6.0).reshape(6, 1))
        steps = steps_of_channels([customer], 4)
        self.assertEqual(steps.numbers[0, :, 0].tolist(), [2, 3, 4, 5])
        self.assertEqual(steps.layout.shares, [])

    def test_events_are_in_time_order(self) -> None:
        transactions = [
            {"timestamp": "2020-01-03", "amount": -2.0, "class": "b"},
            {"timestamp": "2020-01-01", "amount": -1.0, "class": "a"},
        ]
        steps = steps_of_events([Customer({"transactions": transactions}, (), {})], ("a", "b"))
        self.assertEqual(steps.categories[0, :, 0].tolist(), [0, 1])
        self.assertTrue(torch.allclose(steps.numbers[0].expm1(), torch.tensor([[1.0, 0.0], [2.0, 2.0]])))


class Teaching(unittest.TestCase):
    def setUp(self) -> None:
        make_deterministic()
        random = numpy.random.default_rng(1)
        amounts = random.random((30, 5, 4))
        self.profiles = list(amounts / amounts.sum(axis=2, keepdims=True))
        self.study: Study = replace(some_study(30), taxonomy=Path("some"))
        self.pace, networks.PACE = networks.PACE, replace(networks.PACE, epochs=2)

    def tearDown(self) -> None:
        networks.PACE = self.pace

    def test_the_same_customers_make_the_same_states(self) -> None:
        steps = steps_of_profiles(self.profiles)
        for network in ("S", "L", "untrained"):
            first, second = (states(teach(network, self.study, steps, 1), steps) for _ in range(2))
            self.assertTrue(all(numpy.array_equal(one, other) for one, other in zip(first, second)))
            other = states(teach(network, self.study, steps.at(torch.arange(20)), 1), steps)
            self.assertFalse(numpy.array_equal(first[0], other[0]))

    def test_statements_are_described_as_declared_fields(self) -> None:
        import json
        import tempfile

        study = replace(some_study(5), channels=("statement / limit",))
        with tempfile.TemporaryDirectory() as folder:
            describe(study, "4", Path(folder))
            written = json.loads((Path(folder) / "network.json").read_text())
        self.assertEqual(written["fields"], {"statement_per_limit": {"type": "number"}})
        self.assertEqual(written["inputs"]["numbers"][0]["of"], "last")


if __name__ == "__main__":
    unittest.main()
