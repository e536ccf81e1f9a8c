"""The chunker's settings, each an environment variable with the prefix DARKROOM_."""

from pydantic import Field

from shared.running.settings import ServiceSettings


class ChunkerSettings(ServiceSettings):
    """How many chunks are in flight, and when one counts as lost."""

    horizon_seconds: float = Field(default=2.0, gt=0)
    """So much work is released ahead of the workers, of all batches together: enough that none waits for the next
    release, and few enough that a new batch or another priority is not stuck behind it."""

    window_chunks: int = Field(default=400, ge=1)
    """Most chunks of one batch that are released and not settled, however little they cost."""

    queued_lease_seconds: float = Field(default=10.0, gt=0)
    """A chunk that no worker has claimed after this long is sent again, if its queue is empty."""

    stalled_batch_seconds: float = Field(default=60.0, gt=0)
    """A batch without any change for this long has its unclaimed chunks sent again though their queue is not empty."""

    silence_seconds: float = Field(default=5.0, gt=0)
    """A worker whose lease has run out is lost if nothing is heard of it for so long more; over two heartbeats."""

    sweep_seconds: float = Field(default=3.0, gt=0)
    """Pause between two rounds of the reconciler."""
