"""One person's progress stream: the newest snapshot, then coalesced ones, then a last event and the end."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from fastapi.sse import format_sse_event

from services.gateway.progress_feed import LatestBatch
from services.gateway.schemas import BatchStatus
from shared.documents import Batch

RECONNECT_MILLISECONDS = 1000
"""How long a browser waits before it connects again."""


@dataclass(frozen=True)
class StreamPace:
    """Shortest time between two snapshots, and longest time without a sign of life."""

    interval_seconds: float
    keepalive_seconds: float


async def progress_events(first: Batch, slot: LatestBatch, pace: StreamPace) -> AsyncIterator[bytes]:
    """Server-Sent Events until the batch has finished or the slot is closed.

    Each snapshot is an event `progress` with the batch's version as its id; after the last comes `finished`.
    """
    batch = first
    yield _event("progress", batch, retry=RECONNECT_MILLISECONDS)
    while not batch.is_finished:
        await asyncio.sleep(pace.interval_seconds)
        newer = await slot.newer_than(batch.version, pace.keepalive_seconds)
        if newer is not None:
            batch = newer
            yield _event("progress", batch)
        elif slot.closed:
            return
        else:
            yield format_sse_event(data_str=None, comment="keepalive")
    yield _event("finished", batch)


def _event(name: str, batch: Batch, retry: int | None = None) -> bytes:
    data = BatchStatus.of(batch).model_dump_json()
    return format_sse_event(event=name, id=str(batch.version), data_str=data, retry=retry)
