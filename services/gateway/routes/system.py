"""The system over HTTP: what it depends on, who works, and what waits."""

from fastapi import APIRouter

from services.gateway.answers.envelope import Envelope
from services.gateway.answers.system_schemas import SystemStatus
from services.gateway.routes.dependencies import SystemDep

router = APIRouter(prefix="/pipeline/system", tags=["system"])


@router.get("", summary="The system / 시스템 상태")
async def show_system(system: SystemDep) -> Envelope[SystemStatus]:
    """How the system is, at most a second ago; a part that does not work is no error of this answer."""
    return Envelope(data=await system.read())
