"""Whether the gateway is alive and ready."""

from services.gateway.answers.envelope import Envelope
from services.gateway.answers.errors import ApiError
from services.gateway.answers.request_codes import RequestCode
from services.gateway.answers.schemas import Health
from services.gateway.routes.dependencies import BacklogDep, ReadinessDep, StoppingDep
from services.gateway.routes.documented_router import DocumentedRouter, raises
from shared.running.health import present_problems

router = DocumentedRouter(tags=["health"])


@router.get("/healthz", summary="Alive / 생존 확인")
async def show_alive() -> Envelope[Health]:
    """200 while the process answers at all."""
    return Envelope(data=Health(status="alive"))


@router.get("/readyz", summary="Ready, or why not / 준비 상태")
@raises(RequestCode.NOT_READY)
async def show_ready(backlog: BacklogDep, readiness: ReadinessDep, stopping: StoppingDep) -> Envelope[Health]:
    """200 when the gateway can do its work; 503 with each part that does not work."""
    backlog.report()
    problems = present_problems(readiness, stopping)
    if problems:
        raise ApiError(RequestCode.NOT_READY, details=problems)
    return Envelope(data=Health(status="ready"))
