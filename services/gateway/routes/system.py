"""The system over HTTP: what it depends on, who works, and what waits."""

from collections.abc import Sequence

from services.gateway.answers.envelope import Envelope
from services.gateway.answers.system_schemas import SystemStatus, WorkerStatus
from services.gateway.routes.dependencies import SystemDep
from services.gateway.routes.documented_router import DocumentedRouter

router = DocumentedRouter(prefix="/pipeline/system", tags=["system"])


@router.get("", summary="The system / 시스템 상태")
async def show_system(system: SystemDep) -> Envelope[SystemStatus]:
    """How the system is, at most a second ago; a part that does not work is no error of this answer."""
    return Envelope(data=await system.read())


@router.get("/workers", summary="Workers / 워커 목록")
async def list_workers(system: SystemDep) -> Envelope[Sequence[WorkerStatus]]:
    """The first thousand workers that reported themselves within the last minute, by their ids."""
    return Envelope(data=await system.workers())
