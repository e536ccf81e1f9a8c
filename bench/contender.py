"""What a contender is given and what it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bench.workloads import Workload
from tests.servers import Servers


class ContenderFailedError(Exception):
    """A contender did not handle every image in time; the message says what is known."""


@dataclass(frozen=True)
class Surroundings:
    """Where a contender works: its servers, their processes by name, a folder for what it writes, and the cores."""

    servers: Servers
    server_processes: Mapping[str, Sequence[int]]
    folder: Path
    cores: int


@dataclass(frozen=True)
class Measured:
    """One run of one contender.

    `seconds` run from the moment that the work is known to the system until its status says that all is done.
    `processor_seconds` are by role, for the same time.
    """

    seconds: float
    processor_seconds: Mapping[str, float]
    upload_seconds: float | None = field(default=None)


class Contender(Protocol):
    """Handles a workload, warm-up first, and says what the workload took."""

    def __call__(self, workload: Workload, surroundings: Surroundings) -> Measured:
        """Raise `ContenderFailedError` unless every image was handled."""
        ...
