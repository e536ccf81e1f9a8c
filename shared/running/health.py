"""The health port of a service: alive, ready or why not, and its metrics."""

from http import HTTPStatus

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.errors import PermanentError
from shared.metrics import Metrics
from shared.running.accepting import listen
from shared.running.host_names import HostNames
from shared.running.http_server import ServerLimits, announce, serve_http, url_of
from shared.running.lifecycle import Readiness, Stopping
from shared.running.settings import ServiceSettings


class HealthPortError(PermanentError):
    """The health port is taken, or its address is none of this machine."""

    code = "health_port"


async def serve_health(settings: ServiceSettings, readiness: Readiness, stopping: Stopping, metrics: Metrics) -> None:
    """Answer at the health port until stopping, if there is one; raises `HealthPortError` when it cannot be had."""
    host, port = settings.health_host, settings.health_port
    if not port:
        return
    try:
        listener = listen(host, port)
    except OSError as error:
        raise HealthPortError(f"DARKROOM_HEALTH_HOST, DARKROOM_HEALTH_PORT: {host}, port {port}: {error}") from error
    announce(url_of(listener))
    names = HostNames((*settings.allowed_hosts, host), listener.getsockname()[0])
    await serve_http(health_app(readiness, stopping, metrics, names), listener, stopping, ServerLimits())


def health_app(readiness: Readiness, stopping: Stopping, metrics: Metrics, names: HostNames) -> Starlette:
    """/healthz: 200 while the process answers. /readyz: 200, or 503 with each part that does not work.

    /metrics: for Prometheus, and 421 under a name that is not among `names`.
    """

    async def alive(_request: Request) -> JSONResponse:
        return JSONResponse({"success": True, "data": {"status": "alive"}})

    async def ready(_request: Request) -> JSONResponse:
        problems = present_problems(readiness, stopping)
        if not problems:
            return JSONResponse({"success": True, "data": {"status": "ready"}})
        return _error(
            HTTPStatus.SERVICE_UNAVAILABLE, "not_ready", "The service cannot do its work at present.", problems
        )

    async def expose(request: Request) -> Response:
        # A page that has bound its own name to this address could read what the service does.
        if not names.allow(request.headers.get("host")):
            sentence = "These metrics are not shown under this name. Its operator can add it to DARKROOM_ALLOWED_HOSTS."
            return _error(HTTPStatus.MISDIRECTED_REQUEST, "host_unknown", sentence, None)
        text, media_type = await metrics.exposition(request.headers.get("accept", ""))
        return Response(text, headers={"content-type": media_type})

    return Starlette(routes=[Route("/healthz", alive), Route("/readyz", ready), Route("/metrics", expose)])


def _error(status: HTTPStatus, code: str, message: str, details: dict[str, str] | None) -> JSONResponse:
    error = {"code": code, "message": message, "details": details}
    return JSONResponse({"success": False, "error": error}, status_code=status)


def present_problems(readiness: Readiness, stopping: Stopping) -> dict[str, str]:
    """What keeps the service from its work, part by part; a stopping service takes no more work."""
    problems = dict(readiness.problems)
    if stopping.is_set:
        problems["service"] = "stopping"
    return problems
