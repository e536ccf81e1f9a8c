"""Health for the services that have no HTTP of their own."""

import asyncio

import httpx
import pytest

from shared.running.accepting import listen
from shared.running.health import health_app, serve_health
from shared.running.lifecycle import Readiness, Stopping
from tests.processes import free_port

PROBLEM = {"broker": "away"}


async def test_a_service_is_alive_but_not_ready_while_a_part_does_not_work() -> None:
    """And ready once it works again."""
    readiness, stopping = Readiness(), Stopping()
    transport = httpx.ASGITransport(health_app(readiness, stopping))
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        readiness.report("broker", "away")
        response = await client.get("/readyz")
        assert (response.status_code, response.json()["error"]["details"]) == (503, PROBLEM)
        assert (await client.get("/healthz")).json() == {"success": True, "data": {"status": "alive"}}
        readiness.report("broker", None)
        assert (await client.get("/readyz")).json() == {"success": True, "data": {"status": "ready"}}
        stopping.set()
        assert (await client.get("/readyz")).json()["error"]["details"] == {"service": "stopping"}


async def test_health_is_served_until_the_service_stops() -> None:
    """On its own address, which is then free again."""
    stopping, port = Stopping(), free_port()
    serving = asyncio.create_task(serve_health(Readiness(), stopping, "127.0.0.1", port))
    await asyncio.sleep(0)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        assert (await client.get("/readyz")).status_code == 200
    with pytest.raises(OSError, match="in use"):
        listen("127.0.0.1", port)
    stopping.set()
    await serving
    listen("127.0.0.1", port).close()
