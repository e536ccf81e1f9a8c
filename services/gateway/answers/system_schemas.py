"""The JSON that the gateway answers with about the system, field by field."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Self

from pydantic import Field

from services.gateway.answers.envelope import Body, Instant
from shared.documents import WorkerRecord
from shared.ports import QueueDepth


class WorkerStatus(Body):
    """A worker process as it last reported itself."""

    id: str = Field(examples=["worker-1-4242-5f0c"])
    host: str = Field(examples=["worker-1"])

    slots: int = Field(examples=[4])
    """Images that it develops at a time."""

    in_hand: int | None = Field(examples=[4])
    """Images that it has begun, reads ahead or writes, up to twice its slots; null from one of an earlier version."""

    developed_images: int = Field(examples=[1200])
    """Since it started."""

    images_per_second: float = Field(examples=[31.5])
    """On average since it started, idle times included."""

    started_at: Instant
    seen_at: Instant
    heartbeat_age_seconds: float = Field(examples=[0.8])

    @classmethod
    def of(cls, record: WorkerRecord, now: datetime) -> Self:
        return cls(
            **record.model_dump(include={"id", "host", "slots", "developed_images", "started_at", "seen_at"}),
            in_hand=record.images_in_hand,
            images_per_second=round(record.images_per_second, 2),
            heartbeat_age_seconds=round(max(0.0, (now - record.seen_at).total_seconds()), 1),
        )


class QueueStatus(Body):
    """A work queue at this moment."""

    name: str = Field(examples=["worker.chunks.normal"])

    ready: int = Field(examples=[42])
    """Messages that are not delivered to a consumer yet."""

    consumers: int = Field(examples=[4])

    oldest_seconds: float | None = Field(examples=[3.2])
    """How long its oldest chunk has waited for a worker; null where none waits, and for queues without chunks."""

    dead_letters: int = Field(examples=[0])
    """Messages of it that were given up."""

    @classmethod
    def of(cls, depth: QueueDepth, ages: Mapping[str, float]) -> Self:
        """How a queue is, with the age of the oldest chunk by the queue's name."""
        age = ages.get(depth.queue.name)
        return cls(
            name=depth.queue.name,
            ready=depth.ready,
            consumers=depth.consumers,
            oldest_seconds=None if age is None else round(age, 1),
            dead_letters=depth.dead_letters,
        )


class SystemLimits(Body):
    """What an upload may have."""

    max_files: int = Field(examples=[1_000_000])
    """Images in a batch."""

    max_file_bytes: int = Field(examples=[104_857_600])
    max_chunk_size: int = Field(examples=[1000])
    append_max_files: int = Field(examples=[500])
    append_max_bytes: int = Field(examples=[134_217_728])

    chunk_size: int = Field(examples=[10])
    """When the upload does not say."""

    formats: Sequence[str] = Field(examples=[["jpeg", "png", "webp", "gif", "avif"]])
    """Of images that are developed."""


class SystemStatus(Body):
    """How the system is. What a server knows that does not answer is null; `parts` says which that is."""

    version: str = Field(examples=["0.1.0"])

    page_version: str | None
    """Of the page that this gateway serves; null without a page."""

    ready: bool

    parts: Mapping[str, str | None] = Field(examples=[{"mongodb": None, "publish": "no answer"}])
    """What this gateway depends on, each with a sentence on what is wrong with it, or null."""

    workers: Sequence[WorkerStatus] | None
    """The first thousand workers that reported themselves within the last minute, by their ids."""

    queues: Sequence[QueueStatus] | None
    """In the order of the flow."""

    dead_letters: int | None = Field(examples=[0])
    """Of all queues."""

    limits: SystemLimits
