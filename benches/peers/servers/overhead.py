"""What microseg adds to the network for a tiny history, asked by one client at a time."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from servers.connection import Answer, Connection, request
from servers.contenders import PATH
from servers.server import Server

WARM_UP = 200


@dataclass(frozen=True)
class Overhead:
    """Medians, in microseconds."""

    network: float
    server: float
    """From the request's arrival to its answer by the server's own account, without the network."""

    client: float
    """From the first byte sent to the last one received, without the network: with HTTP, kernel and client."""


def overhead(server: Server, bodies: list[bytes], requests: int) -> Overhead:
    asked = [request(PATH, body) for body in bodies]
    with server.awake(), Connection(server.port) as connection:
        answers = [connection.ask(asked[number % len(asked)]) for number in range(WARM_UP + requests)]
    return of_answers(answers[WARM_UP:])


def of_answers(answers: list[Answer]) -> Overhead:
    stages = [answer.stages() for answer in answers]
    return Overhead(
        network=median(1e3 * stage["network"] for stage in stages),
        server=median(1e3 * (stage["total"] - stage["network"]) for stage in stages),
        client=median(
            1e6 * answer.seconds - 1e3 * stage["network"] for answer, stage in zip(answers, stages, strict=True)
        ),
    )
