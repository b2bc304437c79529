"""The tutorial, executed as a reader would."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from server import Server

TUTORIAL = Path(__file__).resolve().parents[2] / "examples/tutorial.ipynb"


def test_tutorial_runs(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A kernel of this environment, whatever others the machine has.
    kernel = tmp_path / "kernels/python3"
    kernel.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel.joinpath("kernel.json").write_text(json.dumps({"argv": command, "language": "python", "display_name": "x"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("MICROSEG_URL", server.url)
    monkeypatch.setenv("MPLBACKEND", "agg")
    notebook = nbformat.read(TUTORIAL, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells), "outputs are not kept"
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    shown = json.dumps([cell["outputs"] for cell in notebook.cells if cell.cell_type == "code"])
    for expected in ("date_format=['%d.%m.%Y']", "Lebensmittel", "row 5, column", "verdict", "(6, "):
        assert expected in shown, expected
    assert "Error" not in shown
