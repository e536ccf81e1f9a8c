"""A batch's progress as Server-Sent Events: the newest snapshot, coalesced ones, a last event and the end."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header
from fastapi.sse import EventSourceResponse, ServerSentEvent

from services.gateway.answers.batch_codes import BatchCode
from services.gateway.answers.error_responses import error_responses
from services.gateway.answers.request_codes import RequestCode
from services.gateway.answers.schemas import EXAMPLE_ID, BatchStatus
from services.gateway.batches.lookup import find_batch
from services.gateway.batches.progress_feed import LatestBatch
from services.gateway.routes.dependencies import BatchesDep, FeedDep, SettingsDep
from shared.documents import Batch

RECONNECT_MILLISECONDS = 1000
"""How long a browser waits before it connects again."""

router = APIRouter(prefix="/pipeline/batch/{batch_id}/events", tags=["batches"])

_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events `progress`, then one `finished`; `data` is the batch's status, `id` its version.",
        "content": {
            "text/event-stream": {
                "schema": {"type": "string"},
                "example": (
                    f'event: progress\ndata: {{"batch_id":"{EXAMPLE_ID}","status":"STARTED",…}}\nid: 17\n\n'
                    f'event: finished\ndata: {{"batch_id":"{EXAMPLE_ID}","status":"SUCCESS",…}}\nid: 31\n\n'
                ),
            }
        },
    },
    **error_responses(BatchCode.BATCH_NOT_FOUND, BatchCode.BATCH_ID_MALFORMED, RequestCode.TEMPORARILY_UNAVAILABLE),
}


async def _watch(feed: FeedDep, batches: BatchesDep, batch_id: UUID) -> AsyncIterator[tuple[Batch, LatestBatch]]:
    with feed.watch(str(batch_id)) as slot:
        # Read only now that the slot is there, so that no change falls between the two.
        yield await find_batch(batches, str(batch_id)), slot


Watched = Annotated[tuple[Batch, LatestBatch], Depends(_watch)]


@router.get("", summary="Live progress / 실시간 진행 상황", response_class=EventSourceResponse, responses=_EVENTS)
async def follow_batch(
    settings: SettingsDep,
    watched: Watched,
    last_event_id: Annotated[  # noqa: ARG001  documented because browsers send it; every stream begins with the present
        str | None, Header(description="Sent by browsers that reconnect. Every stream begins with the newest state.")
    ] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Follow a batch. Close the connection on `finished`; a browser would otherwise connect again.

    A paused batch's stream stays open. A batch that is retried after its end can be followed again.
    """
    batch, slot = watched
    async for event in progress_events(batch, slot, settings.snapshot_interval_seconds):
        yield event


async def progress_events(first: Batch, slot: LatestBatch, interval_seconds: float) -> AsyncIterator[ServerSentEvent]:
    """Snapshots until the batch has finished, then the last event; or until the slot is closed."""
    batch = first
    yield _event("progress", batch, retry=RECONNECT_MILLISECONDS)
    while not batch.is_finished:
        await asyncio.sleep(interval_seconds)
        newer = await slot.newer_than(batch.version)
        if newer is None:
            return
        batch = newer
        yield _event("progress", batch)
    yield _event("finished", batch)


def _event(name: str, batch: Batch, retry: int | None = None) -> ServerSentEvent:
    return ServerSentEvent(event=name, id=str(batch.version), data=BatchStatus.of(batch), retry=retry)
