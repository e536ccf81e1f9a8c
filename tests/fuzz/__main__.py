"""Develops damaged files: `python -m tests.fuzz --minutes 30 --seed 1`, or `--case 7` to see one again."""

import argparse
import asyncio
import sys
from pathlib import Path

from tests.fuzz.run import Report, fuzz, keep, shares

KEPT = Path("var/fuzz")


def main() -> None:
    """Exit with 1 if a child died or hung, or an image ended in a fault of ours."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0, help="how long to go on")
    parser.add_argument("--seed", type=int, default=1, help="equal seeds damage the same files in the same way")
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--case", type=int, help="run this one alone")
    arguments = parser.parse_args()
    first = arguments.first if arguments.case is None else arguments.case
    limit = None if arguments.case is None else 1
    report = asyncio.run(fuzz(arguments.seed, minutes=arguments.minutes, limit=limit, first=first))
    show(report, arguments.seed)
    sys.exit(bool(report.faults))


def show(report: Report, seed: int) -> None:
    """Print how the cases ended."""
    lines = shares(report)
    lines += [f"fault: {line}" for line in keep(report, KEPT)]
    rate = report.ends.total() / max(report.seconds, 1e-9)
    lines.append(
        f"seed {seed}: {report.ends.total():,} files in {report.seconds:.0f} s ({rate:.0f}/s), "
        f"slowest {report.slowest_seconds:.2f} s, {len(report.faults)} faults"
    )
    print("\n".join(lines))  # noqa: T201 - a command's answer


if __name__ == "__main__":
    main()
