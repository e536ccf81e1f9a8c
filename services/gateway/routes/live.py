"""What happens to all batches, as Server-Sent Events."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, get_args

from fastapi import Depends, Query

from services.gateway.batches.followers import FollowerSlot, Topic
from services.gateway.batches.live_events import Hello, all_events
from services.gateway.routes.dependencies import ClockDep, FollowersDep, PageDep, SettingsDep
from services.gateway.routes.documented_router import DocumentedRouter
from services.gateway.routes.event_stream import EventStream, Heartbeat

router = DocumentedRouter(prefix="/pipeline/events", tags=["system"])

_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "First `hello`, then an event whenever there is news; none has an id.",
        "content": {
            "text/event-stream": {
                "schema": {"type": "string"},
                "example": (
                    'event: hello\ndata: {"server_version":"0.1.0","page_version":null,"now":"2025-01-15…Z"}\n\n'
                    'event: batches\ndata: {"batches":[{"batch_id":"…","status":"STARTED",…}],"reload":false}\n\n'
                ),
            }
        },
    },
}


TOPICS_PATTERN = "^(batches|system)(,(batches|system))?$"


def read_topics(topics: str) -> Sequence[Topic]:
    """The topics that are named in a query."""
    return [topic for topic in get_args(Topic) if topic in topics.split(",")]


async def _follow(
    followers: FollowersDep,
    topics: Annotated[str, Query(pattern=TOPICS_PATTERN, description="What to follow, joined by a comma.")] = "batches",
) -> AsyncIterator[FollowerSlot]:
    with followers.follow(read_topics(topics)) as slot:
        yield slot


@router.get("", summary="Live changes / 실시간 변경 사항", response_class=EventStream, responses=_EVENTS)
async def follow_all(
    settings: SettingsDep,
    clock: ClockDep,
    page: PageDep,
    slot: Annotated[FollowerSlot, Depends(_follow)],
    *,
    heartbeat: Heartbeat = False,
) -> EventStream:
    """Follow all batches.

    `hello` comes at once: read the list after it, for it tells nothing of what was before. `batches` comes at most once
    a second with the newest status of each batch that has changed; a batch that was deleted is
    `{"batch_id": …, "deleted": true}`. With `reload`, more than 200 have changed: read the list again. `system` comes
    every two seconds with what `GET /pipeline/system` answers.
    """
    events = all_events(slot, Hello.at(clock(), page), settings.changes_interval_seconds)
    return EventStream.of(events, heartbeat=heartbeat)
