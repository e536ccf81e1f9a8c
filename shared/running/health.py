"""Health over HTTP for the services that have no HTTP of their own: alive, and ready or why not."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from shared.running.accepting import listen
from shared.running.http_server import ServerLimits, announce, serve_http, url_of
from shared.running.lifecycle import Readiness, Stopping


async def serve_health(readiness: Readiness, stopping: Stopping, host: str, port: int) -> None:
    """Answer /healthz and /readyz at host:port until stopping; raises OSError when the address cannot be had."""
    listener = listen(host, port)
    announce(url_of(listener))
    await serve_http(health_app(readiness, stopping), listener, stopping, ServerLimits())


def health_app(readiness: Readiness, stopping: Stopping) -> Starlette:
    """/healthz: 200 while the process answers. /readyz: 200, or 503 with each part that does not work."""

    async def alive(_request: Request) -> JSONResponse:
        return JSONResponse({"success": True, "data": {"status": "alive"}})

    async def ready(_request: Request) -> JSONResponse:
        problems = present_problems(readiness, stopping)
        if not problems:
            return JSONResponse({"success": True, "data": {"status": "ready"}})
        error = {"code": "not_ready", "message": "The service cannot do its work at present.", "details": problems}
        return JSONResponse({"success": False, "error": error}, status_code=503)

    return Starlette(routes=[Route("/healthz", alive), Route("/readyz", ready)])


def present_problems(readiness: Readiness, stopping: Stopping) -> dict[str, str]:
    """What keeps the service from its work, part by part; a stopping service takes no more work."""
    problems = dict(readiness.problems)
    if stopping.is_set:
        problems["service"] = "stopping"
    return problems
