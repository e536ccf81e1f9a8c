"""The gateway as a service: HTTP, the relay, the janitor and the progress feed, started and stopped together."""

import asyncio
import contextlib
import socket

from services.gateway.app import gateway_app
from services.gateway.background.store_watch import StoreWatch
from services.gateway.edge.stack import behind_edge
from services.gateway.settings import GatewaySettings
from services.gateway.wiring import GatewayParts, wire_gateway
from shared.ports import Ports
from shared.running.accepting import listen
from shared.running.http_server import ServerLimits, serve_http
from shared.running.lifecycle import Readiness, Stopping, watching

TIDY_UP_SECONDS = 2.0
"""After the grace period: for cut-off uploads to remove what they stored, and for the relay's last messages."""


async def run_gateway(
    ports: Ports,
    settings: GatewaySettings,
    stopping: Stopping,
    readiness: Readiness,
    listener: socket.socket | None = None,
) -> None:
    """Serve until stopping, then end streams, let requests finish within the grace period, and return.

    Listens on `settings.host` and `settings.port`, or on a bound socket that is given; raises OSError when the address
    cannot be had. A background task that fails ends the service with its error.
    """
    listener = listener or listen(settings.host, settings.port)
    gateway = wire_gateway(ports, settings, readiness, stopping)
    store = StoreWatch(ports.objects, ports.batches)
    async with watching("objects", store.look, readiness), asyncio.TaskGroup() as tasks:
        tasks.create_task(gateway.feed.run(stopping), name="progress-feed")
        relaying = tasks.create_task(gateway.relay.run(stopping, readiness), name="relay")
        tidying = tasks.create_task(gateway.janitor.run(stopping), name="janitor")
        app = behind_edge(gateway_app(gateway), settings, listener.getsockname()[0])
        await serve_http(app, listener, stopping, _server_limits(settings))
        await _tidy_up(gateway)
        relaying.cancel()
        tidying.cancel()


def _server_limits(settings: GatewaySettings) -> ServerLimits:
    return ServerLimits(
        max_connections=settings.max_connections,
        header_seconds=settings.header_timeout_seconds,
        keep_alive_seconds=settings.keep_alive_seconds,
        grace_seconds=settings.grace_seconds,
    )


async def _tidy_up(gateway: GatewayParts) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(TIDY_UP_SECONDS):
            await gateway.uploads.wait_until_empty()
            await gateway.relay.flush()
