"""Saving TorchScript so that the same network is the same bytes, without the paths of the machine.

`torch.jit.save` writes, beside every piece of code, a `.debug_pkl` with the paths of the Python files it was compiled
from. Nothing reads them but error messages, so the archive is copied without them. The order of some records follows
Python's hashes of strings: for the same bytes set `PYTHONHASHSEED`.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, cast

import torch

from microseg.exporting.adapted import torchscript

_WRITTEN_BY_THE_WRITER = ("version", "byteorder", ".data/serialization_id")
_FORMAT_VERSION = 3
"""The file format that `torch.jit.save` writes."""


def save_reproducibly(script: torch.jit.ScriptModule, path: Path) -> None:
    """Writes a network; the archive inside is named after the file."""
    core = cast(Any, torch)._C
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / path.name
        cast(Any, script).save(str(plain))
        reader = core.PyTorchFileReader(str(plain))
        writer = core.PyTorchFileWriter(str(path))
        writer.set_min_version(_FORMAT_VERSION)
        for name in reader.get_all_records():
            if not name.endswith(".debug_pkl") and name not in _WRITTEN_BY_THE_WRITER:
                content = reader.get_record(name)
                writer.write_record(name, content, len(content))
        writer.write_end_of_file()


def load(path: Path) -> torch.jit.ScriptModule:
    """Reads a network as the service does."""
    with torchscript():
        return cast(torch.jit.ScriptModule, cast(Any, torch.jit).load(str(path), map_location="cpu"))
