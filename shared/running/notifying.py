"""Messages that only make others faster: each receiver finds out by itself, a few seconds later."""

import asyncio
from collections.abc import Sequence

import structlog

from shared.errors import TransientError
from shared.messaging.messages import Message
from shared.ports import Publisher

log = structlog.get_logger()

NOTIFY_SECONDS = 1.0


async def notify(publisher: Publisher, messages: Sequence[Message], *, seconds: float = NOTIFY_SECONDS) -> None:
    """Publish messages on which nothing rests; what is not confirmed within `seconds` altogether is given up."""
    try:
        async with asyncio.timeout(seconds):
            for message in messages:
                await publisher.publish(message)
    except (TransientError, TimeoutError) as error:
        batch_ids = sorted({message.batch_id for message in messages})[:5]
        log.warning("not_notified", batch_ids=batch_ids, error=str(error) or "the broker is slow")
