"""What services need of the chunks: one collection seen by its users."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from shared.documents import Chunk, ChunkSummary, ChunkTotals, Folding, HeldChunks, Priority


class ChunkReader(Protocol):
    """Chunks as they are."""

    async def get(self, chunk_id: str) -> Chunk | None:
        """The chunk as it is."""

    async def overlapping(self, batch_id: str, first: int, count: int) -> Sequence[Chunk]:
        """The chunks of all generations with an image in `first` <= index < `first + count`, oldest first."""

    async def sketched(self, batch_id: str, first: int, count: int) -> Sequence[Chunk]:
        """As `overlapping`, with what a small picture of those images needs, and perhaps no more.

        These are the outcomes of those images: state, code and prints, of the original width, height and format, and of
        its readings the BlurHash and the largest colour.
        """

    async def failing(self, batch_id: str, code: str, limit: int) -> Sequence[Chunk]:
        """Up to `limit` chunks with images that failed with that code, the latest first.

        They have the outcomes of those images, and perhaps no others. What versions without counts by code have folded
        is not found.
        """

    async def summaries(
        self, batch_id: str, first: tuple[int, int], last_generation: int, limit: int
    ) -> Sequence[ChunkSummary]:
        """Up to `limit` chunks of generations up to the last in the order of generation and number, from `first` on."""


class ChunkReleases(Protocol):
    """Chunks as the chunker releases them."""

    async def add(self, chunks: Sequence[Chunk]) -> None:
        """Record chunks; one that is already recorded stays as it is."""

    async def unclaimed_of(self, batch_id: str, generation: int, now: datetime, limit: int) -> Sequence[Chunk]:
        """Up to `limit` unsettled chunks of a generation, in no worker's hands and in no backoff at `now`.

        The lowest numbers come first.
        """

    async def extend(self, chunk_ids: Sequence[str], lease_until: datetime) -> None:
        """Give unsettled chunks a new lease."""

    async def held(self, now: datetime) -> Sequence[HeldChunks]:
        """What wait or are in hand of all unsettled chunks, by batch and holder; none that backs off at `now`."""


class OverdueChunks(Protocol):
    """Chunks as the chunker looks after them."""

    async def overdue(self, now: datetime, limit: int, exclude: Collection[str] = ()) -> Sequence[Chunk]:
        """Up to `limit` unsettled chunks whose lease has run out, the longest overdue first.

        Those whose ids are in `exclude`, some hundreds at most, are left out.
        """

    async def unclaimed(self, priority: Priority, now: datetime, exclude: Collection[str] = ()) -> int:
        """How many unsettled chunks of a priority could be claimed: in no worker's hands, and in no backoff at `now`.

        Those of the batches `exclude` are left out.
        """

    async def expire_claim(self, chunk_id: str, worker: str, now: datetime) -> bool:
        """End the claim of a worker that is lost (its lease is over at `now`) and count the loss; it is then due.

        False if it was settled, handed back, claimed by another or renewed meanwhile.
        """

    async def extend(self, chunk_ids: Sequence[str], lease_until: datetime) -> None:
        """As in `ChunkReleases`."""

    async def revoke_rest(self, chunk_ids: Sequence[str], now: datetime | None = None) -> None:
        """As in `ChunkEndings`."""


class WaitingChunks(Protocol):
    """Chunks as people see them who wait."""

    async def oldest_waiting(self, priority: Priority, now: datetime, exclude: Collection[str] = ()) -> Chunk | None:
        """The unsettled chunk of a priority that was released first of those that could be claimed at `now`.

        Those of the batches `exclude` are left out, and those of which it is not recorded when they were released.
        """


class ChunkClaims(Protocol):
    """Chunks as a worker holds them."""

    async def claim(
        self, chunk_id: str, worker: str, now: datetime, lease_until: datetime, *, found_lost: Chunk | None = None
    ) -> Chunk | None:
        """Take the chunk for this worker, counting one attempt, and answer it as it then is (`Chunk.claimed`).

        None if it is unknown, settled, or in another worker's hands, unless it is still in the same hands with the same
        lease as in `found_lost`: watched by the caller, who saw no sign of life. Whether the lease has run out makes no
        difference: it may say that the database was away. A lease without a worker never stands in the way,
        but a backoff does that is not over at `now` (`Chunk.backs_off`).
        """

    async def suspect(self, chunk_id: str, worker: str, index: int | None) -> bool:
        """Note that this worker begins an image with nothing beside it, or None when that has ended.

        False if the chunk is not this worker's own any more.
        """

    async def unsettled_among(self, chunk_ids: Sequence[str]) -> Sequence[str]:
        """Those of the ids whose chunks are recorded and not settled."""

    async def renew(self, chunk_ids: Sequence[str], worker: str, lease_until: datetime) -> None:
        """Extend this worker's leases on unsettled chunks."""

    async def release_claim(
        self,
        chunk_id: str,
        worker: str,
        lease_until: datetime,
        *,
        retries: int = 0,
        not_before: datetime | None = None,
    ) -> None:
        """End this worker's claim: the chunk is unclaimed and due at `lease_until` (`Chunk.claim_released`).

        With `not_before` it waits out a backoff until then.
        """


class ChunkOutcomes(Protocol):
    """Chunks as results reach them."""

    async def fold(self, foldings: Sequence[Folding], now: datetime | None = None) -> None:
        """Add outcomes to chunks, each chunk in one atomic majority write; an image's first outcome stays.

        `now` is recorded of the chunks that settle by it.
        """

    async def totals(self, batch_id: str, generation: int, first: int, end: int | None = None) -> ChunkTotals:
        """Sums over the generation's chunks with `first` <= number (< `end`)."""

    async def first_unsettled(self, batch_id: str, generation: int, first: int) -> int | None:
        """The lowest number >= `first` of an unsettled recorded chunk of the generation; None if there is none."""


class ChunkEndings(Protocol):
    """Chunks as the tracker ends stopped batches."""

    async def unsettled(self, batch_id: str, generation: int, limit: int) -> Sequence[str]:
        """The ids of up to `limit` unsettled recorded chunks of a generation.

        What becomes of all others is in `totals` from then on.
        """

    async def in_hand(self, batch_id: str, generation: int, now: datetime) -> bool:
        """Whether a worker holds an unsettled chunk of the generation under a lease that is not over at `now`."""

    async def revoke_rest(self, chunk_ids: Sequence[str], now: datetime | None = None) -> None:
        """Revoke every image without an outcome in these chunks, each chunk in one atomic majority write.

        `now` is recorded of the chunks that settle by it.
        """

    async def totals(self, batch_id: str, generation: int, first: int, end: int | None = None) -> ChunkTotals:
        """As in `ChunkOutcomes`."""


class ChunkStore(
    ChunkReader, ChunkReleases, OverdueChunks, WaitingChunks, ChunkClaims, ChunkOutcomes, ChunkEndings, Protocol
):
    """The chunks as a whole; a user takes the part that it needs."""

    async def remove(self, batch_id: str) -> None:
        """Forget every chunk of a batch."""
