"""Requests of the client beside the stream of scorings."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from os import PathLike
from typing import Any, cast
from uuid import uuid4

from microseg.client.histories import History
from microseg.http.errors import ServiceProblem, pointer_of
from microseg.http.transport import Transport
from microseg.tables.columns import Wanted
from microseg.tables.faults import Fault, HistoriesRefused

_ONLY_THIS_HISTORY = frozenset({400, 413, 422})


def explained(
    transport: Transport, path: str, documents: Iterable[bytes], options: Mapping[str, object], connections: int
) -> Iterator[Mapping[str, object]]:
    """An explanation or a problem for each history, in their order; so many are asked for at once."""
    written = json.dumps(dict(options)).encode()

    def ask(document: bytes) -> Mapping[str, object]:
        body = document[:-1] + b',"explain":' + written + b"}" if options else document
        headers = [("content-type", "application/json"), ("idempotency-key", str(uuid4()))]
        try:
            return transport.request("POST", path, headers, body)
        except ServiceProblem as problem:
            # Other problems concern the key or the service, and so all histories.
            if problem.status not in _ONLY_THIS_HISTORY or pointer_of(problem.document).startswith("/explain"):
                raise
            return {"status": problem.status, **problem.document}

    waiting: deque[Future[Mapping[str, object]]] = deque()
    source = iter(documents)
    pool = ThreadPoolExecutor(connections, "microseg-explain")
    try:
        while True:
            for document in islice(source, 2 * connections - len(waiting)):
                waiting.append(pool.submit(ask, document))
            if not waiting:
                return
            yield waiting.popleft().result()
    finally:
        # Ctrl-C does not wait for the pauses of retries.
        pool.shutdown(wait=False, cancel_futures=True)


def histories_of(data: object) -> Iterable[History]:
    """The histories of an iterator. Raises `TypeError` for what is none, before anything is asked for."""
    if isinstance(data, Mapping):
        raise TypeError("one history alone: put it into a list")
    if isinstance(data, (str, bytes, PathLike)):
        raise TypeError("expected a table or an iterator of histories, not the name of a file: read it first")
    if not isinstance(data, Iterable):
        raise TypeError(f"expected a table of pandas, polars or pyarrow, or histories, not {type(data).__name__}")
    return cast("Iterable[History]", data)


class Names:
    """An iterator of histories that remembers the customers of those that have no answer yet."""

    def __init__(self, histories: Iterable[History]) -> None:
        self._histories = iter(histories)
        self._names: deque[object] = deque()

    def __iter__(self) -> Iterator[History]:
        for history in self._histories:
            yield history
            # It goes on when the next history is wanted, or was encoded well.
            self._names.append(history.get("customer_id"))

    def next(self) -> object:
        """The customer of the next answer."""
        return self._names.popleft() if self._names else None


def answer_or_problem(
    document: Mapping[str, object], customer: object, place: int, errors: str
) -> Mapping[str, object]:
    """The answer to a history; raises `HistoriesRefused` for a problem unless they are kept."""
    if "status" not in document or "model" in document:
        return document
    if errors == "raise":
        raise HistoriesRefused([Fault(None, f"history {place} (from 0): {document.get('detail')}", ())], 1, place + 1)
    return {"customer_id": customer, "problem": document}


def wanted_by(model: Mapping[str, Any]) -> Wanted:
    """What a model reads of a transaction, by `GET /v1/models/{name}`."""
    categories = model.get("inputs", {}).get("categories", [])
    income = frozenset(str(name) for name in model.get("income_classes", []))
    reads_events = model.get("sequence", {}).get("step") == "event"
    return Wanted(
        classes=frozenset([*(str(each["id"]) for each in model["classes"]), *income]),
        income_classes=income,
        fields=sorted(model.get("fields", {})),
        reads_events=reads_events,
        needs_class=not reads_events or any(each.get("of") in ("class", "mcc") for each in categories),
    )
