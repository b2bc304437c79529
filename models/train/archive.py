"""Saving TorchScript so that the same network is the same bytes, wherever it was exported.

`torch.jit.save` writes, beside every piece of code, a `.debug_pkl` with the paths of the Python files it was compiled
from. They differ by machine and tell a reader of the file about it; nothing reads them but error messages. So the
archive is copied without them. What is left follows from the network alone, when Python hashes strings alike: `train.sh`
sets PYTHONHASHSEED.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import torch

WRITTEN_BY_THE_WRITER = ("version", "byteorder", ".data/serialization_id")
"""Records that PyTorch's writer adds by itself."""

FORMAT_VERSION = 3
"""The file format that `torch.jit.save` writes; libtorch refuses what it does not know."""


def save_reproducibly(module: torch.jit.ScriptModule, path: Path) -> None:
    """Writes `module` to `path`; the archive inside is named after the file."""
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / path.name
        module.save(str(plain))
        reader = torch._C.PyTorchFileReader(str(plain))
        writer = torch._C.PyTorchFileWriter(str(path))
        writer.set_min_version(FORMAT_VERSION)
        for name in reader.get_all_records():
            if not name.endswith(".debug_pkl") and name not in WRITTEN_BY_THE_WRITER:
                content = reader.get_record(name)
                writer.write_record(name, content, len(content))
        writer.write_end_of_file()
