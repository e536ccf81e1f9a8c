"""What services need from the outside world, as small protocols; adapters and fakes implement them.

Every method that reaches outside raises a `TransientError` when the same call may work later.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.documents import (
    Batch,
    Chunk,
    ChunkTotals,
    Folding,
    ManifestEntry,
    ManifestPage,
    Priority,
    WorkerRecord,
)
from shared.messages import Message
from shared.topology import Queue, RetryStep


class Publisher(Protocol):
    """Sends messages."""

    async def publish(self, message: Message) -> None:
        """Send to whom it may concern; on return the broker has made it durable (hints are not durable).

        Raises `BrokerUnavailableError` if the broker has not confirmed in time; the message may still arrive.
        """

    async def publish_later(self, message: Message, step: RetryStep) -> None:
        """The same, delivered only after the step's delay."""


class Delivery(Protocol):
    """One message in this consumer's hands."""

    @property
    def body(self) -> bytes:
        """The message as bytes."""

    @property
    def redelivered(self) -> bool:
        """Whether an earlier consumer had it and lost it, or gave it back."""

    async def ack(self) -> None:
        """Done with: the broker may forget it. A delivery whose connection has died is left to its redelivery."""

    async def requeue(self) -> None:
        """Hand it back for another delivery."""

    async def dead_letter(self, reason: str) -> None:
        """Put it, with the reason, where people look for what nobody could read."""


class Subscription(Protocol):
    """A running consumer of one queue."""

    async def next(self) -> Delivery | None:
        """The next delivery; None after `stop`, once nothing more will come."""

    async def ack_through(self, delivery: Delivery) -> None:
        """Ack this delivery and every earlier one of this subscription, in one go."""

    async def stop(self) -> None:
        """Take no more: what was read ahead but not handed out goes back; what is in hand can still be acked."""


class Subscriber(Protocol):
    """Receives messages."""

    def subscribe(self, queue: Queue, prefetch: int) -> AbstractAsyncContextManager[Subscription]:
        """Consume a queue with at most `prefetch` unacknowledged deliveries; recovers lost connections by itself."""

    def subscribe_progress(self) -> AbstractAsyncContextManager[Subscription]:
        """Consume every `BatchProgressed` from now on, in a queue of one's own that nobody else sees."""

    async def waiting(self, queue: Queue) -> int:
        """How many messages of the queue are ready and in nobody's hands."""


class BatchStore(Protocol):
    """The batches."""

    async def add(self, batch: Batch) -> None:
        """Record a new batch; raises `DuplicateBatchError` when the id is taken."""

    async def get(self, batch_id: str) -> Batch | None:
        """The batch as last confirmed."""

    async def newest(self, limit: int) -> Sequence[Batch]:
        """Up to `limit` batches, the newest first."""

    async def unfinished(self, limit: int, after: str = "") -> Sequence[Batch]:
        """Up to `limit` unfinished batches in the order of their ids, from the one after id `after`."""

    async def change(self, batch_id: str, change: Callable[[Batch], Batch]) -> Batch:
        """Apply a pure change to the newest state and store the result, unless another writer was faster: then again.

        Answers the stored batch; raises `BatchUnknownError`. `change` may be called several times.
        """


class ManifestStore(Protocol):
    """The lists of what was uploaded."""

    async def add(self, page: ManifestPage) -> None:
        """Record a page; recording it again changes nothing."""

    async def entries(self, batch_id: str, first: int, count: int) -> Sequence[ManifestEntry]:
        """The entries with `first` <= index < `first + count`, in order."""

    async def remove(self, batch_id: str) -> None:
        """Forget every page of a batch."""


class ChunkReleases(Protocol):
    """Chunks as the chunker sees them."""

    async def add(self, chunks: Sequence[Chunk]) -> None:
        """Record chunks; one that is already recorded stays as it is."""

    async def overdue(self, now: datetime, limit: int) -> Sequence[Chunk]:
        """Up to `limit` unsettled chunks whose lease has run out, the longest overdue first."""

    async def unclaimed(self, priority: Priority) -> int:
        """How many unsettled chunks of a priority are in no worker's hands."""

    async def extend(self, chunk_ids: Sequence[str], lease_until: datetime) -> None:
        """Give unsettled chunks a new lease."""


class ChunkClaims(Protocol):
    """Chunks as a worker sees them."""

    async def claim(
        self, chunk_id: str, worker: str, now: datetime, lease_until: datetime, *, take_over: bool
    ) -> Chunk | None:
        """Take the chunk for this worker, counting one attempt, and answer it as it then is.

        None if it is unknown, settled, or in another worker's hands until after `now` (unless `take_over`: the
        broker says that the other has lost it). A lease by nobody (`worker` is None) never stands in the way.
        """

    async def renew(self, chunk_ids: Sequence[str], worker: str, lease_until: datetime) -> None:
        """Extend this worker's leases on unsettled chunks."""

    async def hand_back(self, chunk_id: str, worker: str, lease_until: datetime) -> None:
        """End this worker's claim: the chunk is in nobody's hands and due at `lease_until`."""


class ChunkOutcomes(Protocol):
    """Chunks as the tracker sees them."""

    async def fold(self, foldings: Sequence[Folding]) -> None:
        """Add outcomes to chunks, each chunk in one atomic majority write; an image's first outcome stays."""

    async def totals(self, batch_id: str, generation: int, first: int, end: int | None = None) -> ChunkTotals:
        """Sums over the generation's chunks with `first` <= number (< `end`)."""

    async def first_unsettled(self, batch_id: str, generation: int, first: int) -> int | None:
        """The lowest number >= `first` of an unsettled recorded chunk of the generation; None if there is none."""


class ChunkReader(Protocol):
    """Chunks as people see them."""

    async def overlapping(self, batch_id: str, first: int, count: int) -> Sequence[Chunk]:
        """The chunks of all generations with an image in `first` <= index < `first + count`, oldest first."""


class WorkerRegister(Protocol):
    """Who is working."""

    async def report(self, record: WorkerRecord) -> None:
        """Record how a worker is; the newest report of an id replaces the older."""

    async def seen_since(self, moment: datetime) -> Sequence[WorkerRecord]:
        """The workers that reported at `moment` or later, in the order of their ids."""


class ObjectStore(Protocol):
    """Where bytes live; keys are made from ids by `shared.documents`."""

    async def put(self, key: str, data: bytes | AsyncIterator[bytes]) -> None:
        """Store an object under the key, replacing another. A stream need not fit into memory."""

    async def get(self, key: str) -> bytes:
        """A whole object; raises `ObjectMissingError`."""

    async def stream(self, key: str) -> AsyncIterator[bytes]:
        """An object piece by piece; raises `ObjectMissingError` before the first piece."""

    async def remove_under(self, prefix: str) -> None:
        """Remove every object whose key starts with `prefix`, which ends in `/`."""


class ChunkStore(ChunkReleases, ChunkClaims, ChunkOutcomes, ChunkReader, Protocol):
    """One collection seen by four roles; a service takes the part that it needs."""


@dataclass(frozen=True)
class Ports:
    """One adapter for each port: what a service is wired with."""

    publisher: Publisher
    subscriber: Subscriber
    batches: BatchStore
    manifests: ManifestStore
    chunks: ChunkStore
    workers: WorkerRegister
    objects: ObjectStore
