"""The workers' own records."""

from datetime import datetime

from shared.documents.document import Document


class WorkerRecord(Document):
    """A worker process as it last reported itself."""

    id: str
    host: str
    slots: int
    developed_images: int
    started_at: datetime
    seen_at: datetime
