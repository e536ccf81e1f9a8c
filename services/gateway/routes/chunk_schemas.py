"""The JSON that the gateway answers with about chunks, field by field."""

from pydantic import Field

from services.gateway.answers.envelope import Body, PreciseInstant
from shared.documents import ChunkSummary


class ChunkStatus(Body):
    """Some images of a batch that a worker develops together, and how that went."""

    number: int = Field(examples=[7])
    """Its place in the batch, from 0; a retry goes on counting."""

    generation: int = Field(examples=[0])
    """The retry that it belongs to, 0 for the first development."""

    images: int = Field(examples=[10])
    first_index: int = Field(examples=[70])
    last_index: int = Field(examples=[79])
    completed: int = Field(examples=[9])
    failed: int = Field(examples=[1])
    revoked: int = Field(examples=[0])

    settled: bool = Field(examples=[True])
    """Whether every image of it has an outcome."""

    gave_up: bool = Field(examples=[False])
    """Whether its last attempt failed, and its other images with it."""

    worker: str | None = Field(examples=["host-1"])
    """The worker that holds it, or held it when it settled."""

    attempts: int = Field(examples=[1])
    """How often a worker has begun it."""

    retries: int = Field(examples=[0])
    """How often it was put off because something was away."""

    losses: int = Field(examples=[0])
    """Workers that were lost while they held it."""

    released_at: PreciseInstant | None
    """When it could first be taken by a worker; null if an earlier version did that, as for the other times."""

    claimed_at: PreciseInstant | None
    """When a worker last took it."""

    settled_at: PreciseInstant | None
    """When its last image had an outcome."""

    @classmethod
    def of(cls, chunk: ChunkSummary) -> "ChunkStatus":
        return cls(**chunk.model_dump(include=set(cls.model_fields)))


class ChunkList(Body):
    """One page of a batch's chunks."""

    chunks: tuple[ChunkStatus, ...]

    next_cursor: str | None = Field(examples=["0-1000"])
    """Send it as `cursor` for the next page; null at the end."""
