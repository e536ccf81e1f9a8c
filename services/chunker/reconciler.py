"""The chunker's sweep over its own documents: what the broker lost is seen there and sent again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import timedelta
from functools import cached_property

import structlog

from services.chunker.liveness_watch import LivenessWatch
from services.chunker.overdue import Queues, is_over, lost_chunks
from services.chunker.releases import Releases
from services.chunker.scheduler import Scheduler
from services.chunker.settings import ChunkerSettings
from shared.documents import Batch, Chunk
from shared.errors import TransientError
from shared.messaging.topology import CHUNKS
from shared.ports import BatchStore, OverdueChunks, Subscriber
from shared.running.clock import Clock
from shared.running.sweeping import SweepFailures, unfinished_batches

log = structlog.get_logger()

PAGE = 100


@dataclass(frozen=True)
class ChunkerReconciler:
    """Finds batches whose release stopped half-way and chunks that were lost."""

    scheduler: Scheduler
    releases: Releases
    batches: BatchStore
    chunks: OverdueChunks
    subscriber: Subscriber
    clock: Clock
    settings: ChunkerSettings
    _: KW_ONLY
    page: int = PAGE

    @cached_property
    def _liveness(self) -> LivenessWatch:
        return LivenessWatch(self.settings.silence_seconds)

    async def sweep(self) -> None:
        """Look once, and send again what is missing."""
        failures = SweepFailures()
        try:
            inactive = await self._release_forgotten_batches(failures)
            while overdue := await self._overdue():
                await self._look_after(overdue, inactive, failures)
        except TransientError:
            # No holder could renew its lease while the database was away.
            self._liveness.forget_all()
            raise
        failures.raise_all()

    async def _overdue(self) -> Sequence[Chunk]:
        now = self.clock()
        return await self.chunks.overdue(now, self.page, self._liveness.watched(now))

    async def _release_forgotten_batches(self, failures: SweepFailures) -> Collection[str]:
        """Release what should have been; answers the batches of which nothing is to be developed at present.

        A batch that has waited for long is forgotten only if there is room for it, which the scheduler knows.
        """
        quiet_since = self.clock() - timedelta(seconds=self.settings.queued_lease_seconds)
        active, inactive, has_quiet = set(), set(), False
        async for batch in unfinished_batches(self.batches, self.page):
            if not batch.may_be_developed:
                inactive.add(batch.id)
                self.scheduler.forget(batch.id)
                continue
            active.add(batch.id)
            # Until the relay has its message confirmed, a batch is the relay's.
            if batch.dispatched_at:
                self.scheduler.note(batch)
                has_quiet |= batch.updated_at < quiet_since and batch.released_chunks < batch.total_chunks
        self.scheduler.keep(active)
        if has_quiet:
            await self.scheduler.release(failures)
        return inactive

    async def _look_after(self, overdue: Sequence[Chunk], inactive: Collection[str], failures: SweepFailures) -> None:
        """Deal with overdue chunks so that none of them is overdue any more, but for those that are watched."""
        now = self.clock()
        deserted = [chunk for chunk in overdue if chunk.worker is None or self._liveness.observe(chunk, now)]
        batches = await self._batches_of(deserted, failures)
        over, alive, idle = [], [], []
        for chunk in deserted:
            batch = batches.get(chunk.batch_id)
            if chunk.batch_id in batches and is_over(chunk, batch):
                over.append(chunk)
            elif batch is not None and batch.may_be_developed:
                alive.append((chunk, batch))
            else:
                idle.append(chunk)
        await self._revoke_late(over)
        await self._postpone(idle)
        await self._send_lost_again(alive, inactive)

    async def _batches_of(self, chunks: Sequence[Chunk], failures: SweepFailures) -> Mapping[str, Batch | None]:
        """The batches by id, without those that cannot be read."""
        batches: dict[str, Batch | None] = {}
        for batch_id in dict.fromkeys(chunk.batch_id for chunk in chunks):
            with failures.put_off(batch_id):
                batches[batch_id] = await self.batches.get(batch_id)
        return batches

    async def _revoke_late(self, over: Sequence[Chunk]) -> None:
        """Settle chunks that were recorded by a chunker which had read their batch before it ended."""
        if over:
            log.info("late_chunks_revoked", chunks=len(over), first_chunk_id=over[0].id)
            await self.chunks.revoke_rest([chunk.id for chunk in over], self.clock())

    async def _postpone(self, idle: Sequence[Chunk]) -> None:
        """Leave chunks of paused and stopped batches alone for a while: they are published again when one resumes."""
        claimed = [chunk for chunk in idle if chunk.worker is not None]
        # Sooner, as a batch that is resumed at this moment has missed them.
        await self._extend(await self._expire_claims(claimed), self.settings.queued_lease_seconds)
        await self._extend([c for c in idle if c.worker is None], self.settings.stalled_batch_seconds)

    async def _send_lost_again(self, alive: Sequence[tuple[Chunk, Batch]], inactive: Collection[str]) -> None:
        if not alive:
            return
        queues = Queues(
            waiting={priority: await self.subscriber.waiting(queue) for priority, queue in CHUNKS.items()},
            unclaimed={p: await self.chunks.unclaimed(p, self.clock(), inactive) for p in CHUNKS},
        )
        stalled_since = self.clock() - timedelta(seconds=self.settings.stalled_batch_seconds)
        found = lost_chunks(alive, queues, stalled_since)
        first, behind = await self._expire_claims(found.first), await self._expire_claims(found.behind)
        lost = {chunk.id for chunk in (*found.first, *found.behind)}
        queued = [chunk for chunk, _ in alive if chunk.id not in lost]
        await self._extend([*first, *queued], self.settings.queued_lease_seconds)
        # Sent again behind others in its queue, a chunk needs longer than one whose queue was as good as empty.
        await self._extend(behind, self.settings.stalled_batch_seconds)
        if first or behind:
            sent = [*first, *behind]
            lost_workers = sum(chunk.worker is not None for chunk in sent)
            # Behind others, with no worker lost, they may only have waited: a precaution in a long backlog.
            write = log.warning if first or lost_workers else log.info
            write("chunks_sent_again", chunks=len(sent), lost_workers=lost_workers, first_chunk_id=sent[0].id)
            # Last, so that a worker that claims at once keeps its own lease.
            await self.releases.publish_again(sent)

    async def _expire_claims(self, lost: Sequence[Chunk]) -> Sequence[Chunk]:
        """End the claims of lost workers, counting each loss; answers the chunks that have not changed hands since.

        With a claim left, the new lease would keep all others from claiming.
        """
        now = self.clock()
        return [
            chunk
            for chunk in lost
            if chunk.worker is None or await self.chunks.expire_claim(chunk.id, chunk.worker, now)
        ]

    async def _extend(self, chunks: Sequence[Chunk], seconds: float) -> None:
        if chunks:
            await self.chunks.extend([chunk.id for chunk in chunks], self.clock() + timedelta(seconds=seconds))
