"""How much is waiting in RabbitMQ's queues, asked of the broker itself and not of its management."""

from collections.abc import Sequence

from shared.adapters.rabbitmq.connection import Connection
from shared.messaging.topology import work_queues
from shared.ports import QueueDepth


class RabbitQueueDepths:
    """A `QueueDepths` by passive declarations."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def depths(self) -> Sequence[QueueDepth]:
        found = []
        async with self._connection.lent_channel("count what is waiting") as channel:
            for queue in work_queues():
                work = (await channel.declare_queue(queue.name, passive=True)).declaration_result
                dead = (await channel.declare_queue(queue.dead_letter_queue, passive=True)).declaration_result
                counts = work.message_count, work.consumer_count, dead.message_count
                found.append(QueueDepth(queue, *(count or 0 for count in counts)))
        return found
