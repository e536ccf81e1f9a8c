"""`python -m bench.limit_clock`: how far getrusage falls behind the clock by which the kernel limits processor time.

An image child is given each image's processor time by the second (`services/worker/children/child.py`).
"""

import signal
import time
from typing import Annotated

import typer

FOR_EVER = 1e7
SLICE_SECONDS = 0.004
"""Work and rest in turn, as a child that waits for its next image."""


def main(seconds: Annotated[float, typer.Option(help="How long to work and rest in turn.")] = 40.0) -> None:
    """Say what both clocks have counted."""
    signal.setitimer(signal.ITIMER_PROF, FOR_EVER)
    began, told_before = time.monotonic(), time.process_time()
    while time.monotonic() - began < seconds:
        until = time.process_time() + SLICE_SECONDS
        while time.process_time() < until:
            pass
        time.sleep(SLICE_SECONDS)
    counted = FOR_EVER - signal.getitimer(signal.ITIMER_PROF)[0]
    told = time.process_time() - told_before
    print(
        f"counted for the limit {counted:.2f} s, told by the process's clock {told:.2f} s: {counted / told:.2f} times"
    )


if __name__ == "__main__":
    typer.run(main)
