"""A self-test of the network over events: `python -m unittest` in this folder. It needs no data."""

from __future__ import annotations

import json
import tempfile
import unittest
from pathlib import Path

import torch

from selfsupervised import network_of, untrained
from selfsupervised.next_event import NextEventHead
from selfsupervised.output import Coming
from selfsupervised.steps import steps_of
from spending_events import NUMBERS, OTHER, golden_histories, microseg, reading, recipe, sequence, split, table
from training import make_deterministic

TAXONOMY = Path(__file__).parent.parent / "spending-personality" / "1" / "taxonomy.csv"


class Events(unittest.TestCase):
    def setUp(self) -> None:
        make_deterministic()
        self.read = reading(TAXONOMY)

    def test_each_class_has_a_code_and_each_code_a_kind(self) -> None:
        classes = microseg.read_taxonomy(TAXONOMY).classes
        codes = self.read.inputs.category_list()[0].codes
        self.assertEqual(self.read.layout.codes, (len(classes) + 3,))
        self.assertEqual(codes.vocabulary["salary"], [one.id for one in classes].index("salary") + 1)
        kinds = [self.read.kinds[kind] for kind in self.read.kind_of]
        self.assertEqual(kinds[codes.vocabulary["groceries"]], "food")
        self.assertEqual([kinds[code] for code in (codes.padding, codes.unknown, codes.missing)], [OTHER] * 3)

    def test_the_description_is_what_encode_reads(self) -> None:
        document = json.loads(json.dumps(self.read.document()))
        self.assertEqual(document["sequence"], {"step": "event", "window": {"events": 512}})
        self.assertEqual([number["of"] for number in document["inputs"]["numbers"]][:2], ["amount", "days_since_previous"])
        self.assertEqual(len(document["inputs"]["categories"]), 1)

    def test_golden_histories_cover_unknown_and_missing_classes_and_ties(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "histories.ndjson"
            path.write_text(json.dumps({"transactions": [{"timestamp": "2020-01-01", "amount": -1, "mcc": 5411}] * 20}) + "\n")
            histories = golden_histories(path)
        self.assertEqual(len(histories["customer-1"]["transactions"]), 6)
        read = microseg.Encoder(
            sequence(), self.read.inputs.number_list(), self.read.inputs.category_list(), {}, microseg.read_taxonomy(TAXONOMY)
        )
        codes = [row[0] for row in read.encode(histories["unknown-and-missing-classes"]).categories]
        stands = self.read.inputs.category_list()[0].codes
        self.assertEqual([codes[1], codes[3]], [stands.unknown, stands.missing])

    def test_outputs_are_the_numbers_and_the_probabilities_of_the_next_event(self) -> None:
        generator = torch.Generator().manual_seed(1)
        lines = [
            {
                "numbers": torch.randn(9, 4, generator=generator).tolist(),
                "categories": torch.randint(1, 100, (9, 1), generator=generator).tolist(),
            }
            for _ in range(20)
        ]
        steps = steps_of(lines, self.read.layout)
        trained = untrained(recipe(self.read.kind_of), steps, 1)
        head = trained.head(NextEventHead)
        network = network_of(trained, Coming(head, trained.scaling, list(NUMBERS.values())))
        states, outputs, _ = network(steps.numbers, steps.categories, torch.zeros(1, 20, 32))
        self.assertEqual(outputs.shape[2], len(self.read.outputs))
        self.assertTrue(torch.allclose(outputs[:, :, 2:].sum(dim=2), torch.ones(20, 9), atol=1e-5))
        scaled = head.numbers(states)[:, :, :2]
        plain = scaled * trained.scaling.size[:2] + trained.scaling.centre[:2]
        self.assertTrue(torch.allclose(outputs[:, :, :2], plain, atol=1e-5))

    def test_customers_are_split_once(self) -> None:
        lines = [{"numbers": [[float(row), 0.0, 0.0, 0.0]], "categories": [[1]]} for row in range(20)]
        parts = split(steps_of(lines, self.read.layout), seed=1)
        self.assertEqual([len(part) for part in parts], [16, 2, 2])
        self.assertEqual(len(torch.cat([part.numbers[:, 0, 0] for part in parts]).unique()), 20)

    def test_a_table_has_its_header_apart(self) -> None:
        self.assertEqual(table([["a", "b"], ["1", "2"]]), "| a | b |\n|---|---|\n| 1 | 2 |")


if __name__ == "__main__":
    unittest.main()
