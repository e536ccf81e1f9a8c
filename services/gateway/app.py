"""The gateway's FastAPI application."""

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from services.gateway.answers.error_handlers import install_error_handlers
from services.gateway.answers.head_requests import HeadRequests
from services.gateway.answers.request_bodies import BodyLimits, RequestBodies
from services.gateway.edge.request_metrics import RequestCounts, RequestMetrics
from services.gateway.routes import (
    batches,
    chunks,
    collections,
    controls,
    dead_letters,
    drafts,
    events,
    failures,
    health,
    images,
    live,
    near_duplicates,
    originals,
    pages,
    proofs,
    recipes,
    sockets,
    statistics,
    system,
    tiles,
)
from services.gateway.routes.openapi_document import operation_id, suit_generators
from services.gateway.settings import GatewaySettings
from services.gateway.wiring import GatewayParts

_DESCRIPTION = """
사진을 한꺼번에 올리고, 현상되는 과정을 실시간으로 보고, 결과물을 받아 갑니다.
Upload photographs by the thousand, watch them develop live, and collect the prints.

    curl -F batch_name="제주 여행" -F files=@a.jpg -F files=@b.jpg http://127.0.0.1:8000/pipeline/batch
    curl -N http://127.0.0.1:8000/pipeline/batch/<context_id>/events
    curl -X POST http://127.0.0.1:8000/pipeline/batch/<context_id>/cancel      # or pause, resume, retry
    curl -F batch_name=shop -F 'options=<recipe.json' -F files=@a.jpg http://127.0.0.1:8000/pipeline/batch
    curl -OJ http://127.0.0.1:8000/pipeline/batch/<context_id>/archive            # every print, as a ZIP file
    curl -X DELETE http://127.0.0.1:8000/pipeline/batch/<context_id>           # once it has finished

Every answer is `{"success": true, "data": …}` or `{"success": false, "error": {"code", "message", "details"}}`.
Messages are Korean, or English when the request's Accept-Language prefers it. Times are ISO 8601 in UTC.
"""


def gateway_app(gateway: GatewayParts) -> FastAPI:
    """The application over the gateway's parts; opens and starts nothing."""
    app = bare_app(gateway.settings)
    app.state.gateway = gateway
    # Around everything else, so that what is refused before its route is reached counts as well.
    app.add_middleware(RequestMetrics, counts=gateway.ports.metrics.of(RequestCounts))
    return app


_ROUTERS = (
    batches.router,
    drafts.router,
    controls.router,
    events.router,
    originals.router,
    images.router,
    tiles.router,
    failures.router,
    chunks.router,
    near_duplicates.router,
    collections.router,
    recipes.router,
    proofs.router,
    system.router,
    statistics.router,
    live.router,
    dead_letters.router,
    health.router,
    pages.router,
    sockets.router,
)
"""In the order of the documentation. Of all of them only that of originals takes an address, which it shares with the
prints, from one behind it."""


def bare_app(settings: GatewaySettings) -> FastAPI:
    """The application without parts to answer with: enough for its OpenAPI document."""
    # The documentation's scripts come from this server: FastAPI's own page would load them from a CDN.
    app = FastAPIOffline(
        title="Darkroom",
        version="1",
        description=_DESCRIPTION,
        redoc_url=None,
        generate_unique_id_function=operation_id,
    )
    app.add_middleware(HeadRequests)
    limits = BodyLimits(settings.max_request_bytes, settings.append_max_bytes, settings.max_proof_bytes)
    app.add_middleware(RequestBodies, limits=limits)
    install_error_handlers(app)
    app.add_exception_handler(events.NothingToFollowError, events.answer_no_content)
    for router in _ROUTERS:
        app.include_router(router)
    suit_generators(app)
    return app
