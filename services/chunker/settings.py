"""The chunker's settings, each an environment variable with the prefix DARKROOM_."""

from pydantic import Field

from shared.running.settings import ServiceSettings


class ChunkerSettings(ServiceSettings):
    """How many chunks are in flight, and when one counts as lost."""

    window_chunks: int = Field(default=100, ge=1)
    """Chunks of one batch that are released and not settled. Enough to keep every worker busy between two
    settled chunks; few enough that a small batch is not stuck behind a huge one."""

    queued_lease_seconds: float = Field(default=10.0, gt=0)
    """A chunk that no worker has claimed after this long is sent again, if its queue is empty."""

    stalled_batch_seconds: float = Field(default=60.0, gt=0)
    """A batch without any change for this long has its unclaimed chunks sent again though their queue is not empty."""

    silence_seconds: float = Field(default=5.0, gt=0)
    """A worker whose lease has run out is lost if nothing is heard of it for so long more; over two heartbeats."""

    sweep_seconds: float = Field(default=3.0, gt=0)
    """Pause between two rounds of the reconciler."""
