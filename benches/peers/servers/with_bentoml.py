"""BentoML: one service, whose workers each own the network.

The history is the body itself (`/` in the signature) and one dictionary: as one argument for each of its members
BentoML checks them one by one, which takes twice as long.
"""

from __future__ import annotations

import os
from typing import Any

import bentoml

from servers.scoring import Scorer, end_of

PATIENCE_SECONDS = 600


@bentoml.service(
    workers=int(os.environ.get("PEER_WORKERS", "1")),
    traffic={"timeout": PATIENCE_SECONDS},
    logging={"access": {"enabled": False}},
    metrics={"enabled": False},
)
class Scoring:
    def __init__(self) -> None:
        self.scorer = Scorer.from_environment()

    @bentoml.api(route="/v1/score")
    async def score(self, history: dict[str, Any], /) -> dict[str, Any]:
        as_of = end_of(history)
        rows = self.scorer.add_up(history["transactions"], as_of)
        return self.scorer.score(history.get("customer_id"), rows, as_of)
