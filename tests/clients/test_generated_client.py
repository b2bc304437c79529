"""Client that `openapi-python-client` generates from the OpenAPI document."""

from __future__ import annotations

import importlib
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

from server import ROOT, Server, example

GENERATOR = Path(sys.executable).with_name("openapi-python-client")
PACKAGE = "generated_microseg"


class GeneratedClient(unittest.TestCase):
    """The generated client against the server."""

    server: Server
    client: Any

    @classmethod
    def setUpClass(cls) -> None:
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        configuration = Path(folder) / "configuration.yaml"
        # Without hooks: formatting would need more programs.
        configuration.write_text("post_hooks: []\n", encoding="utf-8")
        command = [
            str(GENERATOR),
            "generate",
            f"--path={ROOT / 'openapi/openapi.json'}",
            f"--output-path={Path(folder) / PACKAGE}",
            f"--config={configuration}",
            "--meta=none",
        ]
        generated = subprocess.run(command, capture_output=True, text=True)
        assert generated.returncode == 0, generated.stdout + generated.stderr
        sys.path.insert(0, folder)
        cls.addClassCleanup(sys.path.remove, folder)
        cls.server = cls.enterClassContext(Server())
        cls.client = cls.part("client").Client(base_url=cls.server.url)

    @staticmethod
    def part(name: str) -> Any:
        return importlib.import_module(f"{PACKAGE}.{name}")

    def ask(self, operation: str, **arguments: Any) -> Any:
        """The parsed answer of an operation such as `scoring.score`."""
        return self.part(f"api.{operation}").sync(client=self.client, **arguments)

    def test_example_is_scored(self) -> None:
        models = self.part("models")
        scoring = self.ask("scoring.score", body=models.History.from_dict(example()))
        self.assertIsInstance(scoring, models.Scoring)
        self.assertEqual(scoring.customer_id, example()["customer_id"])
        self.assertEqual(len(scoring.features.state), 8)
        self.assertEqual(scoring.quality.transactions, len(example()["transactions"]))
        self.assertEqual(len(scoring.traits.additional_properties), 5)
        self.assertTrue(scoring.trajectory and scoring.segment.path)

    def test_example_is_explained_verified_and_erased(self) -> None:
        models = self.part("models")
        history = example() | {"explain": {"target": "extraversion", "top": 3}}
        explanation = self.ask("explanations.explain", body=models.ExplanationRequest.from_dict(history))
        self.assertIsInstance(explanation, models.RecordedExplanation)
        (target,) = explanation.targets
        self.assertEqual([part.rank for part in target.contributions], [1, 2, 3])
        parts = sum(part.contribution for part in target.contributions) + target.other.contribution
        self.assertAlmostEqual(target.intercept + parts + target.residual, target.value)
        again = self.ask("explanations.get_explanation", id=explanation.id)
        self.assertEqual(again.to_dict(), explanation.to_dict())
        self.assertTrue(self.ask("explanations.verify_explanation", id=explanation.id).agrees)
        page = self.ask("explanations.list_explanations", customer_id=explanation.customer_id)
        self.assertEqual([one.id for one in page.explanations], [explanation.id])
        erased = self.ask("explanations.erase_customer", id=explanation.customer_id)
        self.assertEqual(erased.explanations, 1)

    def test_problem_is_parsed(self) -> None:
        models = self.part("models")
        problem = self.ask("scoring.score", body=models.History.from_dict({"transactions": []}))
        self.assertIsInstance(problem, models.Problem)
        self.assertEqual(problem.status, 422)
        self.assertEqual(problem.errors[0].pointer, "/transactions")

    def test_tables_and_inference_are_generated(self) -> None:
        models = self.part("models")
        (name,) = [model.name for model in self.ask("models.list_models").models]
        self.assertEqual(len(self.ask("models.get_model", name=name).classes), 97)
        for table in ("get_segments", "get_attractors"):
            self.assertEqual(self.ask(f"models.{table}", name=name).model.name, name)
        profile = [0.0] * 97
        profile[0] = 1.0
        tensor = {"name": "profile", "shape": [1, 1, 97], "datatype": "FP32", "data": profile}
        request = models.InferenceRequest.from_dict({"inputs": [tensor]})
        answer = self.ask("inference.infer", name=name, body=request)
        self.assertEqual([output.shape for output in answer.outputs], [[1, 1, 8], [1, 1, 5]])


if __name__ == "__main__":
    unittest.main()
