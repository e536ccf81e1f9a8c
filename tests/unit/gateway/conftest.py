"""A gateway on memory, spoken to over HTTP without a network."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cache

import httpx
import pytest
from fastapi import FastAPI

from services.gateway.app import bare_app
from services.gateway.edge.stack import behind_edge
from services.gateway.settings import GatewaySettings
from services.gateway.wiring import GatewayParts
from shared.adapters.memory_broker import MemoryBroker
from shared.adapters.memory_documents import MemoryDocuments
from shared.adapters.object_store import open_object_store
from shared.object_keys import STORE_MARKER_KEY
from shared.ports import Ports
from shared.running.lifecycle import Readiness, Stopping
from tests.fakes import RecordingPublisher, SteppingClock

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(200))
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(200))
WEBP = b"RIFF\x10\x00\x00\x00WEBPVP8 " + bytes(range(200))


@dataclass
class Gateway:
    """A gateway under test, what it stands on, and a client of it."""

    parts: GatewayParts
    ports: Ports
    publisher: RecordingPublisher
    broker: MemoryBroker
    clock: SteppingClock
    client: httpx.AsyncClient

    async def upload(
        self,
        *files: tuple[str, bytes],
        fields: dict[str, str | bytes] | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Post a batch named `holiday` (or with the given fields) with these files."""
        form = {"batch_name": "holiday"} if fields is None else fields
        parts: list[tuple[str, tuple[str | None, bytes]]] = [
            (name, (None, value if isinstance(value, bytes) else value.encode())) for name, value in form.items()
        ]
        parts += [("files", file) for file in files]
        if not parts:
            parts = [("unrelated", (None, b""))]
        return await self.client.post("/pipeline/batch", files=parts, headers=headers)

    async def is_empty(self) -> bool:
        """Whether nothing of any upload was left behind."""
        return not await self.ports.batches.newest(1) and not self.stored_keys()

    def stored_keys(self) -> list[str]:
        """Every object's key, but for the store's own marker."""
        backend = self.ports.objects._backend  # type: ignore[attr-defined]  # the port has no listing, nor needs one
        keys = {entry["path"] for page in backend.list() for entry in page}
        return sorted(keys - {STORE_MARKER_KEY})


@pytest.fixture
def settings() -> GatewaySettings:
    """The defaults, with sizes that a test can reach."""
    return GatewaySettings(
        max_chunk_size=50,
        max_files=1500,
        max_file_bytes=100_000,
        max_request_bytes=2_000_000,
        small_file_bytes=20_000,
    )


@cache
def application(settings: GatewaySettings) -> FastAPI:
    """The application with these settings, which has read its routes after the first request: that takes 60 ms."""
    return bare_app(settings)


@pytest.fixture
async def gateway(settings: GatewaySettings) -> AsyncIterator[Gateway]:
    """A gateway whose background work is not running."""
    publisher, clock, documents, broker = RecordingPublisher(), SteppingClock(), MemoryDocuments(), MemoryBroker()
    ports = Ports(
        publisher=publisher,
        subscriber=broker.subscriber,
        batches=documents.batches,
        manifests=documents.manifests,
        chunks=documents.chunks,
        workers=documents.workers,
        recipes=documents.recipes,
        cost_models=documents.cost_models,
        drafts=documents.drafts,
        appends=documents.appends,
        objects=open_object_store("memory://"),
        statistics=documents.statistics,
        queue_depths=broker.queue_depths,
        dead_letters=broker.dead_letters,
    )
    await ports.objects.mark()
    parts = GatewayParts(ports, settings, Readiness(), Stopping(), clock)
    app = application(settings)
    app.state.gateway = parts
    edge = behind_edge(app, settings, "127.0.0.1")
    transport = httpx.ASGITransport(edge, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield Gateway(parts, ports, publisher, broker, clock, client)


@pytest.fixture
def jpeg() -> bytes:
    """Bytes that begin like a JPEG."""
    return JPEG


@pytest.fixture
def png() -> bytes:
    """Bytes that begin like a PNG."""
    return PNG


@pytest.fixture
def webp() -> bytes:
    """Bytes that begin like a WebP."""
    return WEBP
