"""A quick self-test: `python -m unittest` in this folder, in the virtual environment. It needs no data."""

from __future__ import annotations

import json
import tempfile
import unittest
import zipfile
from pathlib import Path

import torch

from archive import save_reproducibly
from augment import lengthened, without_classes
from golden import check_golden, make_cases, write_golden
from network import HIDDEN_SIZE, LAYERS, SpendingPersonality, zero_state
from population import Population, read_population, split_population
from taxonomy import TRAITS, read_taxonomy
from traits import Standard, label, running_traits
from train import Settings, Training, make_deterministic

CLASSES = 12


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

    def test_variations_are_histories(self) -> None:
        generator = torch.Generator().manual_seed(1)
        population = some_population(40)
        for profiles in (without_classes(population.profiles, generator), lengthened(population, generator).profiles):
            sums = profiles.sum(dim=2)
            self.assertTrue((((sums - 1).abs() < 1e-5) | (sums == 0)).all())


class Bundle(unittest.TestCase):
    def setUp(self) -> None:
        make_deterministic()
        torch.manual_seed(0)
        self.network = SpendingPersonality(CLASSES, len(TRAITS)).eval()

    def test_a_sequence_continues_where_it_ended(self) -> None:
        profiles, start = some_population(3).profiles, zero_state(3)
        _, whole, _, _ = self.network(profiles, start, start)
        _, _, h, c = self.network(profiles[:, :4], start, start)
        _, rest, _, _ = self.network(profiles[:, 4:], h, c)
        self.assertTrue(torch.equal(whole[:, 4:], rest))

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

    def test_a_resumed_training_ends_as_an_uninterrupted_one(self) -> None:
        coefficients = torch.randn(len(TRAITS), CLASSES, generator=torch.Generator().manual_seed(2)).double()
        split = split_population(some_population(200), seed=1)

        def train(folder: str, epochs: int) -> dict[str, torch.Tensor]:
            training = Training(Settings(seed=1, batch=32, epochs=epochs), split, coefficients)
            checkpoint = Path(folder) / "checkpoint.pt"
            if checkpoint.exists():
                training.resume(checkpoint, "same")
            training.run(checkpoint, "same")
            return training.folded().state_dict()

        with tempfile.TemporaryDirectory() as once, tempfile.TemporaryDirectory() as twice:
            whole = train(once, 3)
            train(twice, 1)
            resumed = train(twice, 3)
        self.assertTrue(all(torch.equal(whole[name], resumed[name]) for name in whole))


if __name__ == "__main__":
    unittest.main()
