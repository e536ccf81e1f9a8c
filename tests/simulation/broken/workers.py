"""Workers broken on purpose."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from typing_extensions import override

from services.worker.chunks.admission import Admission
from services.worker.chunks.claims import Claims
from services.worker.chunks.images import ImageDeveloper, ImageEngine, MayBegin
from services.worker.chunks.work import ChunkWork, Developing
from services.worker.chunks.work_periods import WorkPeriods
from services.worker.handlers import WorkerHandlers
from services.worker.imaging.prints import DevelopedImage
from shared.documents import Batch, Chunk, Outcome
from shared.messaging.messages import ChunkReady, ImageFailed
from shared.ports import ManifestStore, ObjectStore
from shared.recipes import Recipe
from shared.scheduling import FairQueue, Flow
from shared.scheduling.node import Node


class ForgetfulHandlers(WorkerHandlers):
    """A worker that loses count of its retries."""

    @override
    async def _try_again(self, message: ChunkReady, work: ChunkWork, cause: Exception) -> None:
        fresh = replace(work, chunk=work.chunk.model_copy(update={"retries": 0}))
        await super()._try_again(message.model_copy(update={"attempt": 0}), fresh, cause)


class ImpatientHandlers(WorkerHandlers):
    """A worker that gives a chunk up at its first failure."""

    @override
    async def _try_again(self, _message: ChunkReady, work: ChunkWork, cause: Exception) -> None:
        await self._give_up(work, "storage_unavailable", str(cause))


class KeepingHandlers(WorkerHandlers):
    """A worker that does not part with the chunks of a batch that rests."""

    @override
    async def _leave(self, chunk: Chunk) -> None:
        """Look away."""


def everything_again(work: ChunkWork) -> Sequence[int]:
    """`ChunkWork.unfinished_indexes`, but with the images that have an outcome."""
    return work.chunk.indexes


class BlindImages(ImageDeveloper):
    """A worker that does not read in the manifest why an original was never stored."""

    @override
    async def _failed_without_original(self, chunk: Chunk, index: int) -> ImageFailed:
        return self.failed(chunk, index, "original_missing", "gone")


class ThoughtlessClaims(Claims):
    """A worker that takes chunks from others without a look at whether they live."""

    @override
    async def _shows_no_life(self, _held: Chunk) -> bool:
        return True


class HurriedClaims(Claims):
    """A worker that claims a chunk whatever backoff it waits out."""

    @override
    async def _claim(self, chunk_id: str, found_lost: Chunk | None = None) -> Chunk | None:
        return await self._chunks.claim(chunk_id, self.holder, self.later(3600), self._until(), found_lost=found_lost)


class LapsingClaims(Claims):
    """A worker that renews no lease."""

    @override
    async def renew(self) -> None:
        """Look away."""


class LosingClaims(Claims):
    """A worker that parts with a chunk without making durable what it knows of it."""

    @override
    async def keep(self, chunk_id: str, outcomes: Mapping[int, Outcome]) -> None:
        """Look away."""


class UnremarkedSuspects(Claims):
    """A worker that leaves no word about its suspects."""

    @override
    async def suspect(self, _chunk_id: str, _index: int | None) -> bool:
        """Say that it was done."""
        return True


class LastingSuspicion(Developing):
    """A worker that does not take its word about a suspect back."""

    @override
    async def _clear_suspicion(self, chunk: Chunk, index: int) -> None:
        """Look away."""


class RestlessAdmission(Admission):
    """A worker that goes on with batches that were paused or stopped."""

    @override
    async def admit(self, chunk: Chunk) -> Batch:
        """Look at the batch as it once was."""
        batch = await self._recent_batches.newest(chunk.batch_id)
        assert batch is not None
        return batch


class UnaskedImages(ImageDeveloper):
    """A worker that does not look at the batch again when a child is free for the image."""

    def __init__(
        self,
        admission: Admission,
        objects: ObjectStore,
        manifests: ManifestStore,
        engine: ImageEngine,
        worker_id: str,
        periods: WorkPeriods,
    ) -> None:
        unasking = cast("ImageEngine", _UnaskingEngine(engine))
        super().__init__(admission, objects, manifests, unasking, worker_id, periods)


class _UnaskingEngine:
    def __init__(self, engine: ImageEngine) -> None:
        self._inner = engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def develop(self, data: bytes, recipe: Recipe, _may_begin: MayBegin) -> DevelopedImage:
        async def always() -> None:
            pass

        return await self._inner.develop(data, recipe, always)


class HastyImages(ImageDeveloper):
    """A worker that tells of prints without having seen them stored."""

    def __init__(
        self,
        admission: Admission,
        objects: ObjectStore,
        manifests: ManifestStore,
        engine: ImageEngine,
        worker_id: str,
        periods: WorkPeriods,
    ) -> None:
        unwritten = cast("ObjectStore", _UnwrittenObjects(objects))
        super().__init__(admission, unwritten, manifests, engine, worker_id, periods)


class _UnwrittenObjects:
    def __init__(self, objects: object) -> None:
        self._inner = objects

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def put(self, _key: str, _data: object) -> None:
        return None


def child_with_credit(node: Node, name: str, weight: float) -> Node:
    """`Node._child`, but one that slept begins where all once began."""
    if name not in node.children:
        node.children[name] = Node(weight)
        node._asleep.add(0.0, name)
    return node.children[name]


class FirstCome(FairQueue):
    """A queue that serves the flow that has waited for longest until nothing of it waits."""

    def __init__(self) -> None:
        super().__init__()
        self._awake: dict[Flow, None] = {}

    @override
    def wake(self, flow: Flow) -> None:
        self._awake[flow] = None

    @override
    def sleep(self, flow: Flow) -> None:
        self._awake.pop(flow, None)

    @override
    def next(self) -> Flow | None:
        return next(iter(self._awake), None)
