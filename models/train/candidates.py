"""The networks that were trained, and which of them becomes the reference.

    python candidates.py FOLDER...      prints the state size of the one that is taken
"""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from evaluate import Measures
from traits import Standard
from training import Network, Settings, make_network

FILE = "trained.pt"


@dataclass(frozen=True)
class Candidate:
    """One finished training, and what was measured of it."""

    settings: Settings
    network: Network
    measures: Measures
    """On the test customers: reported, and never chosen by."""

    validation_loss: float
    """On the validation customers: what is chosen by."""

    epochs: int
    best_epoch: int
    standard: Standard
    examples: torch.Tensor
    """[N, T, K]: test customers that the export makes golden cases of."""

    customers: dict[str, int]
    """How many were there to train, to validate and to test."""

    def weights(self) -> int:
        """How many numbers were learnt."""
        return sum(weight.numel() for weight in self.network.parameters())


def choose(candidates: list[Candidate]) -> Candidate:
    """The one with the lowest validation loss: the test customers have no say, so that they can judge it."""
    return min(candidates, key=lambda candidate: candidate.validation_loss)


def write_candidate(candidate: Candidate, folder: Path) -> None:
    """Writes plain numbers and tensors, nothing that would have to be unpickled as code."""
    content = {name: getattr(candidate, name) for name in Candidate.__dataclass_fields__}
    content["network"] = candidate.network.state_dict()
    for name in ("settings", "measures", "standard"):
        content[name] = asdict(content[name])
    torch.save(content, folder / FILE)


def read_candidate(folder: Path) -> Candidate:
    """Reads back what `write_candidate` wrote."""
    content = torch.load(folder / FILE)
    settings = Settings(**content["settings"])
    network = make_network(settings, content["examples"].shape[2], len(content["standard"]["mean"]))
    network.load_state_dict(content["network"])
    return Candidate(**{
        **content,
        "settings": settings,
        "network": network.eval(),
        "measures": Measures(**content["measures"]),
        "standard": Standard(**content["standard"]),
    })  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", help="where train.py left trained.pt")
    arguments = parser.parse_args()
    print(choose([read_candidate(folder) for folder in arguments.folders]).settings.hidden_size)


if __name__ == "__main__":
    main()
