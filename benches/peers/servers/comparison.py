"""The comparison: all contenders on one size of history, with one worker or one for each core."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from servers.progress import say
from servers.agreement import agree
from servers.connection import request
from servers.contenders import PATH, Contender
from servers.cores import Cores
from servers.floor import Floor
from servers.load import Load, lasting, load, peak
from servers.server import Server


@dataclass(frozen=True)
class Plan:
    """How long and how often is measured."""

    connections: list[int]
    search_seconds: float
    """For each number of connections."""

    seconds: float
    """Of one round at the number that was found."""

    rounds: int


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    contender: str
    transactions: int
    workers: int
    connections: int
    rate: float
    """Histories a second: like the two below, the median of the rounds."""

    p50: float
    """Milliseconds."""

    p99: float
    processor: float
    """Milliseconds of processor for each history: what else the machine does changes it little."""

    occupied: float
    """The share of its cores' time that the server had. Well below 1 at the peak, others had the rest."""

    peak_bytes: int
    cold_start_seconds: float
    floor_rate: float
    """Histories a second and core that no server exceeds."""

    client: float
    """The share of its core that the client needed."""

    @property
    def of_floor(self) -> float:
        """The share of the floor's throughput that is reached, for each core that the server has."""
        return self.rate / self.workers / self.floor_rate

    @property
    def of_floor_by_processor(self) -> float:
        """The same, for each core that the server really had."""
        return 1e3 / self.processor / self.floor_rate


def compare(
    contenders: list[Contender],
    files: list[Path],
    transactions: int,
    one_worker: bool,
    cores: Cores,
    plan: Plan,
    floor: Floor,
) -> list[Row]:
    """Starts everybody, checks the answers, and lets them take turns: what else the machine does hits all alike."""
    workers = 1 if one_worker else len(cores.server)
    bodies = [path.read_bytes() for path in files]
    with contextlib.ExitStack() as stack:
        servers: list[Server] = []
        for contender in contenders:
            say(f"{transactions:,} transactions, {label(workers)}: {contender.name} starts")
            server = stack.enter_context(Server(contender, 1 if one_worker else None, cores, bodies[0]))
            with server.awake():
                answers = [server.ask(request(PATH, body)).body for body in bodies]
            if not servers:
                ours = answers
            agree(contender.name, ours, answers)
            servers.append(server)
        best = {server: search(server, files, cores, plan) for server in servers}
        rounds: dict[Server, list[Load]] = {server: [] for server in servers}
        busy = dict.fromkeys(servers, 0.0)
        for number in range(plan.rounds):
            say(f"  round {number + 1} of {plan.rounds}")
            for server in servers:
                seconds = lasting(best[server].connections, best[server].rate, plan.seconds)
                with server.awake():
                    before = server.tree.processor_seconds()
                    rounds[server].append(load(server.port, files, best[server].connections, seconds, cores))
                    busy[server] += server.tree.processor_seconds() - before
        return [
            Row(
                contender=server.contender.name,
                transactions=transactions,
                workers=workers,
                connections=best[server].connections,
                rate=median(one.rate for one in rounds[server]),
                p50=median(one.p50 for one in rounds[server]),
                p99=median(one.p99 for one in rounds[server]),
                processor=1e3 * busy[server] / sum(one.answers for one in rounds[server]),
                occupied=busy[server] / sum(one.seconds for one in rounds[server]) / len(cores.server),
                peak_bytes=server.tree.peak_bytes(),
                cold_start_seconds=server.cold_start_seconds,
                floor_rate=floor.rate,
                client=median(one.client for one in rounds[server]),
            )
            for server in servers
        ]


def label(workers: int) -> str:
    return "1 worker" if workers == 1 else f"{workers} workers"


def search(server: Server, files: list[Path], cores: Cores, plan: Plan) -> Load:
    """The load at which it answers the most; the first second is to get warm."""
    with server.awake():
        load(server.port, files, plan.connections[0], 1, cores)
        best = peak(
            lambda connections, seconds: load(server.port, files, connections, seconds, cores),
            plan.connections,
            plan.search_seconds,
        )
    say(f"  {server.contender.name}: {best.rate:,.0f} a second, at its best with {best.connections} connections")
    return best
