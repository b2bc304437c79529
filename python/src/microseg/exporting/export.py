"""Export of a network into the folder that `microseg model build` reads."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from torch import nn

from microseg.description import sequence as steps
from microseg.description.network import Description, Field, Inputs, StateTensor, check_inputs, check_outputs
from microseg.encoding.encoder import Encoder
from microseg.exporting.adapted import Adapted
from microseg.exporting.archive import load, save_reproducibly
from microseg.exporting.check import check
from microseg.exporting.errors import ExportError
from microseg.exporting.golden import drawn_cases, history_cases, write
from microseg.exporting.lifestream import adapt_lifestream, is_lifestream
from microseg.exporting.own import adapt_own
from microseg.exporting.recurrent import EmbeddingsPlace, adapt_recurrent
from microseg.exporting.run import Draw, Runner
from microseg.taxonomy import Taxonomy, TransactionClass, read_taxonomy

Histories = Sequence[Mapping[str, object]] | Mapping[str, Mapping[str, object]]


@dataclass(frozen=True)
class Exported:
    """What an export has written."""

    folder: Path
    description: Description
    cases: Sequence[str]
    """The names of the golden cases."""


def export(
    module: nn.Module,
    *,
    inputs: Inputs,
    sequence: steps.Sequence,
    outputs: Sequence[str] | Literal["state"],
    into: str | Path,
    state: Sequence[StateTensor] | None = None,
    head: nn.Module | None = None,
    embeddings: Sequence[nn.Embedding] = (),
    embeddings_place: EmbeddingsPlace = "before",
    fields: Mapping[str, Field] | None = None,
    classes: Iterable[TransactionClass] | str | Path | None = None,
    histories: Histories = (),
    seed: int = 0,
) -> Exported:
    """Writes `model.pt`, `network.json`, `golden.json`, and `taxonomy.csv` when classes are given.

    `module` is one of three:

    - `nn.LSTM` or `nn.GRU`, in any layout and with any number of layers. `embeddings` has one table for each category;
      they stand before or after the numbers (`embeddings_place`).
    - `RnnSeqEncoder` of pytorch-lifestream. The members of `inputs` are then mappings, from the names of its columns.
    - any module with `forward(numbers [B,T,N], categories [B,T,C], *state [L,B,H]) -> (states [B,T,H'],
      outputs [B,T,O], *state)`, without `categories` when there are none. `state` describes its recurrent state, in its
      order.

    `head` reads the states of single steps, [steps, H'], and gives [steps, O], or [steps] for one output; it belongs to
    the first two. Without a head the outputs are the states themselves: `outputs="state"` names them `state_0` and so
    on. `classes` are those of the taxonomy, or the path of a `taxonomy.csv`. `histories` are documents as
    `POST /v1/score` takes them, by name or listed: they become the golden cases that verify the encoding. `seed` is
    that of the inputs that are drawn for the checks.

    Nothing is written before the exported network has given the original's numbers.

    Raises `ExportError` for a network that cannot be exported, and `DescriptionError` for a description that
    contradicts itself.
    """
    taxonomy = _taxonomy(classes)
    declared = dict(fields or {})
    numbers, categories = inputs.number_list(), inputs.category_list()
    width = check_inputs(sequence, numbers, categories, declared, len(taxonomy.spending()))
    adapted = _adapt(module, inputs, width, state, head, embeddings, embeddings_place)

    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "model.pt"
        save_reproducibly(adapted.script, draft)
        runner = Runner(load(draft), adapted.state, has_categories=bool(categories))
        draw = Draw(width, categories, seed)
        answer = check(adapted, runner, draw)
        encoder = Encoder(sequence, numbers, categories, declared, taxonomy)
        cases = history_cases(_named(histories), encoder, adapted) + drawn_cases(adapted, runner, draw)
        network = draft.read_bytes()

    names = _output_names(outputs, answer.outputs.size(2), is_state=torch.equal(answer.states, answer.outputs))
    state_size = answer.states.size(2)
    description = Description(sequence, numbers, categories, adapted.state, state_size, names, declared)
    target = Path(into)
    target.mkdir(parents=True, exist_ok=True)
    (target / "model.pt").write_bytes(network)
    description.write(target / "network.json")
    write(cases, target / "golden.json")
    if classes is not None:
        _write_taxonomy(classes, taxonomy, target / "taxonomy.csv")
    return Exported(target, description, [str(case["name"]) for case in cases])


def _adapt(
    module: nn.Module,
    inputs: Inputs,
    width: int,
    state: Sequence[StateTensor] | None,
    head: nn.Module | None,
    embeddings: Sequence[nn.Embedding],
    embeddings_place: EmbeddingsPlace,
) -> Adapted:
    is_recurrent = isinstance(module, (nn.LSTM, nn.GRU))
    if isinstance(module, nn.RNN):
        raise ExportError("nn.RNN is not supported: put it into a module with the service's signature")
    if embeddings and not is_recurrent:
        raise ExportError("embeddings: only for nn.LSTM and nn.GRU; other modules have their own")
    if isinstance(module, (nn.LSTM, nn.GRU)):
        adapted = adapt_recurrent(
            module,
            width=width,
            categories=inputs.category_list(),
            embeddings=embeddings,
            embeddings_place=embeddings_place,
            head=head,
        )
    elif is_lifestream(module):
        adapted = adapt_lifestream(module, inputs=inputs, head=head)
    elif head is not None:
        raise ExportError("head: a module with the service's signature has outputs of its own")
    else:
        return adapt_own(module, state=state or (), has_categories=bool(inputs.category_list()))
    if state is not None and list(state) != list(adapted.state):
        raise ExportError(f"state: the network has {[each.document() for each in adapted.state]}")
    return adapted


def _output_names(outputs: Sequence[str] | Literal["state"], size: int, *, is_state: bool) -> list[str]:
    if outputs == "state":
        if not is_state:
            raise ExportError("outputs: the network's outputs are not its states: name them")
        return [f"state_{place}" for place in range(size)]
    if isinstance(outputs, str):
        raise ExportError('outputs: expected a list of names, or "state"')
    names = list(outputs)
    check_outputs(names)
    if len(names) != size:
        raise ExportError(f"outputs: {len(names)} names, and the network has {size} outputs")
    return names


def _named(histories: Histories) -> Mapping[str, Mapping[str, object]]:
    if isinstance(histories, Mapping):
        return histories
    return {f"history-{place}": history for place, history in enumerate(histories, start=1)}


def _taxonomy(classes: Iterable[TransactionClass] | str | Path | None) -> Taxonomy:
    if classes is None:
        return Taxonomy([])
    return read_taxonomy(Path(classes)) if isinstance(classes, (str, Path)) else Taxonomy(classes)


def _write_taxonomy(classes: Iterable[TransactionClass] | str | Path, taxonomy: Taxonomy, target: Path) -> None:
    if isinstance(classes, (str, Path)):
        # With its coefficients and sources.
        target.write_bytes(Path(classes).read_bytes())
    else:
        taxonomy.write(target)
