"""A whole Darkroom in this process, on memory and without pixels, with its metrics."""

import asyncio

import httpx

from darkroom.embedded import run_pipeline
from services.gateway.edge.front_door import FrontDoor
from services.gateway.service import run_gateway
from services.gateway.settings import GatewaySettings
from services.worker.imaging.failures import ImageRejected
from services.worker.metrics import LostChildren
from shared.adapters.measured_ports import measured_ports
from shared.adapters.object_store import open_object_store
from shared.failure_codes import FailureCode
from shared.metrics.process import process_metrics
from shared.running.accepting import listen
from shared.running.lifecycle import Readiness, Stopping
from shared.wiring import open_memory_ports
from tests.fakes import FakeImageEngine, until

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(200))
BAD = JPEG + b"bad"


async def exposition_after_a_batch() -> str:
    """What Prometheus reads of a system that has developed two images and failed on one."""
    settings, stopping, listener = GatewaySettings(), Stopping(), listen("127.0.0.1", 0)
    readiness, door = Readiness(), FrontDoor(settings, listener)
    metrics = process_metrics("serve", lambda: readiness.parts)
    metrics.registry.register(LostChildren({}))
    async with (
        open_memory_ports(open_object_store("memory://")) as bare,
        door.open(readiness, stopping),
        asyncio.TaskGroup() as tasks,
    ):
        ports = measured_ports(bare, metrics)
        await ports.objects.mark()
        tasks.create_task(run_gateway(ports, settings, stopping, readiness, door))
        engine = FakeImageEngine()
        engine.instead[BAD] = ImageRejected(FailureCode.UNREADABLE)
        tasks.create_task(run_pipeline(ports, engine, stopping, readiness))
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=60) as client:
            await until(lambda: _is_ready(client))
            await _develop(client)
            text, _ = await metrics.exposition()
        stopping.set()
    return text.decode()


async def _is_ready(client: httpx.AsyncClient) -> bool:
    return (await client.get("/readyz")).is_success


async def _develop(client: httpx.AsyncClient) -> None:
    """Upload, and watch until the end."""
    files = [("files", (f"{number}.jpg", data)) for number, data in enumerate((JPEG, JPEG + b"x", BAD))]
    answer = await client.post("/pipeline/batch", data={"batch_name": "measured"}, files=files)
    events = await client.get(f"/pipeline/batch/{answer.json()['data']['context_id']}/events")
    assert "event: finished" in events.text
