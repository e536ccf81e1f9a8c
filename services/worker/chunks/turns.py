"""What decides when an image gets its slot."""

from typing import NamedTuple

from shared.documents import Chunk
from shared.messaging.messages import ChunkReady
from shared.scheduling import Flow

UNPREDICTED_COST_MS = 100.0
"""Of an image of which nothing is predicted."""


class Turn(NamedTuple):
    """The flow in which an image waits, and the processor time that it is predicted to take.

    Express ones go ahead of the others, and are charged to their flow as well.
    """

    flow: Flow
    cost_ms: float = UNPREDICTED_COST_MS
    is_express: bool = False


def turn_of_images(message: ChunkReady, chunk: Chunk) -> Turn:
    """The same for each image of a chunk, as its message came."""
    cost_ms = message.cost_ms / len(chunk.indexes) or UNPREDICTED_COST_MS
    return Turn(Flow(message.priority, message.owner, message.batch_id), cost_ms, message.express)
