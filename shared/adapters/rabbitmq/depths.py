"""How much is waiting in RabbitMQ's queues, asked of the broker itself and not of its management."""

import asyncio
from collections.abc import Sequence

from shared.adapters.rabbitmq.connection import CONNECT_SECONDS, Connection, close_channel
from shared.adapters.rabbitmq.driver_errors import translated
from shared.messaging.topology import work_queues
from shared.ports import QueueDepth


class RabbitQueueDepths:
    """A `QueueDepths` by passive declarations."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def depths(self) -> Sequence[QueueDepth]:
        channel = await self._connection.channel()  # its own: asking for a missing queue closes it
        try:
            with translated("count what is waiting"):
                async with asyncio.timeout(CONNECT_SECONDS):
                    found = []
                    for queue in work_queues():
                        work = (await channel.declare_queue(queue.name, passive=True)).declaration_result
                        dead = (await channel.declare_queue(queue.dead_letter_queue, passive=True)).declaration_result
                        found.append(
                            QueueDepth(
                                queue, work.message_count or 0, work.consumer_count or 0, dead.message_count or 0
                            )
                        )
                    return found
        finally:
            await close_channel(channel)
