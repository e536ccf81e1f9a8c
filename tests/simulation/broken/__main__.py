"""Finds the first seed that catches each breakage: `python -m tests.simulation.broken`; for the table beside."""

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from tests.simulation.broken import BROKEN, MAX_SEEDS, Breakage


def main() -> None:
    """Print a line for each breakage."""
    with ProcessPoolExecutor() as cores:
        for line in cores.map(_found, BROKEN):
            print(line, flush=True)  # noqa: T201 - a command's answer


def _found(name: str) -> str:
    began = time.perf_counter()
    seed = next(_caught(BROKEN[name]), None)
    return f"{time.perf_counter() - began:6.1f} s  seed {seed}  {name}"


def _caught(breakage: Breakage) -> Iterator[int]:
    return (seed for seed in range(MAX_SEEDS) if breakage.is_caught(seed))


if __name__ == "__main__":
    main()
