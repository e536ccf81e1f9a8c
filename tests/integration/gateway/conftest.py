"""A gateway on a real socket, in this process on memory or MongoDB, or as a process of its own."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from services.gateway.edge.front_door import FrontDoor
from services.gateway.service import run_gateway
from services.gateway.settings import GatewaySettings
from shared.adapters.mongodb import open_documents
from shared.adapters.object_store import open_object_store
from shared.adapters.rabbitmq import open_broker
from shared.documents import Batch
from shared.messaging.messages import BatchProgressed
from shared.object_keys import STORE_MARKER_KEY
from shared.ports import Ports
from shared.running.accepting import listen
from shared.running.lifecycle import Readiness, Stopping
from shared.wiring import open_memory_ports
from tests.fakes import START, until
from tests.processes import ROOT, RunningProcess, free_port, wait_until

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(200))


@dataclass
class ServedGateway:
    """A running gateway, a client of it, and what it stands on."""

    port: int
    client: httpx.AsyncClient
    ports: Ports
    stopping: Stopping
    service: asyncio.Task[None]
    folder: Path
    settings: GatewaySettings

    async def upload(self, images: int = 2) -> str:
        """The id of a new batch."""
        files = [("files", (f"{number}.jpg", JPEG)) for number in range(images)]
        response = await self.client.post("/pipeline/batch", data={"batch_name": "holiday"}, files=files)
        batch_id: str = response.json()["data"]["batch_id"]
        return batch_id

    async def move(self, batch_id: str, **fields: object) -> Batch:
        """Change the batch as a tracker does, and hint at it."""
        batch = await self.ports.batches.change(batch_id, lambda batch: batch.changed(START, **fields))
        await self.ports.publisher.publish(BatchProgressed(batch_id=batch_id, batch_version=batch.version))
        return batch

    def files(self) -> list[Path]:
        """Everything in the object store's folder but its own marker; what vanishes meanwhile is left out."""
        found = [Path(parent, name) for parent, folders, names in os.walk(self.folder) for name in (*folders, *names)]
        return [path for path in found if path != self.folder / STORE_MARKER_KEY]


@asynccontextmanager
async def serving(
    folder: Path, settings: GatewaySettings, mongodb_url: str = "", rabbitmq_url: str = ""
) -> AsyncIterator[ServedGateway]:
    """A gateway on memory or on the servers that are given, with its objects in a folder."""
    stopping = Stopping()
    listener = listen("127.0.0.1", 0)
    port: int = listener.getsockname()[1]
    readiness, door = Readiness(), FrontDoor(settings, listener)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(door.open(readiness, stopping))
        ports = await stack.enter_async_context(open_memory_ports(open_object_store(str(folder))))
        if mongodb_url:
            stores = await stack.enter_async_context(open_documents(mongodb_url))
            ports = replace(
                ports,
                batches=stores.batches,
                manifests=stores.manifests,
                chunks=stores.chunks,
                recipes=stores.recipes,
                drafts=stores.drafts,
                appends=stores.appends,
            )
        if rabbitmq_url:
            broker = await stack.enter_async_context(open_broker(rabbitmq_url, "gateway", Readiness()))
            ports = replace(
                ports,
                publisher=broker.publisher,
                subscriber=broker.subscriber,
                queue_depths=broker.queue_depths,
                dead_letters=broker.dead_letters,
            )
        service = asyncio.create_task(run_gateway(ports, settings, stopping, readiness, door))
        await until(lambda: service.done() or "start" not in readiness.problems)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            try:
                yield ServedGateway(port, client, ports, stopping, service, folder, settings)
            finally:
                stopping.set()
                await service


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[ServedGateway]:
    """A gateway that does not wait long for anything."""
    settings = GatewaySettings(
        snapshot_interval_seconds=0.01, grace_seconds=1, max_request_bytes=8_000_000, small_file_bytes=100_000
    )
    async with serving(tmp_path / "objects", settings) as gateway:
        yield gateway


@pytest.fixture
async def brisk(tmp_path: Path) -> AsyncIterator[ServedGateway]:
    """A gateway whose streams of all batches are quick, also when no hint arrives."""
    settings = GatewaySettings(
        changes_interval_seconds=0.01, watch_refresh_seconds=0.05, system_interval_seconds=0.05, grace_seconds=1
    )
    async with serving(tmp_path / "objects", settings) as gateway:
        yield gateway


@pytest.fixture(params=["memory", "mongodb"])
def documents_url(request: pytest.FixtureRequest) -> str:
    """Where documents are kept: nowhere, and in MongoDB."""
    return "" if request.param == "memory" else str(request.getfixturevalue("mongodb_url"))


@pytest.fixture
async def sweeping(tmp_path: Path, documents_url: str) -> AsyncIterator[ServedGateway]:
    """A gateway on either whose janitor sweeps all the time, and whose streams move by hints alone."""
    settings = GatewaySettings(
        snapshot_interval_seconds=0.01,
        watch_refresh_seconds=3600,
        grace_seconds=1,
        janitor_sweep_seconds=0.02,
        tombstone_seconds=2.0,
        stale_upload_seconds=2.0,  # a busy machine may keep a renewal waiting for most of this
    )
    async with serving(tmp_path / "objects", settings, documents_url) as gateway:
        yield gateway


@dataclass
class GatewayProcess:
    """A gateway as a process."""

    base_url: str
    process: RunningProcess

    def is_ready(self) -> bool:
        """Whether it says so."""
        assert self.process.is_running, self.process.log_file.read_text()
        try:
            return httpx.get(f"{self.base_url}/readyz").is_success
        except httpx.TransportError:
            return False

    def peak_memory_bytes(self) -> int:
        """The most memory that it has had resident so far."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        [line] = [line for line in status.splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) * 1024


@pytest.fixture
def gateway_process(tmp_path: Path) -> Iterator[GatewayProcess]:
    """A gateway with its default settings, ready."""
    port = free_port()
    command = [sys.executable, str(Path(__file__).with_name("gateway_process.py")), str(tmp_path / "objects")]
    environment = {"PYTHONPATH": str(ROOT), "DARKROOM_PORT": str(port), "PATH": "/usr/bin:/bin"}
    process = RunningProcess("gateway", command, environment, tmp_path / "gateway.log")
    gateway = GatewayProcess(f"http://127.0.0.1:{port}", process)
    try:
        wait_until(gateway.is_ready, "the gateway is ready")
        yield gateway
    finally:
        process.stop()
