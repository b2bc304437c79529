"""A self-test of the training of `spending-features` and of the events' description: `python -m unittest` in this folder. It needs no data."""

from __future__ import annotations

import dataclasses
import tempfile
import unittest
from pathlib import Path

import torch

from evaluate import Measures
from export_features import choose
from spending_features import Candidate, candidate, read_candidate, recipe, unexplained, vary, write_candidate
from population import Population, split_population
from selfsupervised import Layout, Steps, network_of
from selfsupervised.trainer import Training
from surrogate_check import Fidelity, fidelity
from taxonomy import TRAITS
from test_training import CLASSES, COEFFICIENTS, some_population
from training import make_deterministic

SOME = Candidate(
    memory="linear",
    hidden_size=4,
    loss=1.0,
    measures={},
    traits=Measures([], [], [], [], []),
    fidelity=Fidelity(0.9, 0.8, 0.9, 0.8),
    epochs=3,
    best_epoch=2,
    parameters=10,
    standard={"mean": [], "deviation": []},
    customers={},
)


class Choice(unittest.TestCase):
    def test_a_larger_state_is_taken_where_its_dimensions_are_worth_their_price(self) -> None:
        def of(size: int, loss: float) -> Candidate:
            return dataclasses.replace(SOME, hidden_size=size, loss=loss)

        self.assertEqual(choose([of(64, 0.80), of(16, 1.50), of(32, 1.25)]).hidden_size, 64)
        self.assertEqual(choose([of(64, 0.80), of(16, 1.30), of(32, 1.10)]).hidden_size, 32)

    def test_what_is_unexplained_counts_the_traits_once(self) -> None:
        measures = {"reconstruct R²": 0.75, "predict R²": 0.5} | {f"trait {place} R²": 0.9 for place in range(len(TRAITS))}
        self.assertAlmostEqual(unexplained(measures), 0.25 + 0.5 + 0.1)


class Trainings(unittest.TestCase):
    def test_variations_keep_what_is_shown_apart_from_the_truth(self) -> None:
        population = some_population(40)
        *others, hidden = vary(Steps.of_population(population), torch.Generator().manual_seed(1))
        self.assertTrue(all(torch.equal(one.shown.numbers, one.truth.numbers) for one in others))
        self.assertTrue(torch.equal(hidden.truth.numbers, population.profiles))
        self.assertFalse(torch.equal(hidden.shown.numbers, population.profiles))

    def test_a_candidate_is_measured_written_and_read_back(self) -> None:
        make_deterministic()
        split = split_population(some_population(200), seed=1)
        chosen = recipe("linear", 4, COEFFICIENTS)
        chosen = dataclasses.replace(chosen, settings=dataclasses.replace(chosen.settings, epochs=2, batch=64))
        parts = (Steps.of_population(part) for part in (split.train, split.validation))
        make = chosen.make(Layout.of_shares(CLASSES))
        trained = Training(*parts, make, chosen.objectives, chosen.settings, 1, vary).run()
        found = candidate(trained, chosen, split, COEFFICIENTS)
        self.assertLessEqual(found.fidelity.one_step_lowest, found.fidelity.one_step)
        self.assertLessEqual(found.fidelity.free_running, 1.0)
        with tempfile.TemporaryDirectory() as folder:
            write_candidate(found, network_of(trained), split.test.profiles[:6], Path(folder))
            self.assertEqual(read_candidate(Path(folder)), found)
            network = torch.jit.load(Path(folder) / "model.pt")
        zero = torch.zeros(1, 6, 4)
        states, outputs, _, _ = network(split.test.profiles[:6], zero, zero)
        self.assertEqual((states.shape[2], outputs.shape[2]), (4, len(TRAITS)))


class Surrogates(unittest.TestCase):
    def test_a_memory_that_is_linear_is_followed_exactly(self) -> None:
        make_deterministic()
        population = some_population(200)
        # Roots of 0 and 1 are linear.
        whole = (population.profiles == population.profiles.amax(dim=2, keepdim=True)).float()
        split = split_population(Population(whole * population.mask.unsqueeze(2), population.lengths), seed=1)
        chosen = recipe("linear", 4, COEFFICIENTS)
        parts = (Steps.of_population(part) for part in (split.train, split.validation))
        training = Training(*parts, chosen.make(Layout.of_shares(CLASSES)), chosen.objectives, chosen.settings, 1)
        with torch.no_grad():
            training.learner.memory.length.fill_(-40.0)
        training.progress.best = training.learner.state_dict()
        self.assertGreater(fidelity(training.result(), split).free_running_lowest, 0.999)


if __name__ == "__main__":
    unittest.main()
