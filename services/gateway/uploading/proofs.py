"""Proofs: one image developed by a recipe that is being tried out, shown for a while and then gone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from services.gateway.answers.errors import ApiError
from services.gateway.answers.proof_codes import ProofCode
from services.gateway.background.janitor import Janitor
from services.gateway.batches.progress_feed import ProgressFeed
from services.gateway.edge.concurrency_limit import ConcurrencyLimit
from services.gateway.uploading.multipart_parts import PartEvent
from services.gateway.uploading.proof_parts import ProofParts
from services.gateway.uploading.submissions import Submissions
from shared.documents import Batch
from shared.ports import BatchWriter
from shared.running.clock import Clock

log = structlog.get_logger()


@dataclass(frozen=True)
class Proofs:
    """Makes batches of one that are marked as proofs, and waits for them a little.

    `submissions` has their limits; a request holds a place in `limit` from its first byte to its answer. A janitor
    removes them `expiry_seconds` after they were made.
    """

    submissions: Submissions
    parts: ProofParts
    batches: BatchWriter
    feed: ProgressFeed
    janitor: Janitor
    clock: Clock
    limit: ConcurrencyLimit
    wait_seconds: float
    expiry_seconds: float

    async def submit(self, parts: AsyncIterator[PartEvent]) -> Batch:
        """Record the proof that the form asks for; raises what `Submissions.submit` and `ProofParts.of_upload` do."""
        expires_at = self.clock() + timedelta(seconds=self.expiry_seconds)
        submissions = replace(self.submissions, proof_expires_at=expires_at)
        return await submissions.submit(self.parts.of_upload(parts))

    async def find(self, proof_id: str) -> Batch:
        """The proof as it is; raises `ApiError` if there is none."""
        batch = await self.batches.get(proof_id)
        if batch is None or batch.deleted_at or not batch.is_proof:
            raise ApiError(ProofCode.PROOF_NOT_FOUND, details={"proof_id": proof_id})
        return batch

    async def follow(self, proof_id: str, client_left: Awaitable[object]) -> Batch:
        """The proof once it has ended, or as it is after `wait_seconds`.

        A proof whose client left meanwhile is given up: an editor of recipes sends the next one at once.
        """
        ending = asyncio.create_task(self._ending(proof_id), name="proof")
        leaving = asyncio.ensure_future(client_left)
        try:
            await asyncio.wait({ending, leaving}, return_when=asyncio.FIRST_COMPLETED)
            return await ending if ending.done() else await self._given_up(proof_id)
        finally:
            ending.cancel()
            leaving.cancel()
            await asyncio.gather(ending, leaving, return_exceptions=True)

    async def _ending(self, proof_id: str) -> Batch:
        with self.feed.watch(proof_id) as watched:
            # Read only now that it is watched, so that no change falls between the two.
            batch = await self.find(proof_id)
            with suppress(TimeoutError):
                async with asyncio.timeout(self.wait_seconds):
                    while not batch.is_finished and (newer := await watched.newer_than(batch.version)):
                        batch = newer.batch
        return batch

    async def _given_up(self, proof_id: str) -> Batch:
        expired = await self.batches.change(proof_id, lambda batch: batch.proof_expired(self.clock()))
        log.info("proof_given_up", batch_id=proof_id)
        self.janitor.wake(proof_id)
        return expired
