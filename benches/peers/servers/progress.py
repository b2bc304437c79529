"""What the run is at, for who waits."""

import sys


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
