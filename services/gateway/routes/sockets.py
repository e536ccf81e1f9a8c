"""Live events over WebSocket: the same as on the event streams."""

import re
from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, WebSocket

from services.gateway.batches.live_events import Hello, all_events, batch_events
from services.gateway.routes.dependencies import (
    BatchesDep,
    ClockDep,
    FeedDep,
    FollowersDep,
    PageDep,
    SettingsDep,
    SocketPlacesDep,
    StoppingDep,
)
from services.gateway.routes.live import TOPICS_PATTERN, read_topics
from services.gateway.routes.live_socket import (
    DELETED,
    FINISHED,
    NOT_FOUND,
    STOPPING,
    TOO_MANY,
    TOPIC_UNKNOWN,
    UNAVAILABLE,
    Closing,
    LiveSocket,
)
from shared.errors import TransientError

router = APIRouter()


async def _opened(websocket: WebSocket, places: SocketPlacesDep) -> AsyncIterator[LiveSocket | None]:
    """An open socket, or None if there are too many: it is closed then."""
    # A browser sees codes only of WebSockets that were opened.
    await websocket.accept()
    socket = LiveSocket(websocket)
    with places.taken() as has_place:
        if not has_place:
            await socket.close(TOO_MANY)
        yield socket if has_place else None


Opened = Annotated[LiveSocket | None, Depends(_opened)]


@router.websocket("/pipeline/batch/{batch_id}/ws")
async def watch_batch(socket: Opened, feed: FeedDep, batches: BatchesDep, stopping: StoppingDep, batch_id: str) -> None:
    """Follow a batch until it has finished."""
    if socket is None:
        return
    found = _canonical(batch_id)
    with feed.watch(found) as watched:
        try:
            # Read only now that it is watched, so that no change falls between the two.
            batch = await batches.get(found)
        except TransientError:
            await socket.close(UNAVAILABLE)
            return
        if batch is None or batch.deleted_at:
            await socket.close(NOT_FOUND)
            return

        def ending(last_event: str) -> Closing:
            if last_event == "finished":
                return FINISHED
            return STOPPING if stopping.is_set else DELETED

        await socket.run(batch_events(batch, watched), ending)


@router.websocket("/pipeline/events/ws")
async def watch_all(
    socket: Opened,
    followers: FollowersDep,
    settings: SettingsDep,
    clock: ClockDep,
    page: PageDep,
    topics: str = "batches",
) -> None:
    """Follow all batches, or the system."""
    if socket is None:
        return
    if not re.fullmatch(TOPICS_PATTERN, topics):
        await socket.close(TOPIC_UNKNOWN)
        return
    with followers.follow(read_topics(topics)) as slot:
        events = all_events(slot, Hello.at(clock(), page), settings.changes_interval_seconds)
        await socket.run(events, lambda _last_event: STOPPING)


def _canonical(batch_id: str) -> str:
    """The id as it is recorded; what is no id stays as it is, and is that of no batch."""
    try:
        return str(UUID(batch_id))
    except ValueError:
        return batch_id
