import pytest

from services.worker.chunks.turns import UNPREDICTED_COST_MS, Turn, turn_of_images
from shared.documents import Chunk
from shared.messaging.messages import ChunkReady
from shared.scheduling import Flow
from tests.fakes import START

CHUNK = Chunk(batch_id="b", number=0, indexes=tuple(range(8)), lease_until=START)


@pytest.mark.parametrize(("predicted", "each"), [(0, UNPREDICTED_COST_MS), (800, 100.0), (4, 0.5)])
def test_what_a_chunk_is_predicted_to_take_is_shared_by_its_images(predicted: int, each: float) -> None:
    """If nothing is predicted, as by a chunker of the release before, each counts a tenth of a second."""
    message = ChunkReady(batch_id="b", chunk=0, priority="high", owner="o", cost_ms=predicted)
    assert turn_of_images(message, CHUNK) == Turn(Flow("high", "o", "b"), each, is_express=False)


def test_an_express_chunk_waits_in_its_own_flow() -> None:
    """It goes ahead, and its batch is charged."""
    message = ChunkReady(batch_id="b", chunk=0, express=True)
    assert turn_of_images(message, CHUNK) == Turn(Flow("normal", "", "b"), UNPREDICTED_COST_MS, is_express=True)
