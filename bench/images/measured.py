"""What runs in a process of its own: one engine, one kind of prints, over and over; prints its measurements as JSON.

Called as `python -m bench.images.measured ENGINE REQUEST` with a JSON of `asked`, `files`, `repeats` and `folder`.
"""

import importlib
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from bench.images.engines.asked import Develop


def main() -> None:
    """Measure, and keep the last prints of each file in the folder, as `FILE.PRINT`."""
    engine, request = sys.argv[1], json.loads(sys.argv[2])
    develop: Develop = importlib.import_module(f"bench.images.engines.{engine}").develop
    originals = [Path(file).read_bytes() for file in request["files"]]
    for data in originals:
        develop(data, request["asked"])  # modules, tables and buffers are there afterwards
    print(json.dumps(_measure(develop, originals, request)))


def _measure(develop: Develop, originals: list[bytes], request: dict[str, Any]) -> dict[str, float]:
    made: list[list[bytes]] = []
    processor, clock = _processor_seconds(), time.perf_counter()
    for _ in range(request["repeats"]):
        made = [develop(data, request["asked"]) for data in originals]
    images = request["repeats"] * len(originals)
    measured = {
        "processor_ms": (_processor_seconds() - processor) / images * 1000,
        "wall_ms": (time.perf_counter() - clock) / images * 1000,
        "peak_mb": _peak_mb(),
        "print_kb": sum(len(data) for prints in made for data in prints) / len(originals) / 1000,
    }
    folder = Path(request["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    for file, prints in enumerate(made):
        for number, data in enumerate(prints):
            (folder / f"{file}.{number}").write_bytes(data)
    return measured


def _peak_mb() -> float:
    # Not ru_maxrss: it begins with what the parent had when it forked.
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
