"""Waiting for a condition, with a deadline."""

import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from bench.contender import ContenderFailedError
from bench.started_process import StartedProcess

START_POLL_SECONDS = 0.2
"""While processes start and warm up."""

BATCH_POLL_SECONDS = 1.0
"""While a batch is measured: as often as the contract's clients ask, whose polls are part of the work."""

T = TypeVar("T")


def wait_for(
    what: str,
    look: Callable[[], T | None],
    processes: Mapping[str, StartedProcess],
    deadline_seconds: float,
    poll_seconds: float = START_POLL_SECONDS,
) -> T:
    """What `look` answers once it is not None.

    Raises `ContenderFailedError` at the deadline, or as soon as one of the processes has ended.
    """
    deadline = time.monotonic() + deadline_seconds
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise ContenderFailedError(f"{what}: not within {deadline_seconds:.0f} s")
        for role, process in processes.items():
            if process.poll() is not None:
                raise ContenderFailedError(f"{what}: the {role} ended with {process.returncode}")
        time.sleep(poll_seconds)
    return found
