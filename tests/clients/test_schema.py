"""Tests of the OpenAPI document: its validity, its examples, and schemathesis against the server.

MICROSEG_SCHEMATHESIS_SEED and MICROSEG_SCHEMATHESIS_EXAMPLES set the seed and the number of requests.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import unittest
import urllib.request
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from server import ROOT, Server

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")


def document() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((ROOT / "openapi/openapi.json").read_text(encoding="utf-8"))
    return read


class Document(unittest.TestCase):
    """The committed document."""

    def test_document_is_valid(self) -> None:
        faults = [f"{list(fault.absolute_path)}: {fault.message}" for fault in OpenAPIV31SpecValidator(document()).iter_errors()]
        self.assertEqual(faults, [])

    def test_examples_fit_their_schemas(self) -> None:
        whole = document()
        shown = 0

        def check(schema: dict[str, Any], value: Any, place: str) -> None:
            nonlocal shown
            shown += 1
            # References point into the whole document.
            validator = Draft202012Validator({**whole, **schema})
            faults = [f"{place}{fault.json_path}: {fault.message[:200]}" for fault in validator.iter_errors(value)]
            self.assertEqual(faults, [])

        def walk(part: Any, place: str) -> None:
            if isinstance(part, list):
                for index, item in enumerate(part):
                    walk(item, f"{place}/{index}")
            if not isinstance(part, dict):
                return
            if "schema" in part and "example" in part:
                check(part["schema"], part["example"], place)
            for name, example in part.get("examples", {}).items() if "schema" in part else ():
                check(part["schema"], example["value"], f"{place}/{name}")
            for line in part.get("x-lines", ()):
                check(part["x-line"], line, place)
            for name, one in part.get("properties", {}).items():
                for example in one.get("examples", ()):
                    check(one, example, f"{place}/{name}")
            for name, item in part.items():
                if name not in ("example", "examples", "x-lines"):
                    walk(item, f"{place}/{name}")

        walk(whole, "")
        self.assertGreater(shown, 300)


class Schemathesis(unittest.TestCase):
    """Requests that the document allows are answered as described, and others are refused."""

    def run_against(self, server: Server, *arguments: str) -> None:
        command = [
            str(SCHEMATHESIS),
            f"--config-file={ROOT / 'schemathesis.toml'}",
            "run",
            f"{server.url}/openapi.json",
            "--generation-database=none",
            f"--seed={os.environ.get('MICROSEG_SCHEMATHESIS_SEED', '1')}",
            f"--max-examples={os.environ.get('MICROSEG_SCHEMATHESIS_EXAMPLES', '10')}",
            *arguments,
        ]
        with tempfile.TemporaryDirectory() as folder:
            found = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        self.assertEqual(found.returncode, 0, f"{found.stdout[-20_000:]}\n{found.stderr[-2_000:]}")

    def test_server_conforms_to_the_document(self) -> None:
        with Server() as server:
            self.run_against(server)
            with urllib.request.urlopen(f"{server.url}/health/ready") as ready:
                self.assertEqual(ready.status, 200)


if __name__ == "__main__":
    unittest.main()
