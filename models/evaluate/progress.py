"""How far the evaluation is, and how long it will take: a line for each finished part."""

from __future__ import annotations

import time
from collections import defaultdict

from raw import Results


class Progress:
    """Estimates each part by what it took before, in this study; unknown ones by the mean of the known."""

    def __init__(self, studies: int) -> None:
        self.studies, self.begun = studies, 0
        self.left: dict[str, int] = defaultdict(int)
        self.took: dict[str, list[float]] = defaultdict(list)
        self.name, self.count, self.done = "", 0, 0

    def study(self, name: str, jobs: list[tuple[str, bool]], results: Results) -> None:
        """Begins a study: its jobs by part, and whether they are done."""
        self.name, self.begun = name, self.begun + 1
        self.left, self.took = defaultdict(int), defaultdict(list)
        for part, done in jobs:
            self.left[part] += not done
            self.took[part] = results.seconds(part)
        self.count, self.done = len(jobs), sum(done for _, done in jobs)
        print(f"{self.clock} {name}: {self.done} of {self.count} parts are done", flush=True)

    @property
    def clock(self) -> str:
        return time.strftime("%H:%M:%S")

    def finished(self, split: str, part: str, seconds: float) -> None:
        self.left[part] -= 1
        self.took[part].append(seconds)
        self.done += 1
        later = self.studies - self.begun
        print(
            f"{self.clock} {self.name}: {split}, {part}: {seconds:.1f} s; {self.done} of {self.count}, about "
            f"{self.remaining() / 60:.0f} min left{f', and {later} more studies' if later else ''}",
            flush=True,
        )

    def remaining(self) -> float:
        known = [sum(some) / len(some) for some in self.took.values() if some]
        typical = sum(known) / len(known) if known else 0.0
        means = {part: sum(some) / len(some) if some else typical for part, some in self.took.items()}
        return sum(count * means.get(part, typical) for part, count in self.left.items())
