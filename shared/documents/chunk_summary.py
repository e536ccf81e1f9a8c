"""How a chunk went: everything about it but the outcomes of its images."""

from datetime import datetime
from typing import Self

from shared.documents.chunk import Chunk
from shared.documents.document import Document


class ChunkSummary(Document):
    """A chunk in some hundred bytes, however many images it has: `first_index` to `last_index`, perhaps with gaps."""

    number: int
    generation: int = 0
    images: int
    first_index: int
    last_index: int
    completed: int = 0
    failed: int = 0
    revoked: int = 0
    settled: bool = False
    gave_up: bool = False
    worker: str | None = None
    attempts: int = 0
    retries: int = 0
    losses: int = 0
    released_at: datetime | None = None
    claimed_at: datetime | None = None
    settled_at: datetime | None = None

    @classmethod
    def of(cls, chunk: Chunk) -> Self:
        of_indexes = {"images": len(chunk.indexes), "first_index": chunk.indexes[0], "last_index": chunk.indexes[-1]}
        return cls(**of_indexes, **chunk.model_dump(include=set(cls.model_fields)))
