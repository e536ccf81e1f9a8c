"""Workers over HTTP: which there are, and how much they do."""

from collections.abc import Sequence

from fastapi import APIRouter

from services.gateway.answers.envelope import Envelope
from services.gateway.answers.error_responses import error_responses
from services.gateway.answers.request_codes import RequestCode
from services.gateway.answers.system_schemas import WorkerStatus
from services.gateway.routes.dependencies import SystemDep

router = APIRouter(prefix="/pipeline/system/workers", tags=["system"])


@router.get("", summary="Workers / 워커 목록", responses=error_responses(RequestCode.TEMPORARILY_UNAVAILABLE))
async def list_workers(system: SystemDep) -> Envelope[Sequence[WorkerStatus]]:
    """The first thousand workers that reported themselves within the last minute, by their ids."""
    return Envelope(data=await system.workers())
