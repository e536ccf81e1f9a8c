"""Health for the services that have no HTTP of their own."""

import asyncio

import httpx
import pytest

from shared.metrics import Metrics
from shared.metrics.process import process_metrics
from shared.running.accepting import listen
from shared.running.health import HealthPortError, health_app, serve_health
from shared.running.host_names import HostNames
from shared.running.lifecycle import Readiness, Stopping
from shared.running.settings import ServiceSettings
from tests.processes import free_port

PROBLEM = {"broker": "away"}
NAMES = HostNames((), "127.0.0.1")


async def test_a_service_is_alive_but_not_ready_while_a_part_does_not_work() -> None:
    """And ready once it works again."""
    readiness, stopping = Readiness(), Stopping()
    transport = httpx.ASGITransport(health_app(readiness, stopping, Metrics(), NAMES))
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
    settings = ServiceSettings(health_port=port)
    serving = asyncio.create_task(serve_health(settings, Readiness(), stopping, Metrics()))
    await asyncio.sleep(0)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        assert (await client.get("/readyz")).status_code == 200
    with pytest.raises(OSError, match="in use"):
        listen("127.0.0.1", port)
    stopping.set()
    await serving
    listen("127.0.0.1", port).close()


async def test_a_port_that_is_taken_is_an_error_that_names_the_settings() -> None:
    """And not one that ends a service with a traceback."""
    port = free_port()
    with (
        listen("127.0.0.1", port),
        pytest.raises(HealthPortError, match=f"DARKROOM_HEALTH_PORT: 127.0.0.1, port {port}"),
    ):
        await serve_health(ServiceSettings(health_port=port), Readiness(), Stopping(), Metrics())


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8001", 200),
        ("localhost", 200),
        ("metrics.example:8001", 200),
        ("other.example", 421),
        ("10.0.0.1", 421),
    ],
)
async def test_metrics_are_shown_under_the_services_own_names(host: str, status: int) -> None:
    """A page that binds its name to this address reads nothing of them."""
    readiness, stopping = Readiness(), Stopping()
    metrics, names = process_metrics("worker", lambda: readiness.parts), HostNames(["metrics.example"], "127.0.0.1")
    transport = httpx.ASGITransport(health_app(readiness, stopping, metrics, names))
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        answer = await client.get("/metrics", headers={"host": host})
        assert answer.status_code == status
        if status == 200:
            assert 'darkroom_build_info{service="worker"' in answer.text
        else:
            assert answer.json()["error"]["code"] == "host_unknown"
        assert (await client.get("/healthz", headers={"host": host})).status_code == 200
