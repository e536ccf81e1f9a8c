"""Several gateways on the same stores, each of which may be killed at any call; the clock dates the objects as well."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, cast

from services.gateway.settings import GatewaySettings
from services.gateway.uploading.multipart_parts import PartBegan, PartEnded, PartEvent
from services.gateway.wiring import GatewayParts
from shared.adapters.memory_broker import MemoryBroker
from shared.adapters.memory_documents import MemoryDocuments
from shared.documents import Batch, Chunk, ManifestEntry, ManifestPage
from shared.errors import ObjectMissingError
from shared.object_keys import original_key, print_key
from shared.ports import ObjectStore, Ports, StoredObject
from shared.running.clock import Clock
from shared.running.lifecycle import Readiness, Stopping
from tests.fakes import START, Crash, RecordingPublisher, SteppingClock, new_batch
from tests.unit.gateway.conftest import JPEG

BATCH = "3f0f4a52-8a51-4bd8-9d52-4f4f6f1b9c11"
OTHER = "7a1c2b3d-0000-4000-8000-000000000001"


class DatedObjects:
    """An `ObjectStore` that is a dictionary."""

    def __init__(self, clock: Clock) -> None:
        self.stored: dict[str, bytes] = {}
        self.dates: dict[str, datetime] = {}
        self._clock = clock

    async def check(self) -> None:
        """See `ObjectStore`; it is always there."""

    async def mark(self) -> None:
        """See `ObjectStore`."""

    async def put(self, key: str, data: bytes | AsyncIterator[bytes]) -> None:
        """See `ObjectStore`."""
        whole = data if isinstance(data, bytes) else b"".join([piece async for piece in data])
        await asyncio.sleep(0)
        self.stored[key] = whole
        self.dates[key] = self._clock()

    async def get(self, key: str) -> bytes:
        """See `ObjectStore`."""
        await asyncio.sleep(0)
        if key not in self.stored:
            raise ObjectMissingError(f"not found: {key}")
        return self.stored[key]

    async def stream(self, key: str, size_bytes: int | None = None) -> AsyncIterator[bytes]:
        """Nobody streams here."""
        raise NotImplementedError(key)

    async def remove_under(self, prefix: str) -> None:
        """See `ObjectStore`."""
        await asyncio.sleep(0)
        for key in [key for key in self.stored if key.startswith(prefix)]:
            del self.stored[key]

    async def remove(self, key: str) -> None:
        """See `ObjectStore`."""
        await asyncio.sleep(0)
        self.stored.pop(key, None)

    async def listed(self, prefix: str) -> AsyncIterator[StoredObject]:
        """See `ObjectStore`."""
        await asyncio.sleep(0)
        for key in [key for key in self.stored if key.startswith(prefix)]:
            yield StoredObject(key, self.dates[key])


class _WatchedObjects:
    """Objects whose every call may be the last; a listing is no single call."""

    def __init__(self, objects: DatedObjects, crash: Crash) -> None:
        self._watched = crash.watch(objects)
        self.listed = objects.listed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._watched, name)


class Stage:
    """The stores, and gateways on them."""

    def __init__(self) -> None:
        self.clock = SteppingClock()
        self.documents = MemoryDocuments()
        self.objects = DatedObjects(self.clock)
        self.publisher = RecordingPublisher()
        self.settings = GatewaySettings()

    def gateway(self, crash: Crash | None = None) -> GatewayParts:
        """Another gateway, without its background work, which may end as ordered."""
        crash = crash or Crash(-1, "before")
        broker = MemoryBroker()
        ports = Ports(
            publisher=crash.watch(self.publisher),
            subscriber=broker.subscriber,
            batches=crash.watch(self.documents.batches),
            manifests=crash.watch(self.documents.manifests),
            chunks=crash.watch(self.documents.chunks),
            workers=self.documents.workers,
            recipes=crash.watch(self.documents.recipes),
            cost_models=self.documents.cost_models,
            drafts=crash.watch(self.documents.drafts),
            appends=crash.watch(self.documents.appends),
            objects=cast("ObjectStore", _WatchedObjects(self.objects, crash)),
            statistics=crash.watch(self.documents.statistics),
            queue_depths=broker.queue_depths,
            dead_letters=broker.dead_letters,
        )
        return GatewayParts(ports, self.settings, Readiness(), Stopping(), self.clock)

    async def batch(self, batch_id: str = BATCH) -> Batch | None:
        """The batch as it is recorded."""
        return await self.documents.batches.get(batch_id)

    async def record_finished(self, batch_id: str = BATCH) -> None:
        """A finished batch of one image with everything that is stored of it."""
        batch = new_batch(batch_id, total_images=1).changed(START, status="SUCCESS", completed_images=1)
        await self.documents.batches.add(batch)
        await self.store(batch_id)

    async def store(self, batch_id: str = BATCH) -> None:
        """Whatever there may be of a batch beside its own document."""
        await self.objects.put(original_key(batch_id, 0), b"original")
        await self.objects.put(print_key(batch_id, 0, "web", "jpg"), b"print")
        entries = (ManifestEntry(index=0, name="a.jpg", size_bytes=8),)
        await self.documents.manifests.add(ManifestPage(batch_id=batch_id, page=0, entries=entries))
        await self.documents.chunks.add([Chunk(batch_id=batch_id, number=0, indexes=(0,), lease_until=START)])

    async def is_empty(self, batch_id: str = BATCH) -> bool:
        """Whether nothing but perhaps its own document is left of a batch."""
        return not (
            [key for key in self.objects.stored if batch_id in key]
            or await self.documents.manifests.entries(batch_id, 0, 10)
            or await self.documents.chunks.overlapping(batch_id, 0, 10)
        )

    async def is_whole(self, batch_id: str = BATCH) -> bool:
        """Whether the images that a recorded batch counts are there, and no mark of its upload."""
        batch = await self.batch(batch_id)
        entries = await self.documents.manifests.entries(batch_id, 0, 10)
        keys = {key for key in self.objects.stored if batch_id in key}
        return (
            batch is not None
            and not batch.deleted_at
            and len(entries) == batch.total_images
            and keys == {original_key(batch_id, index) for index in range(batch.total_images)}
        )


async def parts(
    files: int = 2, *, name: bytes = b"holiday", stall: asyncio.Event | None = None
) -> AsyncIterator[PartEvent]:
    """An upload of so many files, which waits before the last one until it may go on."""
    yield PartBegan("batch_name", None)
    yield name
    yield PartEnded()
    for number in range(files):
        if stall is not None and number == files - 1:
            await stall.wait()
        yield PartBegan("files", f"{number}.jpg")
        yield JPEG
        yield PartEnded()
