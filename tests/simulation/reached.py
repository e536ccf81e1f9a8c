"""The stores as one simulated process reaches them: every call goes through its `Life`."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, cast

from shared.documents import Chunk
from shared.ports import (
    AppendStore,
    BatchStore,
    ChunkStore,
    CostModels,
    DraftStore,
    ManifestStore,
    ObjectStore,
    RecipeStore,
    StatisticsStore,
    StoredObject,
    WorkerRegister,
)
from tests.simulation.chance import Server
from tests.simulation.ledger import Ledger
from tests.simulation.lives import Life
from tests.simulation.stores import ObservedChunks, SimulatedObjects
from tests.simulation.work import Work


class _Reached:
    """A store seen through a life: each of its coroutine methods is one call to a server."""

    def __init__(self, life: Life, server: Server, store: object) -> None:
        self._life = life
        self._server = server
        self._store = store

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)

        async def reached(*args: Any, **kwargs: Any) -> Any:
            what = f"{name} {args[0]}" if args and isinstance(args[0], str) else name
            return await self._life.reach(self._server, what, partial(method, *args, **kwargs))

        setattr(self, name, reached)  # made once
        return reached


class _ReachedChunks(_Reached):
    """The chunks through a life; what concerns claims is noted as it happens."""

    def __init__(self, life: Life, store: ObservedChunks, work: Work, ledger: Ledger) -> None:
        super().__init__(life, "documents", store)
        self._chunks = store
        self._work = work
        self._ledger = ledger

    async def claim(self, chunk_id: str, worker: str, *args: Any, **kwargs: Any) -> Chunk | None:
        """See `ChunkClaims`."""

        async def effect() -> Chunk | None:
            chunk = await self._chunks.claim(chunk_id, worker, *args, **kwargs)
            self._work.claimed(self._life, worker, chunk)
            if chunk is None:
                self._ledger.refused(chunk_id)
            return chunk

        return await self._life.reach("documents", f"claim {chunk_id}", effect)

    async def unclaimed_of(self, *args: Any) -> Sequence[Chunk]:
        """See `ChunkReleases`; whoever asks for these is about to publish them."""

        async def effect() -> Sequence[Chunk]:
            found = await self._chunks.unclaimed_of(*args)
            for chunk in found:
                self._work.judge_backoff(self._life, "publishes", chunk.id)
            return found

        return await self._life.reach("documents", "unclaimed_of", effect)

    async def renew(self, chunk_ids: Sequence[str], worker: str, lease_until: datetime) -> None:
        """See `ChunkClaims`."""

        async def effect() -> None:
            await self._chunks.renew(chunk_ids, worker, lease_until)
            self._work.renewed(worker, chunk_ids)

        await self._life.reach("documents", "renew", effect)

    async def release_claim(self, chunk_id: str, worker: str, *args: Any, retries: int = 0, **kwargs: Any) -> None:
        """See `ChunkClaims`."""

        async def effect() -> None:
            self._work.parts(self._life, chunk_id)
            chunk = self._chunks.now(chunk_id)
            if chunk is not None and chunk.worker == worker:
                self._work.puts_off(self._life, chunk_id, retries)
            await self._chunks.release_claim(chunk_id, worker, *args, retries=retries, **kwargs)

        await self._life.reach("documents", f"release_claim {chunk_id}", effect)


class _ReachedObjects(_Reached):
    """The objects through a life."""

    def __init__(self, life: Life, store: SimulatedObjects, work: Work) -> None:
        super().__init__(life, "objects", store)
        self._objects = store
        self._work = work

    async def get(self, key: str) -> bytes:
        """See `ObjectStore`."""
        return await self._life.reach("objects", f"get {key}", partial(self._objects.get, key), self._failing(key))

    async def put(self, key: str, data: bytes | AsyncIterator[bytes]) -> None:
        """See `ObjectStore`."""
        await self._life.reach("objects", f"put {key}", partial(self._objects.put, key, data), self._failing(key))

    def _failing(self, key: str) -> Callable[[], None]:
        return partial(self._work.object_failed, self._life, key, self._objects.indexes.get(key))

    async def listed(self, prefix: str) -> AsyncIterator[StoredObject]:
        """See `ObjectStore`."""

        async def effect() -> Sequence[StoredObject]:
            return [found async for found in self._objects.listed(prefix)]

        for found in await self._life.reach("objects", f"listed {prefix}", effect):
            yield found


def reached_batches(life: Life, store: object) -> BatchStore:
    """Batches through a life."""
    return cast("BatchStore", _Reached(life, "documents", store))


def reached_manifests(life: Life, store: object) -> ManifestStore:
    """Manifests through a life."""
    return cast("ManifestStore", _Reached(life, "documents", store))


def reached_drafts(life: Life, store: object) -> DraftStore:
    """Drafts through a life."""
    return cast("DraftStore", _Reached(life, "documents", store))


def reached_appends(life: Life, store: object) -> AppendStore:
    """Appends through a life."""
    return cast("AppendStore", _Reached(life, "documents", store))


def reached_recipes(life: Life, store: object) -> RecipeStore:
    """Stored recipes through a life."""
    return cast("RecipeStore", _Reached(life, "documents", store))


def reached_cost_models(life: Life, store: object) -> CostModels:
    """Cost models through a life."""
    return cast("CostModels", _Reached(life, "documents", store))


def reached_workers(life: Life, store: object) -> WorkerRegister:
    """The register of workers through a life."""
    return cast("WorkerRegister", _Reached(life, "documents", store))


def reached_chunks(life: Life, store: ObservedChunks, work: Work, ledger: Ledger) -> ChunkStore:
    """Chunks through a life."""
    return cast("ChunkStore", _ReachedChunks(life, store, work, ledger))


def reached_statistics(life: Life, store: object) -> StatisticsStore:
    """The statistics through a life."""
    return cast("StatisticsStore", _Reached(life, "documents", store))


def reached_objects(life: Life, store: SimulatedObjects, work: Work) -> ObjectStore:
    """Objects through a life."""
    return cast("ObjectStore", _ReachedObjects(life, store, work))
