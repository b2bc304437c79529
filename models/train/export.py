"""Writes the bundle's files from a finished training: `python export.py WORK BUNDLE --population TEXT`.

`model.pt`, `golden.json`, `MODEL_CARD.md` and `manifest.json`; `taxonomy.csv` must be there already. All are written
and checked in WORK before one of them is moved: a failed export leaves the bundle as it was. The numbers in the card
are the measured ones.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from pathlib import Path
from string import Template
from typing import Any

import torch

from archive import save_reproducibly
from evaluate import HELD_PERIODS
from golden import check_golden, make_cases, write_golden
from network import HIDDEN_SIZE, LAYERS, SpendingPersonality
from taxonomy import TRAITS, read_taxonomy
from train import make_deterministic

NAME = "spending-personality"
VERSION = "1"
PERIOD = "year"
WINDOW = 6
CARD_TEMPLATE = Path(__file__).parent / "model_card.template.md"


def model_card(trained: dict[str, Any], classes: int, population: str) -> str:
    """The card, with what was measured."""
    measures, standard, settings = trained["measures"], trained["standard"], dict(trained["settings"])
    columns = [measures[name] for name in ("last_period", "every_period", "reduced", "held")]
    evaluation = [
        f"| {trait} | " + " | ".join(f"{column[index]:.4f}" for column in columns) + " |"
        for index, trait in enumerate(TRAITS)
    ]
    standards = [
        f"| {trait} | {standard['mean'][index]:.9f} | {standard['deviation'][index]:.9f} |"
        for index, trait in enumerate(TRAITS)
    ]
    return Template(CARD_TEMPLATE.read_text(encoding="utf-8")).substitute(
        {f"{part}_customers": f"{count:,}" for part, count in trained["customers"].items()},
        name=NAME,
        version=VERSION,
        classes=classes,
        period=PERIOD,
        window=WINDOW,
        hidden_size=HIDDEN_SIZE,
        held_periods=HELD_PERIODS,
        population=population,
        torch=torch_version(),
        epochs=trained["epochs"],
        best_epoch=trained["best_epoch"],
        evaluation="\n".join(evaluation),
        standards="\n".join(standards),
        epochs_allowed=settings.pop("epochs"),
        **settings,
    )


def manifest(files: list[Path], classes: list[str], trained: dict[str, Any], population: str) -> dict[str, Any]:
    """What the service reads first: which files belong together, and what goes in and comes out."""
    return {
        "schema_version": 1,
        "name": NAME,
        "version": VERSION,
        "files": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files},
        "classes": classes,
        "period": PERIOD,
        "window": WINDOW,
        "layers": LAYERS,
        "hidden_size": HIDDEN_SIZE,
        "outputs": list(TRAITS),
        "provenance": {
            "created_by": "models/train",
            "torch": torch_version(),
            "population": population,
            "seed": trained["settings"]["seed"],
            "epochs": trained["best_epoch"],
            "lowest_r2": round(min(trained["measures"]["last_period"]), 4),
            "note": "Simulated people; traits by a declared rule, not measured. See MODEL_CARD.md.",
        },
    }


def torch_version() -> str:
    """2.13.0, without what the build says of its devices."""
    return torch.__version__.split("+")[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path, help="where train.py left trained.pt")
    parser.add_argument("bundle", type=Path, help="where taxonomy.csv is and the other files go")
    parser.add_argument("--population", required=True, help="how the training customers were made")
    arguments = parser.parse_args()
    taxonomy: Path = arguments.bundle / "taxonomy.csv"
    stage: Path = arguments.work / "bundle"
    stage.mkdir(exist_ok=True)

    make_deterministic()
    trained = torch.load(arguments.work / "trained.pt")
    classes = read_taxonomy(taxonomy).classes
    network = SpendingPersonality(len(classes), len(TRAITS))
    network.load_state_dict(trained["weights"])
    script = torch.jit.script(network.eval())

    model, golden, card = stage / "model.pt", stage / "golden.json", stage / "MODEL_CARD.md"
    save_reproducibly(script, model)
    cases = make_cases(script, trained["examples"], torch.zeros(LAYERS, HIDDEN_SIZE))
    write_golden(script, cases, golden)
    check_golden(torch.jit.load(model), golden)
    card.write_text(model_card(trained, len(classes), arguments.population), encoding="utf-8")
    document = manifest([model, taxonomy, golden, card], classes, trained, arguments.population)
    (stage / "manifest.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")

    for name in (model.name, golden.name, card.name, "manifest.json"):
        shutil.move(stage / name, arguments.bundle / name)
    print(f"{arguments.bundle}: {len(cases)} golden cases hold, alone and in a full batch")


if __name__ == "__main__":
    main()
