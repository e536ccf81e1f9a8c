"""The workers' own records."""

from datetime import datetime

from shared.documents.document import Document

TAKES_EXPRESS = "express"
"""The capability to consume the queue of express chunks."""


class WorkerRecord(Document):
    """A worker process as it last reported itself."""

    id: str
    host: str
    slots: int
    developed_images: int
    images_in_hand: int | None = None
    """None from a worker of an earlier version."""
    capabilities: tuple[str, ...] = ()
    """What it can do that workers of an earlier version cannot."""
    started_at: datetime
    seen_at: datetime

    @property
    def images_per_second(self) -> float:
        """On average since it started."""
        seconds = (self.seen_at - self.started_at).total_seconds()
        return self.developed_images / seconds if seconds > 0 else 0.0
