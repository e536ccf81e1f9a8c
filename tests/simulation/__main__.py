"""Runs seeds and shows those that fail: `python -m tests.simulation --seeds 10000`, or `--seed 7` to replay one."""

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from tests.simulation.run import Report, simulate

SEEDS_AT_A_TIME = 20


def main() -> None:
    """Exit with 1 if any seed breaks a promise."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="how many seeds to run")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--seed", type=int, help="replay this one alone and show its trace")
    arguments = parser.parse_args()
    if arguments.seed is not None:
        report = simulate(arguments.seed)
        show(report)
        sys.exit(bool(report.breaches))
    began = time.perf_counter()
    failed = []
    with ProcessPoolExecutor() as cores:
        seeds = range(arguments.first, arguments.first + arguments.seeds)
        for report in cores.map(simulate, seeds, chunksize=SEEDS_AT_A_TIME):
            if report.breaches:
                failed.append(report.seed)
                show(report)
    seconds = time.perf_counter() - began
    rate = f"{seconds:.1f} s, {arguments.seeds / seconds:.0f} seeds/s"
    print(f"{arguments.seeds - len(failed)} of {arguments.seeds} seeds kept every promise; {rate}")  # noqa: T201 - a command's answer
    sys.exit(bool(failed))


def show(report: Report) -> None:
    """Print what went wrong, on purpose and otherwise."""
    lines = [*report.trace, f"seed {report.seed}: {report.virtual_seconds:.1f} virtual seconds, digest {report.digest}"]
    lines += [f"  breach: {breach}" for breach in report.breaches]
    print("\n".join(lines))  # noqa: T201 - a command's answer


if __name__ == "__main__":
    main()
