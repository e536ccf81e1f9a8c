"""Chaos on real servers and processes: `python -m tests.chaos --minutes 20 --seed 1`; exit 1 if a promise broke."""

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.run import Options, described, run_chaos
from tests.servers import ServerUnavailable, own_servers


def main() -> None:
    """Run, show, and keep the logs of a run that failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=20.0, help="how long faults are made")
    parser.add_argument("--seed", type=int, default=1, help="which schedule of faults and which uploads")
    parser.add_argument("--deadly", type=float, default=Options(0, 0).deadly_share, help="share of deadly batches")
    parser.add_argument("--cancelled", type=float, default=Options(0, 0).cancelled_share, help="of cancelled ones")
    parser.add_argument(
        "--points", nargs="+", default=["*"], help="patterns of crash points, such as 'chunker chunks.*'"
    )
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix=f"darkroom-chaos-{arguments.seed}-"))
    options = Options(
        arguments.seed, arguments.minutes * 60, arguments.deadly, arguments.cancelled, tuple(arguments.points)
    )
    began = time.monotonic()
    try:
        with own_servers() as servers, (folder / "chaos.log").open("w", buffering=1) as log:

            def show(line: str) -> None:
                print(line, flush=True)  # noqa: T201 - a command's answer
                print(line, file=log)

            report = asyncio.run(run_chaos(options, folder, servers, show))
            show("")
            show(described(report))
    except ServerUnavailable as unavailable:
        sys.exit(str(unavailable))
    minutes = (time.monotonic() - began) / 60
    if report.findings:
        print(f"seed {options.seed} broke a promise within {minutes:.1f} minutes; logs are in {folder}")  # noqa: T201
        sys.exit(1)
    print(f"seed {options.seed} kept every promise for {minutes:.1f} minutes")  # noqa: T201 - a command's answer
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
