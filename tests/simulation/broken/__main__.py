"""Finds a seed that catches each breakage, and writes the table of them: `python -m tests.simulation.broken`."""

import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from tests.simulation.broken import BROKEN, SEEDS_FILE, catching_seed


def main() -> None:
    """Print a line for each breakage; exit with 1 if one is not caught."""
    found: dict[str, int | None] = {}
    with ProcessPoolExecutor() as cores:
        for name, (seed, seconds) in zip(BROKEN, cores.map(_found, BROKEN), strict=True):
            found[name] = seed
            print(f"{seconds:6.1f} s  seed {seed}  {name}", flush=True)  # noqa: T201 - a command's answer
    caught = {name: seed for name, seed in found.items() if seed is not None}
    SEEDS_FILE.write_text(json.dumps(caught, indent=2) + "\n")
    sys.exit(len(caught) < len(BROKEN))


def _found(name: str) -> tuple[int | None, float]:
    began = time.perf_counter()
    return catching_seed(name), time.perf_counter() - began


if __name__ == "__main__":
    main()
