"""Completed images that are developed again by their index, and that no image is lost or counted twice by it."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chunker.plan import images_to_retry, plan_chunk
from services.gateway.answers.errors import ApiError
from services.gateway.collecting.image_pages import present_outcomes
from shared.documents import MAX_REMADE, REVOKED, Batch, Chunk, ChunkTotals, Outcome, Remake
from shared.object_keys import print_key
from tests.developed import BATCH_ID, Picture, record
from tests.fakes import START, new_batch
from tests.unit.gateway.conftest import JPEG, Gateway

IMAGES = 12
PATH = f"/pipeline/batch/{BATCH_ID}"
COMPLETED, FAILED = Outcome(state="completed"), Outcome(state="failed", code="unreadable")


def states(batch: Batch, chunks: Sequence[Chunk]) -> list[str]:
    """What is listed of each image of a finished batch."""
    outcomes = present_outcomes(batch, chunks)
    return [outcomes.get(index, REVOKED).state for index in range(IMAGES)]


def developed(batch: Batch, chunks: list[Chunk], images: Sequence[int], data: st.DataObject) -> Batch:
    """The batch once workers and tracker have done with these images, some of which are never released."""
    released = data.draw(st.integers(0, len(images)), label="released")
    cancelled = released < len(images)
    totals = ChunkTotals()
    for position, index in enumerate(images[:released]):
        chunk = plan_chunk(batch, position, [index], START, 10)
        outcome = data.draw(st.sampled_from([COMPLETED, FAILED]), label=f"outcome of {index}")
        chunk = chunk.folded({index: outcome})
        chunks.append(chunk)
        totals = totals.plus(ChunkTotals(completed_images=chunk.completed, failed_images=chunk.failed))
    if cancelled:
        batch = batch.stopped("cancelled", START)
    batch = batch.rolled_up(totals, START)
    return batch.ended_early(totals, START) if cancelled else batch


@given(data=st.data())
def test_whatever_is_made_again_and_however_it_ends_the_counts_are_those_of_the_images(data: st.DataObject) -> None:
    """Through several generations, cancelled or not: also where the remake of a completed image failed."""
    batch, chunks = new_batch(total_images=IMAGES, chunk_size=1), list[Chunk]()
    batch = developed(batch, chunks, range(IMAGES), data)
    for _ in range(data.draw(st.integers(1, 4), label="retries")):
        assert batch.is_finished
        listed = states(batch, chunks)
        counted = [batch.completed_images, batch.failed_images, batch.revoked_images]
        assert counted == [listed.count(state) for state in ("completed", "failed", "revoked")]
        indexes = data.draw(st.frozensets(st.integers(0, IMAGES - 1)), label="indexes")
        remake = Remake(batch.generation, indexes, sum(listed[index] == "completed" for index in indexes))
        again = batch.retried(START, remake=remake)
        wanted = [index for index in range(IMAGES) if listed[index] != "completed" or index in indexes]
        if not wanted:
            assert again is batch
            continue
        assert images_to_retry(again, range(IMAGES), chunks) == wanted
        assert (again.pending_images, again.total_chunks) == (len(wanted), len(wanted))
        batch = developed(again, chunks, wanted, data)


async def test_a_print_that_is_gone_is_made_again(gateway: Gateway) -> None:
    """Its image is pending, without prints, and the others stay as they are; repeating it changes nothing."""
    await record(gateway.ports, [Picture("a.jpg", {"web": JPEG}), Picture("b.jpg", {"web": JPEG}), Picture("c.jpg")])
    await gateway.ports.objects.remove(print_key(BATCH_ID, 1, "web", "jpg"))
    for _ in range(2):
        data = (await gateway.client.post(f"{PATH}/retry", json={"indexes": [1, 1]})).json()["data"]
        assert (data["status"], data["generation"], data["completed_images"], data["total_chunks"]) == (
            "PENDING",
            1,
            1,
            1,
        )
    images = (await gateway.client.get(f"{PATH}/images")).json()["data"]["images"]
    assert [image["outcome"] for image in images] == ["completed", "pending", "pending"]
    assert (await gateway.client.get(f"{PATH}/images/0/web")).status_code == 200
    assert (await gateway.client.get(f"{PATH}/images/1/web")).json()["error"]["code"] == "image_pending"
    other = await gateway.client.post(f"{PATH}/retry", json={"indexes": [0]})
    assert (other.status_code, other.json()["error"]["code"]) == (409, "batch_running")


@pytest.mark.parametrize(
    ("indexes", "status", "code"),
    [
        ([3], 404, "image_not_found"),
        ([-1], 422, "invalid_request"),
        (["x"], 422, "invalid_request"),
        (list(range(MAX_REMADE + 1)), 422, "invalid_request"),
        ([], 409, "nothing_to_retry"),
    ],
)
async def test_indexes_that_cannot_be_made_again_are_refused(
    gateway: Gateway, indexes: list[object], status: int, code: str
) -> None:
    """And nothing is retried."""
    before = await record(gateway.ports, [Picture(f"{n}.jpg", {"web": JPEG}) for n in range(3)])
    response = await gateway.client.post(f"{PATH}/retry", json={"indexes": indexes})
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert await gateway.ports.batches.get(BATCH_ID) == before


async def test_what_is_made_again_of_one_batch_is_bounded(gateway: Gateway) -> None:
    """However many retries it takes: its document stays small."""
    remade = {str(index): 1 for index in range(MAX_REMADE)}
    await record(gateway.ports, [Picture(f"{n}.jpg", {"web": JPEG}) for n in range(MAX_REMADE + 1)], remade=remade)
    response = await gateway.client.post(f"{PATH}/retry", json={"indexes": [MAX_REMADE]})
    assert (response.status_code, response.json()["error"]["code"]) == (422, "too_many_indexes")
    assert (await gateway.client.post(f"{PATH}/retry", json={"indexes": [0]})).status_code == 200


@pytest.mark.parametrize("generation", [None, 1])
async def test_what_was_looked_up_in_another_state_counts_no_more(gateway: Gateway, generation: int | None) -> None:
    """The batch ended, or was retried, between the look at its images and the change."""
    await record(gateway.ports, [Picture("a.jpg", {"web": JPEG})])
    with pytest.raises(ApiError, match="batch_running"):
        await gateway.parts.controls.retry(BATCH_ID, remake=Remake(generation, frozenset({0}), 0))
