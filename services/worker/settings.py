"""The worker's settings, each an environment variable with the prefix DARKROOM_."""

import os
import socket

from pydantic import Field

from services.worker.children.limits import ChildLimits
from shared.running.settings import ServiceSettings


def _default_worker_id() -> str:
    return f"{socket.gethostname()}-{os.getpid()}"


class WorkerSettings(ServiceSettings, ChildLimits):
    """How much one worker process does at a time."""

    worker_id: str = Field(default_factory=_default_worker_id)
    """Names this worker in claims, results and logs. Default: host and process id."""

    worker_chunks_in_hand: int | None = Field(default=None, ge=1)
    """Chunks taken at a time from the queue of each priority, and eight times as many express ones. Default: two for
    each child, so that chunks of a single image keep all children busy."""

    lease_seconds: float = Field(default=30.0, gt=0)
    """A claimed chunk whose lease was not renewed for this long is sent to another worker."""

    heartbeat_seconds: float = Field(default=2.0, gt=0)
    """Pause between two renewals of this worker's leases. Other workers take the chunks of one that leaves two out, so
    all workers have to agree on it."""

    @property
    def images_in_hand(self) -> int:
        """Two for each child: while one is developed, the next is read and the last one's prints are written."""
        return 2 * self.worker_children

    @property
    def chunks_in_hand(self) -> int:
        """Chunks taken at a time from each queue."""
        return self.worker_chunks_in_hand or self.images_in_hand
