"""A batch's progress as Server-Sent Events."""

from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Request, Response

from services.gateway.answers.batch_codes import BatchCode
from services.gateway.answers.schemas import EXAMPLE_ID
from services.gateway.batches.live_events import batch_events
from services.gateway.batches.lookup import present
from services.gateway.batches.watched_batch import WatchedBatch
from services.gateway.routes.dependencies import BatchesDep, FeedDep
from services.gateway.routes.documented_router import DocumentedRouter, raises
from services.gateway.routes.event_stream import EventStream, Heartbeat
from shared.documents import Batch

router = DocumentedRouter(prefix="/pipeline/batch/{batch_id}/events", tags=["batches"])

_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events `progress`, then one `finished`; `data` is the batch's status, `id` its version "
        "(the last state's id comes with `finished`).",
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
    204: {"description": "The batch has ended with the event that Last-Event-ID names, or is gone: nothing will come"},
}


class NothingToFollowError(Exception):
    """The client has seen all that will come of a batch, and is to connect no more."""


async def answer_no_content(_request: Request, _error: Exception) -> Response:
    """Answer 204: an EventSource then stops (HTML standard, 9.2.3)."""
    return Response(status_code=HTTPStatus.NO_CONTENT)


@raises(BatchCode.BATCH_NOT_FOUND)
async def _watch(
    feed: FeedDep,
    batches: BatchesDep,
    batch_id: UUID,
    last_event_id: Annotated[
        str | None, Header(description="Sent by browsers that reconnect: the id of the last event that was read.")
    ] = None,
) -> AsyncIterator[tuple[Batch, WatchedBatch]]:
    with feed.watch(str(batch_id)) as watched:
        # Read only now that it is watched, so that no change falls between the two.
        batch = await batches.get(str(batch_id))
        if last_event_id is not None and _is_over(batch, last_event_id):
            raise NothingToFollowError
        yield present(batch, str(batch_id)), watched


def _is_over(batch: Batch | None, last_event_id: str) -> bool:
    if batch is None or batch.deleted_at:
        return True
    return batch.is_finished and last_event_id == str(batch.version)


Watched = Annotated[tuple[Batch, WatchedBatch], Depends(_watch)]


@router.get("", summary="Live progress / 실시간 진행 상황", response_class=EventStream, responses=_EVENTS)
async def follow_batch(watched: Watched, *, heartbeat: Heartbeat = False) -> EventStream:
    """Follow a batch: every stream begins with the newest state, and the server closes it after `finished`.

    A browser then connects again, is answered 204 and stops. A paused batch's stream stays open. A batch that is
    retried after its end can be followed again.
    """
    return EventStream.of(batch_events(*watched), heartbeat=heartbeat)
