"""The wheel in an environment without any other package: run by test.sh, with no test tool in it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import sys
from pathlib import Path

import microseg

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/clients"))
from server import Server  # noqa: E402

NEEDED = {"microseg", "h11", "tzdata"}


def main() -> None:
    """Scores and explains with nothing but what the wheel needs."""
    installed = {each.metadata["Name"].lower() for each in importlib.metadata.distributions()}
    assert installed <= NEEDED | {"pip", "setuptools"}, installed
    package = Path(microseg.__file__ or "")
    assert not package.is_relative_to(ROOT / "python"), "the wheel, not the folder"
    assert package.with_name("py.typed").is_file()
    for name in ("torch", "pandas", "numpy"):
        assert importlib.util.find_spec(name) is None, name
    history = json.loads((ROOT / "examples/history.json").read_text(encoding="utf-8"))
    with Server() as server, microseg.Client(server.url) as client:
        scorings = list(client.score({**history, "customer_id": f"c-{place}"} for place in range(100)))
        assert [each.customer_id for each in scorings] == [f"c-{place}" for place in range(100)]
        assert len(scorings[0].state) == client.model()["hidden_size"]
        (explanation,) = client.explain([history], target="openness")
        assert explanation.verdict == "ok"
        for needs, use in (("shap", explanation.to_shap), ("matplotlib", explanation.plot)):
            try:
                use()
            except ImportError as error:
                assert f"needs the package {needs}" in str(error), error
            else:
                raise AssertionError(f"{needs} is not here")
    try:
        microseg.MicrosegTransformer  # noqa: B018
    except ImportError as error:
        assert "pip install 'microseg[sklearn]'" in str(error), error
    else:
        raise AssertionError("scikit-learn is not here")


if __name__ == "__main__":
    main()
