"""Client of one service."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping, Set
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict, TypeVar, cast, overload
from urllib.parse import quote, urlencode

from microseg.answers.explanation import Explanation, Explanations
from microseg.answers.scoring import Scoring, Step
from microseg.client import asking, tabulated
from microseg.client.checking import Check, check_table
from microseg.client.histories import History, encode
from microseg.client.outcomes import HistoryWarning, Outcomes
from microseg.http.address import Address
from microseg.http.progress import Progress, Report
from microseg.http.retries import Retries
from microseg.http.stream import Stream
from microseg.http.transport import Transport
from microseg.http.wire import Lines
from microseg.tables.columns import Wanted
from microseg.tables.frames import Frame, TableLike, frame_of
from microseg.tables.layout import Layout
from microseg.tables.reading import Read, read_table
from microseg.taxonomy import INCOME_GROUP

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

Table = TypeVar("Table", bound=TableLike)
Errors = Literal["raise", "keep"]


class ExplainOptions(TypedDict, total=False):
    """What is explained, and how: docs/explanations.md has the ranges and the defaults."""

    method: Literal[
        "shapley",
        "lime",
        "kernel-shap",
        "sensitivity",
        "global-linear",
        "change",
        "recourse",
    ]
    level: Literal["class", "period", "cell", "event"]
    target: str
    baseline: Literal["absence", "own", "population", "segment", "earlier"]
    since: str
    wish: dict[str, str | float]
    allow: list[str]
    freeze: list[str]
    budget: float
    alternatives: int
    samples: int
    seed: int
    top: int
    reasons: int
    language: str
    fidelity_target: float
    deadline_ms: int


class Client:
    """A service, its key, and the usual layout of tables.

    `data` is a table of pandas, polars or pyarrow with one row a transaction, or an iterator of histories. A table's
    answer is a table of the same library with one row a customer, in the order of their first rows. The answer for an
    iterator is an iterator, which sends while it is read and holds a few histories at a time.

    `errors="raise"` raises `TableError` before anything is sent, and `HistoriesRefused` after all customers were
    answered, with all kinds of faults and their rows. `errors="keep"` returns the others, and the fault in the column
    `problem`.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8080",
        key: str | None = None,
        *,
        layout: Layout | None = None,
        model: str | None = None,
        version: str | int | None = None,
        ca: str | Path | None = None,
        timeout: float = 300.0,
        connections: int = 4,
        retries: Retries | None = None,
    ) -> None:
        """Describes a service; nothing is sent yet.

        `ca` is a file of certificates (PEM) to trust; `timeout` the longest pause of an answer in seconds;
        `connections` how many explanations are asked for at once. Raises `ValueError` for a wrong URL.
        """
        if connections < 1:
            raise ValueError("connections: expected at least 1")
        self._settings: dict[str, Any] = {
            "url": url,
            "key": key,
            "layout": layout,
            "model": model,
            "version": version,
            "ca": None if ca is None else str(ca),
            "timeout": timeout,
            "connections": connections,
            "retries": retries,
        }
        self.layout = layout or Layout()
        """The layout of tables whose calls have none of their own."""
        headers = [("user-agent", "microseg-python")]
        if key is not None:
            headers.append(("authorization", f"Bearer {key}"))
        self._address = Address.parse(url, self._settings["ca"])
        self._transport = Transport(self._address, headers, retries or Retries(), timeout)
        self._connections = connections
        asked = {"model": model, "version": version}
        query = urlencode({name: value for name, value in asked.items() if value is not None})
        self._query = f"?{query}" if query else ""
        self._wanted: Wanted | None = None

    def __repr__(self) -> str:
        return f"Client({self._address.shown!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        """Copies have connections of their own."""
        return self._settings

    def __setstate__(self, settings: dict[str, Any]) -> None:
        settings = dict(settings)
        self.__init__(settings.pop("url"), settings.pop("key"), **settings)

    def close(self) -> None:
        """Ends the connections; the next request opens new ones."""
        self._transport.close()

    def models(self) -> list[dict[str, Any]]:
        """All models and versions, as `GET /v1/models` lists them."""
        return cast("list[dict[str, Any]]", self._transport.request("GET", "/v1/models")["models"])

    def model(self) -> dict[str, Any]:
        """The model that this client asks for, in detail."""
        name = self._settings["model"] or self._default_model()
        version = self._settings["version"]
        query = "" if version is None else f"?{urlencode({'version': version})}"
        return cast("dict[str, Any]", self._transport.request("GET", f"/v1/models/{quote(name, safe='')}{query}"))

    def classes(self) -> list[dict[str, str]]:
        """The classes of the model's taxonomy: `id`, `title` and `group`; those of the group `income` are money in."""
        model = self.model()
        income = [{"id": name, "title": name, "group": INCOME_GROUP} for name in model.get("income_classes", [])]
        return [*model["classes"], *income]

    def check(self, table: TableLike, *, layout: Layout | None = None) -> Check:
        """Reads a table and sends none of it: the columns that it found, all kinds of faults, and what helps."""
        return check_table(self._frame(table), layout or self.layout, self._what_is_wanted())

    @overload
    def score(
        self,
        data: Table,
        *,
        layout: Layout | None = None,
        errors: Errors = "raise",
        progress: bool | Report | None = None,
    ) -> Table: ...
    @overload
    def score(
        self,
        data: Iterable[History],
        *,
        layout: Layout | None = None,
        errors: Errors = "raise",
        progress: bool | Report | None = None,
    ) -> Iterator[Scoring]: ...
    def score(
        self,
        data: Any,
        *,
        layout: Layout | None = None,
        errors: Errors = "raise",
        progress: bool | Report | None = None,
    ) -> Any:
        """Features, outputs and micro-segment of each customer; the columns are those of `microseg score --to parquet`.

        In pandas the customers are the index.
        """
        frame = frame_of(data)
        if frame is None:
            return self._score_histories(asking.histories_of(data), errors, progress)
        outcomes = self._scored(frame, layout, errors, progress)
        result = tabulated.scorings(outcomes, with_problems=errors == "keep")
        return self._finished(outcomes, result, errors)

    def scorings(
        self,
        table: TableLike,
        *,
        layout: Layout | None = None,
        only: Set[str] | None = None,
        progress: bool | Report | None = None,
    ) -> dict[object, Scoring]:
        """Scorings of a table by customer, with all that the service answers; `only` has the customers that are sent.

        Raises `TableError` and `HistoriesRefused`.
        """
        outcomes = self._scored(self._frame(table), layout, "raise", progress, only)
        found = {customer.key: Scoring(outcomes.document(customer)) for customer in outcomes.customers}
        self._finished(outcomes, found, "raise")
        return found

    @overload
    def trajectory(
        self,
        data: Table,
        *,
        layout: Layout | None = None,
        errors: Errors = "raise",
        progress: bool | Report | None = None,
    ) -> Table: ...
    @overload
    def trajectory(
        self,
        data: Iterable[History],
        *,
        layout: Layout | None = None,
        errors: Errors = "raise",
        progress: bool | Report | None = None,
    ) -> Iterator[list[Step]]: ...
    def trajectory(
        self,
        data: Any,
        *,
        layout: Layout | None = None,
        errors: Errors = "raise",
        progress: bool | Report | None = None,
    ) -> Any:
        """State, outputs and spending after each period: a row for each of them, or a list for each history."""
        frame = frame_of(data)
        if frame is None:
            histories = asking.histories_of(data)
            return (list(scoring.trajectory) for scoring in self._score_histories(histories, errors, progress))
        outcomes = self._scored(frame, layout, errors, progress)
        result = tabulated.trajectories(outcomes, with_problems=errors == "keep")
        return self._finished(outcomes, result, errors)

    @overload
    def explain(
        self,
        data: TableLike,
        *,
        layout: Layout | None = None,
        errors: Errors = "raise",
        progress: bool | Report | None = None,
        **options: Unpack[ExplainOptions],
    ) -> Explanations: ...
    @overload
    def explain(
        self,
        data: Iterable[History],
        *,
        layout: Layout | None = None,
        errors: Errors = "raise",
        progress: bool | Report | None = None,
        **options: Unpack[ExplainOptions],
    ) -> Iterator[Explanation]: ...
    def explain(
        self,
        data: Any,
        *,
        layout: Layout | None = None,
        errors: Errors = "raise",
        progress: bool | Report | None = None,
        **options: Unpack[ExplainOptions],
    ) -> Any:
        """Why the network gives each customer these numbers; the service keeps a record of each answer.

        `connections` of them are asked for at once. A request that is repeated, since its answer was lost, is recorded
        once.
        """
        frame = frame_of(data)
        chosen: Mapping[str, object] = cast("Mapping[str, object]", options)
        if frame is None:
            return self._explain_histories(asking.histories_of(data), chosen, errors, progress)
        read = self._read(frame, layout, errors)
        outcomes = Outcomes(read)
        answers = self._explained(read.documents(), chosen)
        with Progress(progress, len(read.customers)) as shown:
            for customer, document in zip(read.customers, answers, strict=True):
                outcomes.add(customer, document)
                shown.advance()
        result = Explanations([Explanation(outcomes.document(customer)) for customer in outcomes.customers])
        return self._finished(outcomes, result, errors)

    def _scored(
        self,
        frame: Frame,
        layout: Layout | None,
        errors: Errors,
        progress: bool | Report | None,
        only: Set[str] | None = None,
    ) -> Outcomes:
        read = self._read(frame, layout, errors)
        if only is not None:
            read.customers = [customer for customer in read.customers if customer.name in only]
        outcomes = Outcomes(read)
        with Progress(progress, len(read.customers)) as shown:
            for customer, document in zip(read.customers, self._streamed(read.documents()), strict=True):
                outcomes.add(customer, document)
                shown.advance()
        return outcomes

    def _read(self, frame: Frame, layout: Layout | None, errors: Errors) -> Read:
        _check_errors(errors)
        return read_table(frame, layout or self.layout, self._what_is_wanted(), keep=errors == "keep")

    def _finished(self, outcomes: Outcomes, result: object, errors: Errors) -> object:
        for text in outcomes.warnings():
            warnings.warn(text, HistoryWarning, stacklevel=3)
        if errors == "raise":
            outcomes.raise_if_refused(result)
        return result

    def _score_histories(
        self, histories: Iterable[History], errors: Errors, progress: bool | Report | None
    ) -> Iterator[Scoring]:
        _check_errors(errors)
        names = asking.Names(histories)
        answers = self._streamed(encode(history) for history in names)
        with Progress(progress, None) as shown:
            for place, document in enumerate(answers):
                yield Scoring(asking.answer_or_problem(document, names.next(), place, errors))
                shown.advance()

    def _explain_histories(
        self,
        histories: Iterable[History],
        options: Mapping[str, object],
        errors: Errors,
        progress: bool | Report | None,
    ) -> Iterator[Explanation]:
        _check_errors(errors)
        names = asking.Names(histories)
        answers = self._explained((encode(history) for history in names), options)
        with Progress(progress, None) as shown:
            for place, document in enumerate(answers):
                yield Explanation(asking.answer_or_problem(document, names.next(), place, errors))
                shown.advance()

    def _streamed(self, documents: Iterable[bytes]) -> Iterator[Mapping[str, object]]:
        return Stream(self._transport, Lines(), f"/v1/score{self._query}", documents).answers()

    def _explained(self, documents: Iterable[bytes], options: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
        return asking.explained(self._transport, f"/v1/explain{self._query}", documents, options, self._connections)

    def _frame(self, table: object) -> Frame:
        frame = frame_of(table)
        if frame is None:
            raise TypeError(f"expected a table of pandas, polars or pyarrow, not {type(table).__name__}")
        return frame

    def _what_is_wanted(self) -> Wanted:
        if self._wanted is None:
            self._wanted = asking.wanted_by(self.model())
        return self._wanted

    def _default_model(self) -> str:
        models = self.models()
        names = sorted({str(model["name"]) for model in models})
        # An older service tells no default.
        default = [str(model["name"]) for model in models if model.get("default")] or names
        if len(default) != 1:
            raise ValueError(f"the service has several models: Client(model=...) is one of {', '.join(names)}")
        return default[0]


def _check_errors(errors: str) -> None:
    if errors not in ("raise", "keep"):
        raise ValueError("errors: expected 'raise' or 'keep'")
