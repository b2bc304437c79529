"""The blocks of the documents, run as they stand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import matplotlib.pyplot
import pytest
from server import ROOT, Server

PAGES = {
    "docs/python.md": (None, None),
    "python/README.md": ("## Score and explain a table", "## Export a network"),
}


@pytest.mark.parametrize("page", PAGES)
def test_blocks_of_the_documents_run(page: str, server: Server) -> None:
    matplotlib.use("agg")
    text = (Path(ROOT) / page).read_text(encoding="utf-8")
    begin, end = PAGES[page]
    text = text[text.index(begin) if begin else 0 : text.index(end) if end else None]
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(blocks) > 1
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block.replace("http://127.0.0.1:8080", server.url), page, "exec"), names)
    matplotlib.pyplot.close("all")
