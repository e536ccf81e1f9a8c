"""Removes what is stored of deleted batches and expired proofs, and what killed gateways left of uploads."""

from contextlib import suppress
from datetime import timedelta

import structlog

from services.gateway.background.outbox import Outbox
from shared.documents import Batch
from shared.errors import BatchUnknownError, DuplicateBatchError, ObjectMissingError
from shared.object_keys import UPLOADS_PREFIX, marked_batch_id, originals_prefix, results_prefix, upload_marker_key
from shared.ports import Ports
from shared.running.clock import Clock
from shared.running.lifecycle import Stopping
from shared.running.sweeping import SweepFailures, pages

log = structlog.get_logger()

PURGED_AT_ONCE = 4
"""Deleted batches emptied at the same time, so that a huge one does not hold up the others."""

SWEPT_AT_ONCE = 100

MAX_EXPIRED = 1000
"""Proofs that one sweep deletes; the next goes on."""


class Janitor:
    """Every gateway has one, all at work at the same time: each step may be taken twice, or cut off anywhere.

    A deleted batch is emptied at once. Its document stays as a tombstone for a while, then the batch is emptied once
    more and forgotten. An abandoned upload is given a tombstone, and is a deleted batch from then on.
    """

    def __init__(
        self, ports: Ports, clock: Clock, *, sweep_seconds: float, tombstone_seconds: float, stale_upload_seconds: float
    ) -> None:
        self._batches = ports.batches
        self._manifests = ports.manifests
        self._chunks = ports.chunks
        self._objects = ports.objects
        self._clock = clock
        self._sweep_seconds = sweep_seconds
        self._tombstone_seconds = tombstone_seconds
        self._stale_upload_seconds = stale_upload_seconds
        self._in_hand: set[str] = set()
        self._outbox = Outbox(
            "janitor", self._empty, self.sweep, concurrency=PURGED_AT_ONCE, sweep_seconds=sweep_seconds
        )

    def wake(self, batch_id: str) -> None:
        """Have a batch emptied that was deleted just now."""
        self._outbox.add(batch_id)

    async def run(self, stopping: Stopping) -> None:
        """Tidy up until cancelled, which may be at any moment; sweeps end with stopping."""
        # Without the readiness: what is left lying about keeps a gateway from nothing.
        await self._outbox.run(stopping)

    async def flush(self) -> None:
        """Empty every batch that is waiting for it; one that cannot be emptied now is left to a sweep."""
        await self._outbox.flush()

    async def sweep(self) -> None:
        """Give abandoned uploads up, and see to every deleted batch; raises what went wrong."""
        failures = SweepFailures()
        await self._give_up_stale_uploads(failures)
        await self._expire_proofs(failures)
        async for page in pages(self._batches.deleted, SWEPT_AT_ONCE):
            for batch in page:
                with failures.put_off(batch.id):
                    await self._see_to(batch)
        failures.raise_all()

    async def _give_up_stale_uploads(self, failures: SweepFailures) -> None:
        stale_since = self._clock() - timedelta(seconds=self._stale_upload_seconds)
        # Markers of uploads under way are few; only the stale ones are kept.
        stale = [
            marker.key async for marker in self._objects.listed(UPLOADS_PREFIX) if marker.modified_at < stale_since
        ]
        for key in stale:
            batch_id = marked_batch_id(key)
            if batch_id is None:
                log.warning("no_upload_marker", key=key)
                continue
            with failures.put_off(batch_id):
                await self._give_up(batch_id)

    async def _expire_proofs(self, failures: SweepFailures) -> None:
        now = self._clock()
        for batch in await self._batches.expired_proofs(now, MAX_EXPIRED):
            with failures.put_off(batch.id), suppress(BatchUnknownError):
                await self._batches.change(batch.id, lambda proof: proof.proof_expired(now))
                self.wake(batch.id)

    async def _give_up(self, batch_id: str) -> None:
        """Record a tombstone where the upload's batch would be, unless that is recorded; its marker goes.

        The tombstone first: without marker and tombstone, what the upload stored could not be found any more.
        """
        try:
            await self._batches.add(Batch.tombstone(batch_id, self._clock()))
        except DuplicateBatchError:
            if await self._batches.get(batch_id) is None:
                # It was recorded, but no majority has confirmed that: it may yet be undone.
                return
            log.info("upload_marker_left_over", batch_id=batch_id)
        else:
            log.warning("upload_given_up", batch_id=batch_id)
            self.wake(batch_id)
        await self._objects.remove(upload_marker_key(batch_id))

    async def _see_to(self, batch: Batch) -> None:
        deleted_for = self._clock() - (batch.deleted_at or self._clock())
        if batch.id in self._in_hand:
            return
        if deleted_for >= timedelta(seconds=self._tombstone_seconds):
            await self._forget(batch.id)
        # A younger one is in the hands of the gateway that was asked to delete it.
        elif batch.emptied_at is None and deleted_for >= timedelta(seconds=self._sweep_seconds):
            await self._empty(batch.id)

    async def _empty(self, batch_id: str) -> None:
        self._in_hand.add(batch_id)
        try:
            await self._remove_everything(batch_id)
            now = self._clock()
            await self._batches.change(batch_id, lambda batch: batch.purged(now))
            log.info("batch_emptied", batch_id=batch_id)
        except BatchUnknownError:
            log.info("batch_gone", batch_id=batch_id)
        finally:
            self._in_hand.discard(batch_id)

    async def _forget(self, batch_id: str) -> None:
        # Once more: a worker that was thought dead, or a slow chunker, may have stored something since.
        await self._remove_everything(batch_id)
        if await self._is_being_received(batch_id):
            return
        await self._batches.remove(batch_id)
        log.info("batch_forgotten", batch_id=batch_id)

    async def _is_being_received(self, batch_id: str) -> bool:
        """Whether the batch is an upload that was given up, and whose gateway was only asleep and goes on with it."""
        try:
            await self._objects.get(upload_marker_key(batch_id))
        except ObjectMissingError:
            return False
        return True

    async def _remove_everything(self, batch_id: str) -> None:
        # If one call takes too long, the next sweep goes on where it ended.
        await self._objects.remove_under(originals_prefix(batch_id))
        await self._objects.remove_under(results_prefix(batch_id))
        await self._manifests.remove(batch_id)
        await self._chunks.remove(batch_id)
