"""A self-test of the self-supervised training: `python -m unittest` in this folder. It needs no data, and some seconds."""

from __future__ import annotations

import dataclasses
import json
import tempfile
import unittest
from pathlib import Path

import torch

from population import Population
from selfsupervised import (
    EVENTS,
    Contrast,
    L,
    Layout,
    Predict,
    Recipe,
    Reconstruct,
    S,
    Settings,
    Steps,
    Trained,
    Traits,
    Variation,
    network_of,
    read_steps,
    train_recipe,
    untrained,
    write_network,
)
from selfsupervised.aggregates import Content, ahead_of, content, past
from selfsupervised.contrast import ContrastHead, slices
from selfsupervised.memory import LONGEST, LinearMemory, LstmMemory, states_of
from selfsupervised.objectives import AggregateHead
from selfsupervised.rows import linear_of_rows
from selfsupervised.scaling import fit_scaling
from selfsupervised.steps import steps_of
from selfsupervised.trainer import Training
from selfsupervised.trait_head import TraitHead
from training import make_deterministic
from traits import label

CLASSES = 6
QUICK = Settings(batch=32, learning_rate=0.01, epochs=3)


def some_steps(customers: int = 80, window: int = 5) -> Steps:
    """Customers with habits of their own; lengths 1 to `window`, and now and then a period without spending."""
    generator = torch.Generator().manual_seed(3)
    habit = torch.rand(customers, 1, CLASSES, generator=generator) ** 3
    spending = habit * torch.rand(customers, window, CLASSES, generator=generator)
    spending *= torch.rand(customers, window, 1, generator=generator) < 0.9
    spending[:, 0, 0] += 0.01
    lengths = torch.randint(1, window + 1, (customers,), generator=generator)
    there = (torch.arange(window) < lengths.unsqueeze(1)).unsqueeze(2)
    total = spending.sum(dim=2, keepdim=True)
    profiles = torch.where(total > 0, spending / total.clamp(min=1e-9), 0.0) * there
    return Steps.of_population(Population(profiles, lengths))


def some_events(customers: int = 60) -> Steps:
    """Events whose code follows from the one before, and whose number follows from the code."""
    generator = torch.Generator().manual_seed(4)
    lengths = torch.randint(5, 12, (customers,), generator=generator)
    codes = (torch.randint(0, 4, (customers, 1), generator=generator) + torch.arange(12)) % 4
    numbers = torch.stack([codes.float(), torch.randn(customers, 12, generator=generator)], dim=2)
    there = torch.arange(12) < lengths.unsqueeze(1)
    layout = Layout.of_numbers(2, (4,))
    return Steps(numbers * there.unsqueeze(2), (codes * there).unsqueeze(2), lengths, layout)


def quick(recipe: Recipe, **changes: object) -> Recipe:
    return dataclasses.replace(recipe, hidden_size=5, settings=dataclasses.replace(QUICK, **changes))


class WhatIsRead(unittest.TestCase):
    def test_profiles_numbers_and_categories_become_steps(self) -> None:
        lines = [
            {"numbers": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], "categories": [[0], [1], [2]]},
            {"numbers": [[7.0, 8.0]], "categories": [[3]]},
        ]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "encoded.ndjson"
            path.write_text("".join(json.dumps(line) + "\n" for line in lines))
            steps = read_steps(path, Layout.of_numbers(2, (4,)), last=2)
        self.assertEqual(steps.lengths.tolist(), [2, 1])
        self.assertEqual(steps.numbers.tolist(), [[[3, 4], [5, 6]], [[7, 8], [0, 0]]])
        self.assertEqual(steps.categories.tolist(), [[[1], [2]], [[3], [0]]])
        shares = steps_of([{"profile": [[0.25, 0.75]]}], Layout.of_shares(2))
        self.assertEqual(shares.numbers.tolist(), [[[0.25, 0.75]]])

    def test_a_description_says_what_stands_where(self) -> None:
        numbers = [{"of": "share"}, {"of": "count", "transforms": ["log1p"]}, {"of": "income"}]
        periods = Layout.of_description({"inputs": {"numbers": numbers}}, 3)
        self.assertEqual(periods.is_share, (True,) * 3 + (False,) * 4)
        rooted = Layout.of_description({"inputs": {"numbers": [{"of": "share", "transforms": ["sqrt"]}]}}, 3)
        self.assertEqual(rooted.is_share, (False,) * 3)
        category = {"of": "class", "vocabulary": {"a": 1, "b": 2}, "padding": 0, "unknown": 5, "missing": "error"}
        events = Layout.of_description({"inputs": {"numbers": [{"of": "amount"}], "categories": [category]}}, 3)
        self.assertEqual((events.is_share, events.codes), ((False,), (6,)))

    def test_a_line_of_another_width_is_refused_with_its_place(self) -> None:
        lines = [{"profile": [[0.5, 0.5]]}, {"profile": [[1.0]]}]
        with self.assertRaisesRegex(ValueError, "line 2: .*expected 2"):
            steps_of(lines, Layout.of_shares(2))


class Aggregates(unittest.TestCase):
    def test_past_and_ahead_are_what_one_computes_by_hand(self) -> None:
        parts = torch.tensor([[[1.0, 0.0], [0.0, 0.0], [0.0, 1.0], [0.25, 0.75]]])
        given = Content(parts, torch.zeros(1, 4, 0), torch.tensor([[1.0, 0.0, 1.0, 1.0]]), torch.ones(1, 4).bool())
        found, known = past(given)
        self.assertTrue(known.all())
        # A period without spending changes nothing.
        self.assertTrue(torch.equal(found[0, 0], found[0, 1]))
        self.assertTrue(torch.allclose(found[0, 2], torch.tensor([0.5**0.5, 0.5**0.5, 0.5, 0.5])))
        after, there = ahead_of(given, 2)
        self.assertEqual(there.tolist(), [[True, True, True, False]])
        self.assertTrue(torch.allclose(after[0, 0], torch.tensor([0.0, 1.0])))
        self.assertTrue(torch.allclose(after[0, 1] ** 2, torch.tensor([0.125, 0.875])))

    def test_padding_is_never_known_and_never_ahead(self) -> None:
        steps = some_steps()
        given = content(steps, fit_scaling(steps))
        for wanted in (past, lambda one: ahead_of(one, 3)):
            target, known = wanted(given)
            self.assertFalse((known & ~steps.mask).any())
            noisy = steps.shown_as(torch.where(steps.mask.unsqueeze(2), steps.numbers, 9.0))
            again, _ = wanted(content(noisy, fit_scaling(steps)))
            self.assertTrue(torch.allclose(target[known], again[known]))

    def test_events_have_their_codes_as_parts_and_their_numbers_as_levels(self) -> None:
        steps = some_events()
        given = content(steps, fit_scaling(steps))
        self.assertEqual((given.parts.shape[2], given.levels.shape[2]), (4, 2))
        self.assertTrue(torch.equal(given.parts.sum(dim=2), torch.ones(60, 12)))
        self.assertLess(given.levels[given.mask].mean(dim=0).abs().max(), 1e-5)


class Memories(unittest.TestCase):
    def setUp(self) -> None:
        make_deterministic()
        torch.manual_seed(0)
        self.steps = some_steps()
        self.scaling = fit_scaling(self.steps)

    def test_the_linear_memory_is_the_mean_when_its_pace_says_so(self) -> None:
        memory = LinearMemory(self.scaling, 4).eval()
        with torch.no_grad():
            memory.pace.zero_()
            memory.length.fill_(40.0)  # b is 1
            memory.prior.fill_(-40.0)
        states = states_of(memory, self.steps.numbers, self.steps.categories)
        seen = self.steps.seen.float()
        moved = self.scaling(self.steps.numbers) @ memory.weight.T
        mean = (moved * seen.unsqueeze(2)).cumsum(1) / seen.cumsum(1).clamp(min=1).unsqueeze(2)
        self.assertTrue(torch.allclose(states[self.steps.mask], mean[self.steps.mask], atol=1e-5))

    def test_the_linear_memory_is_linear_when_it_forgets_at_one_pace(self) -> None:
        memory = LinearMemory(self.scaling, 4).eval()
        with torch.no_grad():
            memory.length.fill_(-40.0)  # b is 0
        states = states_of(memory, self.steps.numbers, self.steps.categories)
        moved = self.scaling(self.steps.numbers) @ memory.weight.T
        before = torch.cat([torch.zeros(len(states), 1, 4), states[:, :-1]], dim=1)
        weight = torch.sigmoid(memory.pace)
        seen = self.steps.seen
        self.assertTrue(torch.allclose(states[seen], (before + weight * (moved - before))[seen], atol=1e-5))

    def test_plain_dimensions_read_no_roots(self) -> None:
        memory = LinearMemory(fit_scaling(self.steps, plain_shares=True), 4, plain=2).eval()
        with torch.no_grad():
            memory.length.fill_(-40.0)
        zero = torch.zeros(1, 1, 4)
        shares = self.steps.numbers[:2, :1]
        one, other, sum_ = (memory(x, self.steps.categories[:1, :1], zero, zero)[0][0, 0] for x in (*shares.split(1), shares.sum(0)[None]))
        self.assertTrue(torch.allclose((one + other)[:2], sum_[:2], atol=1e-5))
        self.assertFalse(torch.allclose((one + other)[2:], sum_[2:], atol=1e-2))

    def test_products_of_rows_have_the_same_bits_in_any_batch(self) -> None:
        for hidden_size, width in ((5, 6), (16, 96), (64, 97), (64, 194)):
            weight, x = torch.randn(hidden_size, width), torch.rand(80, 3, width)
            whole = linear_of_rows(x, weight)
            self.assertTrue(torch.allclose(whole, x @ weight.T, atol=1e-4))
            for rows in (slice(3, 4), slice(3, 8), slice(11, 60)):
                for steps in (1, 3):
                    self.assertTrue(torch.equal(linear_of_rows(x[rows, :steps], weight), whole[rows, :steps]))

    def test_a_profile_that_is_held_comes_to_rest(self) -> None:
        memory = LinearMemory(self.scaling, 4).eval()
        held = self.steps.numbers[:1, :1].expand(-1, 2000, -1)
        states, _, count = memory(held, self.steps.categories[:1], torch.full((1, 1, 4), 5.0), torch.rand(1, 1, 4))
        self.assertLess((states[0, -1] - states[0, -2]).abs().max(), 1e-6)
        self.assertTrue((count == LONGEST).all())

    def test_a_sequence_continues_where_it_ended(self) -> None:
        both = fit_scaling(self.steps, plain_shares=True)
        for memory in (LinearMemory(self.scaling, 4).eval(), LstmMemory(both, 4).eval()):
            numbers, none = self.steps.numbers, self.steps.categories
            zero = torch.zeros(1, len(numbers), 4)
            whole, _, _ = memory(numbers, none, zero, zero)
            _, h, c = memory(numbers[:, :2], none[:, :2], zero, zero)
            rest, _, _ = memory(numbers[:, 2:], none[:, 2:], h, c)
            self.assertTrue(torch.equal(whole[:, 2:], rest))


class Contrasts(unittest.TestCase):
    def test_sub_sequences_are_of_their_owner_and_never_padding(self) -> None:
        steps = some_steps()
        cut, owners = slices(steps, 3, 2, torch.Generator().manual_seed(1))
        self.assertEqual(len(cut), 3 * len(steps))
        for row in range(len(cut)):
            length, whole = int(cut.lengths[row]), int(steps.lengths[owners[row]])
            self.assertTrue(min(2, whole) <= length <= whole)
            rows = steps.numbers[owners[row], :whole].unfold(0, length, 1).transpose(1, 2)
            self.assertTrue((rows == cut.numbers[row, :length]).all(dim=(1, 2)).any())
            self.assertFalse(cut.numbers[row, length:].any())

    def test_it_is_small_when_customers_are_apart(self) -> None:
        head = ContrastHead(2, 1, 0.5, 5)
        together = torch.nn.functional.normalize(torch.ones(8, 4), dim=1)
        apart = torch.eye(4).repeat_interleave(2, dim=0)
        losses = []
        for found in (together, apart):
            head.embeddings = lambda *_, found=found: (found, torch.arange(4).repeat_interleave(2))
            losses.append(float(head.loss(found, None, None, None)))
        self.assertLess(losses[1], 1e-6)
        self.assertGreater(losses[0], 0.1)


class Learning(unittest.TestCase):
    def setUp(self) -> None:
        make_deterministic()
        self.steps = some_steps()

    def test_both_memories_learn_to_tell_what_a_history_was(self) -> None:
        for recipe in (S, L):
            short, long = (train_recipe(quick(recipe, epochs=epochs, learning_rate=0.03), self.steps, 1) for epochs in (1, 25))
            before, after = short.measures["reconstruct R²"], long.measures["reconstruct R²"]
            self.assertGreater(after, before + 0.2, recipe.kind)
            self.assertGreater(after, 0.5, recipe.kind)

    def test_events_teach_the_next_code(self) -> None:
        trained = train_recipe(quick(EVENTS, epochs=25), some_events(), 1)
        measures = trained.measures
        self.assertLess(measures["next category 0 cross-entropy"], 0.5 * measures["next category 0 entropy"])

    def test_the_same_seed_makes_the_same_network_and_other_customers_another(self) -> None:
        mix = dataclasses.replace(quick(S), objectives=(Reconstruct(), Predict(), Contrast(0.5)))
        first, second = (train_recipe(mix, self.steps, 1).last_states(self.steps) for _ in range(2))
        self.assertTrue(torch.equal(first, second))
        fewer = train_recipe(mix, self.steps.at(torch.arange(60)), 1).last_states(self.steps)
        self.assertFalse(torch.equal(first, fewer))

    def test_every_objective_moves_the_memory(self) -> None:
        torch.manual_seed(1)
        coefficients = torch.randn(2, CLASSES).double()
        for objective in (Reconstruct(), Predict(), Contrast(), Traits(coefficients)):
            recipe = dataclasses.replace(quick(S), objectives=(objective,))
            start, end = (each(recipe, self.steps, 1).last_states(self.steps) for each in (untrained, train_recipe))
            self.assertGreater((start - end).abs().max(), 1e-3, objective)

    def test_traits_may_read_the_first_dimensions_alone(self) -> None:
        coefficients = torch.randn(2, CLASSES, generator=torch.Generator().manual_seed(1)).double()
        recipe = dataclasses.replace(quick(S), objectives=(Traits(coefficients, reads=2),))
        head = self.training(recipe).learner.heads[0]
        states = torch.rand(3, 4, 5)
        changed = torch.cat([states[:, :, :2], torch.rand(3, 4, 3)], dim=2)
        self.assertTrue(torch.equal(head.given(states), head.given(changed)))

    def test_a_weight_of_nought_takes_an_objective_out(self) -> None:
        alone = dataclasses.replace(quick(S), objectives=(Reconstruct(), Predict(0.0)))
        training = self.training(alone)
        training.loss(self.steps, self.steps).backward()
        reconstruct, predict = training.learner.heads
        self.assertGreater(reconstruct.readout.weight.grad.abs().max(), 0)
        self.assertEqual(predict.readout.weight.grad.abs().max(), 0)

    def test_the_penalty_counts_after_the_warm_up(self) -> None:
        def gradient(linearity: float, epoch: int) -> torch.Tensor:
            training = self.training(quick(S, linearity=linearity, warm_up=2))
            training.progress.epoch = epoch
            training.loss(self.steps, self.steps).backward()
            return training.learner.memory.lstm.weight_hh_l0.grad

        self.assertTrue(torch.equal(gradient(0.5, 1), gradient(0.0, 1)))
        self.assertFalse(torch.equal(gradient(0.5, 2), gradient(0.0, 2)))

    def test_a_resumed_training_ends_as_an_uninterrupted_one(self) -> None:
        recipe = quick(S, epochs=5, linearity=0.1, warm_up=2)
        whole = self.training(recipe).run()
        with tempfile.TemporaryDirectory() as folder:
            checkpoint = Path(folder) / "checkpoint.pt"
            self.training(quick(S, epochs=3, linearity=0.1, warm_up=2)).run(checkpoint, "same")
            other = self.training(recipe)
            self.assertFalse(other.resume(checkpoint, "another"))
            self.assertTrue(other.resume(checkpoint, "same"))
            resumed = other.run()
        self.assertTrue(torch.equal(whole.last_states(self.steps), resumed.last_states(self.steps)))

    def test_heads_are_asked_about_the_truth_and_not_about_what_is_shown(self) -> None:
        coefficients = torch.randn(2, CLASSES, generator=torch.Generator().manual_seed(1)).double()
        training = self.training(dataclasses.replace(quick(S), objectives=(Traits(coefficients),)))
        shown = self.steps.shown_as(self.steps.numbers * 0.0)
        variation = Variation(shown, self.steps)
        head = training.learner.heads[0]
        states = states_of(training.learner.memory, shown.numbers, shown.categories)
        truth = label(self.steps.numbers, coefficients, head.standard)
        expected = (head.given(states) - truth)[self.steps.mask].square().mean() / 0.04
        self.assertTrue(torch.allclose(training.loss(variation.shown, variation.truth), expected))

    def training(self, recipe: Recipe) -> Training:
        make = recipe.make(self.steps.layout)
        rows = torch.arange(len(self.steps))
        parts = self.steps.at(rows[16:]), self.steps.at(rows[:16])
        return Training(*parts, make, recipe.objectives, recipe.settings, seed=1)


class Output(unittest.TestCase):
    def setUp(self) -> None:
        make_deterministic()
        self.steps = some_steps()

    def written(self, trained: Trained) -> torch.jit.ScriptModule:
        with tempfile.TemporaryDirectory() as folder:
            write_network(network_of(trained), Path(folder) / "model.pt")
            return torch.jit.load(Path(folder) / "model.pt")

    def test_a_network_takes_plain_shares_and_expects_shares(self) -> None:
        zero = torch.zeros(1, len(self.steps), 5)
        for recipe in (S, L):
            trained = train_recipe(quick(recipe, epochs=8), self.steps, 1)
            states, outputs, _, _ = self.written(trained)(self.steps.numbers, zero, zero)
            self.assertTrue(torch.allclose(states, trained.states(self.steps), atol=1e-5))
            head = next(one for one in trained.heads if isinstance(one, AggregateHead) and one.name == "predict")
            root = (head.readout(states) * head.deviation + head.mean).clamp(min=0.0)
            self.assertTrue(torch.allclose(outputs, root.square(), atol=1e-5))

    def test_with_traits_the_outputs_are_the_traits(self) -> None:
        coefficients = torch.randn(2, CLASSES, generator=torch.Generator().manual_seed(1)).double()
        recipe = dataclasses.replace(quick(S, precise=True), objectives=(*S.objectives, Traits(coefficients)))
        trained = train_recipe(recipe, self.steps, 1)
        zero = torch.zeros(1, len(self.steps), 5)
        states, outputs, _, _ = self.written(trained)(self.steps.numbers, zero, zero)
        self.assertEqual(outputs.dtype, torch.float32)
        given = trained.head(TraitHead).float().given(states)
        self.assertTrue(torch.allclose(outputs, given, atol=1e-6))

    def test_the_linear_memory_gives_a_customer_the_same_bits_in_any_batch(self) -> None:
        zero = torch.zeros(1, len(self.steps), 5)
        network = self.written(untrained(quick(L), self.steps, 1))
        together = network(self.steps.numbers, zero, zero)
        for rows in (slice(7, 8), slice(7, 10), slice(3, 50)):
            fewer = network(self.steps.numbers[rows], zero[:, rows], zero[:, rows])
            self.assertTrue(torch.equal(together[0][rows], fewer[0]))
            self.assertTrue(torch.equal(together[1][rows], fewer[1]))


if __name__ == "__main__":
    unittest.main()
