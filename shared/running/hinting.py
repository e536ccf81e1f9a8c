"""Messages that only make others quicker: the documents say the same, and sweeps find it."""

import asyncio
from collections.abc import Sequence

import structlog

from shared.documents import Batch
from shared.errors import TransientError
from shared.messaging.messages import BatchProgressed, Message
from shared.ports import Publisher

log = structlog.get_logger()

HINT_SECONDS = 1.0
"""Longest that a caller waits for a broker that is slow or away."""


def progress_hint(batch: Batch) -> BatchProgressed:
    """The hint that the batch is in this state."""
    return BatchProgressed(batch_id=batch.id, batch_version=batch.version)


async def publish_hints(publisher: Publisher, messages: Sequence[Message]) -> None:
    """Publish the messages within a second; trouble with the broker is only logged."""
    try:
        async with asyncio.timeout(HINT_SECONDS):
            for message in messages:
                await publisher.publish(message)
    except (TransientError, TimeoutError) as error:
        log.warning("hints_not_published", messages=len(messages), error=str(error) or "the broker is slow")
