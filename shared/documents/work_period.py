"""What a worker did in one minute or hour: figures that charts are drawn from."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field

from shared.documents.document import Document

PeriodSeconds = Literal[60, 3600]
"""A period is a minute or an hour."""

PERIOD_SECONDS: tuple[PeriodSeconds, ...] = get_args(PeriodSeconds)

WORK_KEPT_SECONDS = 14 * 24 * 3600
"""Periods are forgotten two weeks after they began."""

DURATION_BUCKETS = 16

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def period_start(moment: datetime, seconds: int) -> datetime:
    """The beginning of the period of that length that holds the moment, counted from 1970 in UTC."""
    return moment - (moment - _EPOCH) % timedelta(seconds=seconds)


def duration_bucket(duration_ms: int) -> int:
    """Which of the `DURATION_BUCKETS` a duration belongs to.

    Bucket n holds those of 2**n up to 2**(n + 1) ms; the first and the last also hold those beyond.
    """
    return min(max(duration_ms.bit_length() - 1, 0), DURATION_BUCKETS - 1)


def percentile_ms(durations: Sequence[int], share: float) -> int | None:
    """The duration that `share` (0 to 1) of the images did not exceed, from their buckets; None without an image.

    The true one is in the same bucket, so the answer is off by a factor below 2; within a bucket durations are taken to
    be spread evenly on a logarithmic scale. Above 65,536 ms it says 65,536.
    """
    rank, below = share * sum(durations), 0
    for bucket, images in enumerate(durations):
        if images and below + images >= rank:
            return round(2 ** (bucket + (rank - below) / images))
        below += images
    return None


class WorkPeriod(Document):
    """What one worker did in one minute or hour.

    Only that worker writes it, and always absolute figures, so a write that is repeated changes nothing. Work that was
    done twice counts twice: this is the load, and not what became of a batch.
    """

    worker: str
    """The process's own name: another life of the same worker id is another writer."""
    begins_at: datetime
    seconds: PeriodSeconds
    slots: int
    """Images that the worker develops at a time."""
    alive_ms: int = 0
    """How long the worker was there in the period."""
    busy_ms: int = 0
    """How long its slots were developing in the period, added up."""
    developed: int = 0
    failed: int = 0
    failed_by_code: Mapping[str, int] = Field(default_factory=dict)
    bytes_in: int = 0
    """Bytes of the developed images' originals."""
    bytes_out: int = 0
    """Bytes of their prints."""
    pixels: int = 0
    """Pixels of their originals."""
    durations: tuple[int, ...] = (0,) * DURATION_BUCKETS
    """Developed images by `duration_bucket`."""

    @property
    def id(self) -> str:
        return f"{self.worker}|{self.begins_at:%Y-%m-%dT%H:%M}|{self.seconds}"


class WorkSums(BaseModel):
    """What all workers did from `at` on, for as long as was asked for.

    `capacity_ms`: how long their slots were there, added up.
    """

    model_config = ConfigDict(frozen=True)

    at: datetime
    developed: int = 0
    failed: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    busy_ms: int = 0
    capacity_ms: int = 0
    durations: tuple[int, ...] = (0,) * DURATION_BUCKETS

    def plus(self, period: WorkPeriod) -> Self:
        same = ("developed", "failed", "bytes_in", "bytes_out", "busy_ms")
        return self.model_copy(
            update={
                **{name: getattr(self, name) + getattr(period, name) for name in same},
                "capacity_ms": self.capacity_ms + period.slots * period.alive_ms,
                "durations": tuple(a + b for a, b in zip(self.durations, period.durations, strict=True)),
            }
        )
