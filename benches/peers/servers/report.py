"""The result: one table, and the lines below it."""

from __future__ import annotations

from dataclasses import dataclass, field

from servers.bulk import Bulk
from servers.comparison import Row, label
from servers.floor import Floor
from servers.growth import STEEPEST, Curve
from servers.overhead import Overhead

HEAD = (
    "transactions",
    "workers",
    "server",
    "histories/s",
    "microseg is",
    "of the floor",
    "processor, ms each",
    "microseg is, by processor",
    "of the floor, by processor",
    "p50, ms",
    "p99, ms",
    "connections",
    "peak memory, MB",
    "cold start, s",
)

TEXT_COLUMNS = {"server"}
"""On the left; numbers are on the right."""

CLIENT_BUSY = 0.9
"""Above this share of its core it may be the client that was measured."""

ALONE = 0.9
"""The least share of its core that a server at its peak load has on a quiet machine."""

AIMED_AT = 2_000
"""Transactions of the history that the aims speak of."""


@dataclass
class Result:
    """All that one run measured."""

    rows: list[Row] = field(default_factory=list)
    floors: dict[int, Floor] = field(default_factory=dict)
    """By transactions."""

    overhead: Overhead | None = None
    bulk: list[Bulk] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)


def table(rows: list[Row], markdown: bool) -> str:
    lines = [list(HEAD), *(cells(row, ours(rows, row)) for row in rows)]
    right = [name not in TEXT_COLUMNS for name in HEAD]
    if markdown:
        lines.insert(1, ["---:" if one else "---" for one in right])
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if one else cell.ljust(width)
            for cell, width, one in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    )


def ours(rows: list[Row], row: Row) -> Row:
    """microseg's row of the same histories and workers."""
    return next(
        one
        for one in rows
        if one.contender == "microseg" and (one.transactions, one.workers) == (row.transactions, row.workers)
    )


def cells(row: Row, ours: Row) -> list[str]:
    return [
        f"{row.transactions:,}",
        str(row.workers),
        row.contender,
        number(row.rate),
        "" if row is ours else times(ours.rate / row.rate),
        percent(row.of_floor),
        number(row.processor),
        "" if row is ours else times(row.processor / ours.processor),
        percent(row.of_floor_by_processor),
        number(row.p50),
        number(row.p99),
        str(row.connections),
        f"{row.peak_bytes / 1e6:,.0f}",
        f"{row.cold_start_seconds:.1f}",
    ]


def percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.0995 else f"{share:.1%}"


def times(ratio: float) -> str:
    return f"{ratio:.0f} times" if ratio >= 9.95 else f"{ratio:.1f} times"


def number(value: float) -> str:
    """Three digits, or all before the point."""
    return f"{value:,.0f}" if value >= 99.95 else f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"


def notes(result: Result) -> list[str]:
    """What stands below the table."""
    found = [
        f"Floor of one core, {transactions:,} transactions: {floor.rate:,.0f} histories/s "
        f"(reading the bytes into nothing {floor.read:.0f} µs, the network {floor.network:.2f} µs "
        f"in batches of {floor.batch})."
        for transactions, floor in result.floors.items()
    ]
    if one := result.overhead:
        found.append(
            f"A tiny history, one connection, medians: the server takes {one.server:.0f} µs beside the network's "
            f"{one.network:.0f} µs; the client waits {one.client:.0f} µs beside it."
        )
    for bulk in result.bulk:
        floor = result.floors[AIMED_AT]
        found.append(
            f"`microseg score` of {AIMED_AT:,} transactions each, {cores(bulk.cores)}: {bulk.rate:,.0f} histories/s, "
            f"{percent(bulk.of_floor(floor.rate))} of the floor a core; {number(bulk.processor)} ms of processor each, "
            f"{percent(bulk.of_floor_by_processor(floor.rate))} of it."
        )
    for curve in result.curves:
        points = ", ".join(f"{count:,}: {number(cost)}" for count, cost in curve.points)
        found.append(f"Milliseconds of processor by {curve.cause}: {points}. Slope at the end, log-log: {curve.slope:.2f}.")
    shares = [row.occupied for row in result.rows if row.workers == 1]
    if shares and min(shares) < ALONE:
        found.append(
            f"This machine was not quiet: servers with one worker had {min(shares):.0%} to {max(shares):.0%} of their "
            "core's time. Their throughput and latencies are worse by as much; go by the processor's time."
        )
    busy = [row for row in result.rows if row.client > CLIENT_BUSY]
    for row in busy:
        found.append(
            f"The client was busy for {row.client:.0%} of the time with {row.contender} at {row.transactions:,} "
            f"transactions and {label(row.workers)}: the server may be capable of more."
        )
    return found


def cores(count: int) -> str:
    return "1 core" if count == 1 else f"{count} cores"


def aims(result: Result) -> list[str]:
    """What microseg wants to reach, and whether it does. Without the rows that an aim needs it is left out.

    By wall clock and by processor: reached is what both say, so that a busy machine flatters nobody.
    """
    lines: list[str] = []

    def aim(reached: bool, text: str) -> None:
        lines.append(f"[{'x' if reached else ' '}] {text}")

    rows = {
        (row.contender, row.workers): row for row in result.rows if row.transactions == AIMED_AT
    }
    for workers in sorted({workers for _, workers in rows}):
        own = rows["microseg", workers]
        for name, least in (("FastAPI, pydantic", 40), ("FastAPI, orjson", 5)):
            peer = rows.get((name, workers))
            if peer is None:
                continue
            ratio, by_processor = own.rate / peer.rate, peer.processor / own.processor
            aim(
                min(ratio, by_processor) >= least,
                f"{least} times {name}, {label(workers)}: {times(ratio)} (by processor {times(by_processor)})",
            )
            aim(own.p99 < peer.p99, f"p99 below {name}'s, {label(workers)}: {number(own.p99)} ms, {number(peer.p99)} ms")
        if workers == 1:
            aim(
                min(own.of_floor, own.of_floor_by_processor) >= 0.7,
                f"70 % of the floor, {label(workers)}: {percent(own.of_floor)} "
                f"(by processor {percent(own.of_floor_by_processor)})",
            )
    if one := result.overhead:
        aim(one.server < 60, f"60 µs beside the network for a tiny history: {one.server:.0f} µs")
    for bulk in result.bulk:
        rate = result.floors[AIMED_AT].rate
        share = bulk.of_floor(rate)
        aim(
            min(share, bulk.of_floor_by_processor(rate)) >= 0.8,
            f"80 % of the floor a core for `microseg score`, {cores(bulk.cores)}: {percent(share)} "
            f"(by processor {percent(bulk.of_floor_by_processor(rate))})",
        )
    for curve in result.curves:
        aim(curve.slope <= STEEPEST, f"no more than in proportion to the {curve.cause}: slope {curve.slope:.2f}")
    return lines


def report(result: Result, machine: dict[str, str], markdown: bool) -> str:
    lines = [table(result.rows, markdown), "", *items(notes(result)), "", "Aims:", "", *items(aims(result)), ""]
    lines.append("; ".join(f"{name} {value}" for name, value in machine.items()) + ".")
    return "\n".join(lines)


def items(lines: list[str]) -> list[str]:
    return [f"- {line}" for line in lines]
