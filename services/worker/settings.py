"""The worker's settings, each an environment variable with the prefix DARKROOM_."""

import os
import socket

from pydantic import Field

from shared.settings import ServiceSettings


def usable_cores() -> int:
    """Count the cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _default_worker_id() -> str:
    return f"{socket.gethostname()}-{os.getpid()}"


class WorkerSettings(ServiceSettings):
    """How much one worker process does at a time."""

    worker_id: str = Field(default_factory=_default_worker_id)
    """Names this worker in claims, results and logs. Default: host and process id."""

    worker_children: int = Field(default_factory=usable_cores, ge=1)
    """Child processes that develop pixels, one image each at a time. Default: one per usable core."""

    worker_chunks_in_hand: int = Field(default=4, ge=1)
    """Chunks of normal priority taken at a time; twice as many of high, half as many of low."""

    lease_seconds: float = Field(default=30.0, gt=0)
    """A claimed chunk whose lease was not renewed for this long is sent to another worker."""

    heartbeat_seconds: float = Field(default=2.0, gt=0)
    """Pause between two renewals of this worker's leases. Whoever leaves two out is lost, and others take its chunks;
    so all workers have to agree on it."""
