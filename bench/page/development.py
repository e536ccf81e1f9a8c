"""A batch that goes on at a steady rate, in the tracker's place: what the page watches, without the work behind it."""

import asyncio
import itertools
from datetime import UTC, datetime
from functools import partial

from bench.page.seeded_batch import CHUNK_SIZE, advanced, outcomes_of
from shared.adapters.mongodb import MongoDocuments
from shared.documents import Batch, Folding, Print, chunk_id
from shared.messaging.messages import BatchProgressed
from shared.ports import Publisher

CHUNKS_A_SECOND = 5


async def develop(documents: MongoDocuments, publisher: Publisher, batch: Batch, made: Print) -> None:
    """Have one chunk after the other end, five a second, until cancelled."""
    for first in itertools.count(batch.completed_images + batch.failed_images, CHUNK_SIZE):
        indexes, now = range(first, first + CHUNK_SIZE), datetime.now(UTC)
        folding = Folding(chunk_id=chunk_id(batch.id, first // CHUNK_SIZE), outcomes=outcomes_of(indexes, made))
        await documents.chunks.fold([folding], now)
        change = partial(advanced, ended_images=indexes.stop, now=now)
        changed = await documents.batches.change(batch.id, change)
        await publisher.publish(BatchProgressed(batch_id=batch.id, batch_version=changed.version))
        await asyncio.sleep(1 / CHUNKS_A_SECOND)
