"""A quick self-test: `python -m unittest` in this folder, in the virtual environment. It needs no data."""

from __future__ import annotations

import json
import tempfile
import unittest
import zipfile
from pathlib import Path

import torch

from archive import save_reproducibly
from augment import hidden, lengthened, varied, without_classes
from candidates import Candidate, choose, read_candidate, write_candidate
from card import Facts, model_card, notes
from evaluate import measure
from feed_forward import FeedForward
from golden import check_golden, make_cases, write_golden
from linearity import Linearity
from network import LAYERS, SpendingPersonality, zero_state
from population import Population, read_population, split_population
from taxonomy import TRAITS, read_taxonomy
from traits import Standard, label, running_traits
from training import INPUT_SCALE, Settings, Training, make_deterministic

CLASSES = 12
HIDDEN_SIZE = 4
COEFFICIENTS = torch.randn(len(TRAITS), CLASSES, generator=torch.Generator().manual_seed(2)).double()


def some_population(customers: int) -> Population:
    """Sparse random shares; lengths 1 to 6."""
    generator = torch.Generator().manual_seed(3)
    spending = torch.rand(customers, 6, CLASSES, generator=generator)
    spending *= torch.rand(customers, 1, CLASSES, generator=generator) < 0.6
    spending[:, :, 0] += 0.01
    lengths = torch.randint(1, 7, (customers,), generator=generator)
    lengths[::3] = 6
    population = Population(spending / spending.sum(dim=2, keepdim=True), lengths)
    return Population(population.profiles * population.mask.unsqueeze(2), lengths)


def some_candidate(hidden_size: int, validation_loss: float, recurrent: bool = True) -> Candidate:
    """An untrained network, as if it had been trained."""
    torch.manual_seed(hidden_size)
    kind = SpendingPersonality if recurrent else FeedForward
    network = kind(CLASSES, len(TRAITS), hidden_size).eval()
    population = some_population(60)
    standard = Standard(torch.zeros(len(TRAITS)).double(), torch.ones(len(TRAITS)).double())
    return Candidate(
        settings=Settings(seed=1, hidden_size=hidden_size, recurrent=recurrent),
        network=network,
        measures=measure(network, population, COEFFICIENTS, standard),
        validation_loss=validation_loss,
        epochs=9,
        best_epoch=7,
        standard=standard,
        examples=population.profiles[population.lengths == 6][:6],
        customers={"train": 48, "validation": 6, "test": 6},
    )


class LabelRule(unittest.TestCase):
    def test_recent_spending_counts_half_and_a_pause_changes_nothing(self) -> None:
        profile = torch.tensor([[[0.0, 0.0], [1.0, 0.0], [0.0, 0.0], [0.0, 1.0]]])
        raw, known = running_traits(profile, torch.tensor([[2.0, -4.0]]))
        self.assertEqual(raw.flatten().tolist(), [0.0, 2.0, 2.0, -1.0])
        self.assertEqual(known.flatten().tolist(), [False, True, True, True])

    def test_nothing_known_is_the_middle(self) -> None:
        standard = Standard(mean=torch.tensor([1.0]), deviation=torch.tensor([2.0]))
        traits = label(torch.tensor([[[0.0], [1.0]]]), torch.tensor([[1.0]]), standard)
        self.assertEqual(traits.flatten().tolist(), [0.5, 0.5])


class Data(unittest.TestCase):
    def test_reads_a_taxonomy_without_its_income(self) -> None:
        header = "class,title,group,mcc," + ",".join(TRAITS) + ",source\n"
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "taxonomy.csv"
            path.write_text(header + "salary,Salary,income,,,,,,,\nrent,Rent,home,6513,,1.5,,,-2,own\n")
            taxonomy = read_taxonomy(path)
        self.assertEqual(taxonomy.classes, ["rent"])
        self.assertEqual(taxonomy.coefficients.flatten().tolist(), [0.0, 1.5, 0.0, 0.0, -2.0])

    def test_pads_at_the_end_and_splits_by_customer(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "encoded.ndjson"
            lines = [json.dumps({"profile": [[row / 100, 0.5]] * (1 + row % 2)}) for row in range(20)]
            path.write_text("\n".join(lines) + "\n")
            population = read_population(path, 2)
        self.assertEqual(population.profiles[2].tolist()[1], [0.0, 0.0])
        self.assertEqual(population.mask.sum().item(), 30)
        split = split_population(population, seed=1)
        parts = [part.profiles[:, 0, 0] for part in (split.train, split.validation, split.test)]
        self.assertEqual([len(part) for part in parts], [16, 2, 2])
        self.assertEqual(len(torch.cat(parts).unique()), 20)


class Variations(unittest.TestCase):
    def setUp(self) -> None:
        self.generator = torch.Generator().manual_seed(1)
        self.population = some_population(40)

    def test_they_are_histories(self) -> None:
        for profiles in (
            without_classes(self.population.profiles, self.generator),
            lengthened(self.population, self.generator).profiles,
        ):
            sums = profiles.sum(dim=2)
            self.assertTrue((((sums - 1).abs() < 1e-5) | (sums == 0)).all())

    def test_hidden_classes_leave_the_label_of_the_whole_history(self) -> None:
        variation = hidden(self.population, self.generator)
        self.assertTrue(torch.equal(variation.history.profiles, self.population.profiles))
        gone = (self.population.profiles > 0) & (variation.shown == 0)
        self.assertTrue(gone.any())
        # A class is hidden in every period or in none.
        self.assertFalse((gone.any(dim=1, keepdim=True) & (variation.shown > 0)).any())

        training = Training(Settings(seed=1, hidden_size=HIDDEN_SIZE), split_population(self.population, 1), COEFFICIENTS)
        inputs = variation.shown.double() * INPUT_SCALE
        _, error = training.judge(inputs, variation.history.double())
        start = zero_state(inputs, HIDDEN_SIZE)
        _, outputs, _, _ = training.network(inputs, start, start)
        whole = label(self.population.profiles.double(), COEFFICIENTS, training.standard)
        expected = (outputs - whole)[self.population.mask].square().mean()
        self.assertTrue(torch.equal(error, expected))

    def test_other_variations_are_labelled_by_what_is_shown(self) -> None:
        *others, last = varied(self.population, self.generator)
        self.assertTrue(all(torch.equal(one.shown, one.history.profiles) for one in others))
        self.assertFalse(torch.equal(last.shown, last.history.profiles))

    def test_a_batch_of_one_is_varied_too(self) -> None:
        self.assertEqual(len(varied(self.population.at(torch.tensor([0])), self.generator)), 4)


class Penalty(unittest.TestCase):
    def test_states_that_follow_the_map_cost_nothing(self) -> None:
        population = some_population(50)
        penalty = Linearity(CLASSES, HIDDEN_SIZE)
        states = torch.zeros(50, 1, HIDDEN_SIZE)
        with torch.no_grad():
            for step in range(6):
                joined = torch.cat([states[:, -1], population.profiles[:, step]], dim=1)
                states = torch.cat([states, penalty.map(joined).unsqueeze(1)], dim=1)
        states = states[:, 1:]
        self.assertLess(penalty(population.profiles, states, population.mask).item(), 1e-10)
        other = states + 0.2 * torch.randn(states.shape, generator=torch.Generator().manual_seed(1))
        self.assertGreater(penalty(population.profiles, other, population.mask).item(), 0.1)
        # What stands in the padding does not count.
        padded = torch.where(population.mask.unsqueeze(2), states, 9.0)
        self.assertLess(penalty(population.profiles, padded, population.mask).item(), 1e-10)

    def test_the_network_does_not_feel_it_during_the_warm_up(self) -> None:
        split = split_population(some_population(60), 1)

        def gradient(linearity: float, epoch: int) -> torch.Tensor:
            settings = Settings(seed=1, hidden_size=HIDDEN_SIZE, linearity=linearity)
            training = Training(settings, split, COEFFICIENTS)
            training.progress.epoch = epoch
            training.loss(varied(training.train, torch.Generator().manual_seed(1))[0]).backward()
            return training.network.lstm.weight_hh_l0.grad

        self.assertTrue(torch.equal(gradient(0.5, epoch=0), gradient(0.0, epoch=0)))
        self.assertFalse(torch.equal(gradient(0.5, epoch=10), gradient(0.0, epoch=10)))


class Networks(unittest.TestCase):
    def setUp(self) -> None:
        make_deterministic()
        torch.manual_seed(0)
        self.network = SpendingPersonality(CLASSES, len(TRAITS), HIDDEN_SIZE).eval()

    def test_a_sequence_continues_where_it_ended(self) -> None:
        profiles = some_population(3).profiles
        start = zero_state(profiles, HIDDEN_SIZE)
        _, whole, _, _ = self.network(profiles, start, start)
        _, _, h, c = self.network(profiles[:, :4], start, start)
        _, rest, _, _ = self.network(profiles[:, 4:], h, c)
        self.assertTrue(torch.equal(whole[:, 4:], rest))

    def test_the_comparator_has_the_signature_and_sees_no_order(self) -> None:
        network = torch.jit.script(FeedForward(CLASSES, len(TRAITS), HIDDEN_SIZE).eval())
        profiles = some_population(5).profiles
        start = zero_state(profiles, HIDDEN_SIZE)
        states, outputs, h, c = network(profiles, start, start)
        self.assertEqual(states.shape, (5, 6, HIDDEN_SIZE))
        self.assertEqual(outputs.shape, (5, 6, len(TRAITS)))
        self.assertTrue(torch.equal(h, start) and torch.equal(c, start))
        turned = network(profiles.flip(1), start, start)[0]
        full = profiles.sum(dim=2).all(dim=1)
        self.assertTrue(torch.allclose(states[full, -1], turned[full, -1], atol=1e-6))
        # A period without spending changes nothing; later periods do not change earlier answers.
        pause = torch.cat([profiles[:, :1], torch.zeros(5, 1, CLASSES)], dim=1)
        answered = network(pause, start, start)[0]
        self.assertTrue(torch.equal(answered[:, 0], answered[:, 1]))
        self.assertTrue(torch.equal(answered[:, 0], states[:, 0]))

    def test_the_same_network_is_the_same_bytes_and_keeps_its_golden_cases(self) -> None:
        population = some_population(30)
        script = torch.jit.script(self.network)
        cases = make_cases(script, population.profiles[population.lengths == 6], torch.zeros(LAYERS, HIDDEN_SIZE))
        with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
            for folder in (first, second):
                save_reproducibly(script, Path(folder) / "model.pt")
            content = (Path(first) / "model.pt").read_bytes()
            self.assertEqual(content, (Path(second) / "model.pt").read_bytes())
            with zipfile.ZipFile(Path(first) / "model.pt") as archive:
                self.assertFalse([name for name in archive.namelist() if name.endswith(".debug_pkl")])
            write_golden(script, cases, Path(first) / "golden.json")
            check_golden(torch.jit.load(Path(first) / "model.pt"), Path(first) / "golden.json")


class Trainings(unittest.TestCase):
    def setUp(self) -> None:
        make_deterministic()
        self.split = split_population(some_population(200), seed=1)

    def train(self, folder: str, epochs: int, recurrent: bool = True) -> Training:
        """Goes on from the checkpoint in `folder`, if there is one."""
        settings = Settings(seed=1, hidden_size=HIDDEN_SIZE, recurrent=recurrent, batch=32, epochs=epochs, warm_up=2)
        training = Training(settings, self.split, COEFFICIENTS)
        checkpoint = Path(folder) / "checkpoint.pt"
        if checkpoint.exists():
            training.resume(checkpoint, "same")
        training.run(checkpoint, "same")
        return training

    def test_a_resumed_training_ends_as_an_uninterrupted_one(self) -> None:
        with tempfile.TemporaryDirectory() as once, tempfile.TemporaryDirectory() as twice:
            whole = self.train(once, 5)
            # Interrupted during the warm-up of the penalty, and after it.
            for epochs in (1, 3, 5):
                resumed = self.train(twice, epochs)
        for one, other in ((whole.exported(), resumed.exported()), (whole.linearity, resumed.linearity)):
            weights = other.state_dict()
            self.assertTrue(all(torch.equal(value, weights[name]) for name, value in one.state_dict().items()))

    def test_what_is_exported_takes_plain_shares(self) -> None:
        for recurrent in (True, False):
            with tempfile.TemporaryDirectory() as folder:
                training = self.train(folder, 1, recurrent)
            profiles = training.validation.profiles
            start = zero_state(profiles, HIDDEN_SIZE)
            scaled = training.network(profiles * INPUT_SCALE, start, start)[1]
            plain = training.exported()(profiles.float(), start.float(), start.float())[1]
            self.assertTrue(torch.allclose(scaled.float(), plain, atol=1e-5))


class Choice(unittest.TestCase):
    def test_validation_chooses_and_a_candidate_survives_its_file(self) -> None:
        candidates = [some_candidate(3, 0.2), some_candidate(8, 0.1), some_candidate(5, 0.15)]
        self.assertEqual(choose(candidates).settings.hidden_size, 8)
        with tempfile.TemporaryDirectory() as folder:
            write_candidate(candidates[0], Path(folder))
            read = read_candidate(Path(folder))
        self.assertEqual(read.settings, candidates[0].settings)
        self.assertEqual(read.measures, candidates[0].measures)
        self.assertEqual(read.weights(), 4 * 3 * (CLASSES + 3) + 8 * 3 + 5 * 3 + 5)
        self.assertEqual(read.network.multiplications(), 4 * 3 * (CLASSES + 3) + 5 * 3)
        weights = candidates[0].network.state_dict()
        self.assertTrue(all(torch.equal(weights[name], value) for name, value in read.network.state_dict().items()))

    def test_the_card_shows_the_choice_and_takes_notes_over(self) -> None:
        candidates = [some_candidate(3, 0.2), some_candidate(8, 0.1)]
        facts = Facts("a-name", "7", "year", 6, "2.13.0", "microseg simulate")
        card = model_card(candidates[1], candidates, some_candidate(8, 0.3, recurrent=False), {3: 1111, 8: 2222}, facts)
        self.assertIn("| **8** | **0.100000** |", card)
        self.assertIn("| 3 | 0.200000 |", card)
        # No placeholder is left; a note may speak of dollars.
        self.assertNotRegex(card, r"\$[a-z{]")
        with tempfile.TemporaryDirectory() as folder:
            written = Path(folder) / "results.md"
            written.write_text("### A data set\n\nIts table.\n")
            found = notes({"Real data": written, "Scale": Path(folder) / "missing.md"})
        self.assertEqual(found, "## Real data\n\n### A data set\n\nIts table.\n\n")


if __name__ == "__main__":
    unittest.main()
