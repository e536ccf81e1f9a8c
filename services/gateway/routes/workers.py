"""Workers over HTTP: which there are, and how much they do."""

from datetime import timedelta

from fastapi import APIRouter
from pydantic import Field

from services.gateway.answers.envelope import Body, Envelope, Instant
from services.gateway.answers.error_responses import error_responses
from services.gateway.answers.request_codes import RequestCode
from services.gateway.routes.dependencies import ClockDep, WorkersDep

SEEN_SECONDS = 60.0
"""A worker reports itself every two seconds; one that was silent for so long has ended or is cut off."""

MAX_LISTED = 1000

router = APIRouter(prefix="/pipeline/system/workers", tags=["system"])


class WorkerStatus(Body):
    """A worker process as it last reported itself."""

    id: str = Field(examples=["worker-1-4242-5f0c"])
    host: str = Field(examples=["worker-1"])

    slots: int = Field(examples=[4])
    """Images that it develops at a time."""

    developed_images: int = Field(examples=[1200])
    """Since it started."""

    images_per_second: float = Field(examples=[31.5])
    """On average since it started, idle times included."""

    started_at: Instant
    seen_at: Instant
    heartbeat_age_seconds: float = Field(examples=[0.8])


@router.get("", summary="Workers / 워커 목록", responses=error_responses(RequestCode.TEMPORARILY_UNAVAILABLE))
async def list_workers(workers: WorkersDep, clock: ClockDep) -> Envelope[list[WorkerStatus]]:
    """The first thousand workers that reported themselves within the last minute, by their ids."""
    now = clock()
    records = await workers.seen_since(now - timedelta(seconds=SEEN_SECONDS))
    return Envelope(
        data=[
            WorkerStatus(
                **record.model_dump(include={"id", "host", "slots", "developed_images", "started_at", "seen_at"}),
                images_per_second=round(record.images_per_second, 2),
                heartbeat_age_seconds=round(max(0.0, (now - record.seen_at).total_seconds()), 1),
            )
            for record in records[:MAX_LISTED]
        ]
    )
