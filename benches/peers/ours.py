"""microseg itself: the real program, asked over HTTP."""

from __future__ import annotations

import http.client
import json
import math
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import numpy as np

from customers import Customer, run
from explainer import Explained, Explainer, NotOffered, Work
from network import Network
from yardstick import Perturbations, coalitions, some_removed, spending_kernel

METHODS = ("lime", "kernel-shap")
"""What is asked for. A method that the program does not know becomes a note under the table."""

ALL_CLASSES = 1_000
"""The most contributions that may be asked for: more than anybody has classes."""

REMOVED_AT_MOST = 1 / 12
"""Of a customer's classes, by a perturbation of microseg's lime: as src/explain/local/presence.rs has it."""

LEAST_PERTURBATIONS = 512
"""A customer with few classes loses more of them, until there are so many different perturbations."""

PATIENCE_SECONDS = 60.0

Found = TypeVar("Found")


class Service:
    """`microseg serve` on a free port of the loopback interface, with one thread; and a connection to it."""

    def __init__(self, microseg: Path, models: Path) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="microseg-peers-")
        self.log = Path(self.folder.name) / "log.ndjson"
        command = [str(microseg), "serve", "--addr", "127.0.0.1:0", "--threads", "1", "--models", str(models)]
        command += ["--log", "info", "--log-format", "json"]
        self.store = has_store(run([microseg, "serve", "--help"]))
        if self.store:
            command += ["--store", f"sqlite://{self.folder.name}/records.db"]
        # Nobody's own settings may change what is measured.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MICROSEG")}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder.name, env=environment, stdout=subprocess.DEVNULL, stderr=log
            )
        self.connection = http.client.HTTPConnection(self._until(self._address), timeout=PATIENCE_SECONDS)
        self._until(self._ready)

    def _address(self) -> str | None:
        """Where it listens, once its log says so."""
        found = re.search(r'"address":\s*"([^"]+)"', self.log.read_text(encoding="utf-8"))
        return found.group(1) if found else None

    def _ready(self) -> bool:
        """Whether the model is loaded."""
        try:
            self.connection.request("GET", "/health/ready")
            answer = self.connection.getresponse()
            answer.read()
        except OSError:
            # It has ended, and the log says why.
            self.connection.close()
            return False
        return answer.status == 200

    def _until(self, condition: Callable[[], Found | None]) -> Found:
        """What the condition finds at last; fails when the program ends before, or takes too long."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            if found := condition():
                return found
            time.sleep(0.02)
        text = self.log.read_text(encoding="utf-8")
        self.close()
        raise RuntimeError(f"microseg serve does not get ready: {text.strip()}")

    def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        """The status and the body of the answer. The connection stays open."""
        self.connection.request("POST", path, body, {"content-type": "application/json"})
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def processor_seconds(self) -> float:
        """The processor time of all threads of the program, so far."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text(encoding="utf-8").split()[0]) for task in tasks) / 1e9

    def close(self) -> None:
        """Stops the program and waits until it has ended."""
        self.process.terminate()
        try:
            self.process.wait(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.close()
        self.close()


def has_store(help_text: str) -> bool:
    """Whether `--store` does something: a version without a store says so in its help."""
    option = re.search(r"^ +--store\b.*?(?=^ +--|\Z)", help_text, re.MULTILINE | re.DOTALL)
    return option is not None and "keeps none" not in option.group()


class Microseg(Explainer):
    """One method of `POST /v1/explain`.

    Measured from sending the history (about 90 kB of JSON) until the answer is parsed. In that time it reads
    two thousand transactions and adds them up, tests itself on held-out perturbations and writes the whole
    document, none of which the peers do. The body is made before the clock runs, as the peers' totals are.
    """

    reports = "held out"

    def __init__(self, service: Service, method: str, network: Network, samples: int) -> None:
        self.service = service
        self.method = method
        self.network = network
        self.samples = samples
        self.name = f"microseg {method}"
        self.family = method
        self.settings = "one HTTP request for all traits; a fifth of the samples is held out to judge the fit"

    def prepare(self, customer: Customer) -> Work:
        # The Python explainers compare with no spending too.
        wish = {"method": self.method, "baseline": "absence", "samples": self.samples, "top": ALL_CLASSES}
        body = json.dumps(customer.history | {"explain": wish}).encode()
        active = [self.network.classes[place] for place in customer.active]

        def work() -> Explained:
            status, answer = self.service.post("/v1/explain", body)
            if status == 422:
                raise NotOffered(f"{self.name} is left out: {problem(answer)}")
            if status != 201:
                raise RuntimeError(f"{self.name} answers {status}: {problem(answer)}")
            return read(json.loads(answer), active, self.network.outputs)

        return work

    def processor_seconds(self) -> float:
        """The program's and the client's."""
        return self.service.processor_seconds() + super().processor_seconds()

    def own_perturbations(
        self, generator: np.random.Generator, customer: Customer, explained: Explained, count: int
    ) -> Perturbations:
        """Drawn as src/explain/local does; the width of lime's kernel is the one in the answer."""
        classes = len(customer.active)
        if self.method == "kernel-shap":
            return coalitions(generator, classes, count)
        presence = some_removed(generator, classes, most_removed(classes), count)
        return Perturbations(presence, spending_kernel(presence, customer.shares, explained.kernel_width))


def most_removed(classes: int) -> int:
    """How many classes a perturbation of microseg's lime takes away at the most."""
    most = math.ceil(classes * REMOVED_AT_MOST)
    while (
        most < classes
        and sum(math.comb(classes, removed) for removed in range(most + 1)) < LEAST_PERTURBATIONS
    ):
        most += 1
    return most


def read(answer: dict[str, Any], active: list[str], outputs: list[str]) -> Explained:
    """The linear models of an answer, with the classes in the order of `active`."""
    targets = {target["name"]: target for target in answer["targets"]}
    intercepts, coefficients = [], []
    for output in outputs:
        found = {one["class"]: one["coefficient"] for one in targets[output]["contributions"]}
        if found.keys() != set(active):
            raise ValueError(f"{output}: the answer explains other classes than the ones with spending")
        intercepts.append(targets[output]["intercept"])
        coefficients.append([found[name] for name in active])
    fidelity = [targets[output]["fidelity"]["r2_holdout"] for output in outputs]
    return Explained(
        intercepts=np.array(intercepts),
        coefficients=np.array(coefficients),
        # The samples, of which one is the customer, and the baseline.
        rows=answer["method"]["samples_used"] + 1,
        network_milliseconds=answer["timing_ms"]["network"],
        reported=[score for score in fidelity if score is not None],
        values=np.array([targets[output]["value"] for output in outputs]),
        kernel_width=answer["method"]["kernel_width"],
        stages=answer["timing_ms"],
    )


def problem(answer: bytes) -> str:
    """What a problem document says, in one line."""
    document = json.loads(answer)
    details = [error["detail"] for error in document.get("errors", [])]
    return "; ".join(details) or document.get("detail") or document.get("title", "")
