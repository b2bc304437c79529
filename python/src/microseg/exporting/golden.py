"""Golden cases: inputs with the numbers that the original module gave; `golden.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from microseg.encoding.encoder import Encoder
from microseg.encoding.errors import HistoryError
from microseg.exporting.adapted import Adapted
from microseg.exporting.errors import ExportError
from microseg.exporting.run import Draw, Runner

DRAWN_STEPS, DRAWN_CUT = 6, 3
Case = dict[str, Any]


def history_cases(histories: Mapping[str, Mapping[str, object]], encoder: Encoder, adapted: Adapted) -> list[Case]:
    """A case for each history, encoded by the reference encoder.

    Raises `ExportError` with the name of a history that cannot be encoded.
    """
    cases: list[Case] = []
    for name, history in histories.items():
        try:
            encoded = encoder.encode(history)
        except HistoryError as error:
            raise ExportError(f"histories: {name}: {error}") from error
        numbers = torch.tensor([encoded.numbers], dtype=torch.float32)
        codes = torch.tensor([encoded.categories], dtype=torch.int64).reshape(1, len(encoded.categories), -1)
        with torch.no_grad():
            states, outputs = adapted.original(numbers, codes)
        cases.append({"name": name, "history": history} | _case(numbers[0], codes[0], states[0], outputs[0]))
    return cases


def drawn_cases(adapted: Adapted, runner: Runner, draw: Draw) -> list[Case]:
    """Random inputs from the beginning, and some that continue from a state."""
    numbers, codes = draw.inputs(1, DRAWN_STEPS)
    with torch.no_grad():
        states, outputs = adapted.original(numbers, codes)
    state = runner.run(numbers[:, :DRAWN_CUT], codes[:, :DRAWN_CUT]).state
    tail = slice(DRAWN_CUT, None)
    continued = {"name": "drawn-continued-from-a-state"} | _case(
        numbers[0, tail], codes[0, tail], states[0, tail], outputs[0, tail]
    )
    continued["state"] = {each.name: nested(tensor[:, 0]) for each, tensor in zip(runner.state, state, strict=True)}
    return [{"name": "drawn"} | _case(numbers[0], codes[0], states[0], outputs[0]), continued]


def write(cases: list[Case], path: Path) -> None:
    """Writes the cases, one a line."""
    lines = [json.dumps(case, separators=(",", ":"), ensure_ascii=False) for case in cases]
    body = ",\n".join(lines)
    path.write_text(f'{{"cases":[\n{body}\n]}}\n', encoding="utf-8")


def _case(numbers: Tensor, codes: Tensor, states: Tensor, outputs: Tensor) -> Case:
    case: Case = {"numbers": nested(numbers)}
    if codes.size(1) > 0:
        case["categories"] = [[int(code) for code in row] for row in codes]
    return case | {"states": nested(states), "outputs": nested(outputs)}


def nested(tensor: Tensor) -> Any:
    """Nested lists of the shortest decimals that read back as the same 32-bit floats."""
    if tensor.dim() > 0:
        return [nested(part) for part in tensor]
    return shortest(float(tensor.item()))


def shortest(value: float) -> float:
    """The shortest decimal next to a 32-bit float."""
    wanted = torch.tensor(value, dtype=torch.float32)
    for digits in range(1, 9):
        decimal = float(f"{value:.{digits}g}")
        if torch.equal(torch.tensor(decimal, dtype=torch.float32), wanted):
            return decimal
    return float(f"{value:.9g}")
