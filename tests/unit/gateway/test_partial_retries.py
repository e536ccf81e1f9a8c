"""Retries of some images, by code or by index: exactly these are developed, and no image is lost or counted twice."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chunker.plan import images_to_retry, plan_chunk
from services.gateway.answers.errors import ApiError
from shared.documents import (
    MAX_CODES,
    MAX_INDEXES,
    REVOKED,
    Batch,
    Chunk,
    ChunkTotals,
    Outcome,
    Selection,
    present_outcomes,
)
from shared.object_keys import print_key
from tests.developed import BATCH_ID, Picture, record
from tests.fakes import START, new_batch
from tests.unit.gateway.conftest import JPEG, Gateway

IMAGES = 12
PATH = f"/pipeline/batch/{BATCH_ID}"
COMPLETED = Outcome(state="completed")
CODES = ("timeout", "unreadable")
OUTCOMES = [COMPLETED, *(Outcome(state="failed", code=code) for code in CODES)]
TIMEOUT = Outcome(state="failed", code="timeout")


def listed(batch: Batch, chunks: Sequence[Chunk]) -> list[str]:
    """What is listed of each image: its result, or that it is pending."""
    outcomes = present_outcomes(batch, range(IMAGES), chunks)
    rest = REVOKED.result if batch.is_finished else "pending"
    return [outcomes[index].result if index in outcomes else rest for index in range(IMAGES)]


def counted(batch: Batch) -> Counter[str]:
    """How many images the batch counts of each result, without zeros."""
    states = {"completed": batch.completed_images, "revoked": batch.revoked_images, "pending": batch.pending_images}
    assert sum(batch.failure_codes.values()) == batch.failed_images
    return +Counter({**states, **batch.failure_codes})


class History:
    """A batch through its generations, and what has become of each image as this test knows it."""

    def __init__(self, data: st.DataObject) -> None:
        self.batch = new_batch(total_images=IMAGES, chunk_size=1)
        self.chunks: list[Chunk] = []
        self.results = ["pending"] * IMAGES
        self._data = data

    def develop(self) -> None:
        """Let workers and tracker do with the pending images, some of which may never be released."""
        images = [index for index, result in enumerate(self.results) if result == "pending"]
        released = self._data.draw(st.integers(0, len(images)), label="released")
        totals = ChunkTotals()
        for position, index in enumerate(images[:released]):
            outcome = self._data.draw(st.sampled_from(OUTCOMES), label=f"outcome of {index}")
            chunk = plan_chunk(self.batch, position, [index], START, 10).folded({index: outcome})
            self.chunks.append(chunk)
            self.results[index] = outcome.result
            failures = {outcome.result: 1} if chunk.failed else {}
            totals = totals.plus(
                ChunkTotals(completed_images=chunk.completed, failed_images=chunk.failed, failure_codes=failures)
            )
            self.batch = self.batch.rolled_up(totals, START)
            self.check()
        if released < len(images):
            for index in images[released:]:
                self.results[index] = "revoked"
            self.batch = self.batch.stopped("cancelled", START).ended_early(totals, START)
        self.check()

    def retry(self) -> bool:
        """Retry everything or some; whether there was anything to retry."""
        selection = self._data.draw(st.one_of(st.none(), st.builds(self._selection, CHOSEN_CODES, CHOSEN_INDEXES)))
        wanted = [index for index in range(IMAGES) if self._is_wanted(index, selection)]
        again = self.batch.retried(START, selection=selection)
        if not wanted:
            assert again is self.batch
            return False
        if selection is None and self._data.draw(st.booleans(), label="by an older gateway"):
            again = as_by_an_older_gateway(self.batch, again)
        assert again.is_retry_of(selection)
        assert images_to_retry(again, range(IMAGES), self.chunks) == wanted
        assert (again.pending_images, again.total_chunks) == (len(wanted), len(wanted))
        for index in wanted:
            self.results[index] = "pending"
        self.batch = again
        self.check()
        return True

    def check(self) -> None:
        """What is counted and what is listed are what has become of the images."""
        assert counted(self.batch) == Counter(self.results)
        assert listed(self.batch, self.chunks) == self.results
        if self.batch.is_finished and not self.batch.stop:
            unsuccessful = set(self.results) - {"completed"}
            expected = "FAILURE" if unsuccessful - {"revoked"} else "REVOKED" if unsuccessful else "SUCCESS"
            assert self.batch.status == expected

    def _selection(self, codes: frozenset[str], indexes: frozenset[int]) -> Selection:
        found = Counter(self.results[index] for index in indexes)
        return Selection(codes, indexes, found, self.batch.generation)

    def _is_wanted(self, index: int, selection: Selection | None) -> bool:
        if selection is None:
            return self.results[index] != "completed"
        return index in selection.indexes or self.results[index] in selection.codes


CHOSEN_CODES = st.frozensets(st.sampled_from([*CODES, "revoked"]))
CHOSEN_INDEXES = st.frozensets(st.integers(0, IMAGES - 1))


def as_by_an_older_gateway(before: Batch, after: Batch) -> Batch:
    """What a gateway makes of a retry that writes no field of partial retries, and of codes, but leaves them there."""
    unknown = {"partial", "failure_codes"}
    return Batch.model_validate({**before.model_dump(include=unknown), **after.model_dump(exclude=unknown)})


@given(data=st.data())
def test_whatever_is_retried_and_however_it_ends_the_counts_are_those_of_the_images(data: st.DataObject) -> None:
    """Through several generations, cancelled or not: also where the remake of a completed image failed."""
    history = History(data)
    history.develop()
    for _ in range(data.draw(st.integers(1, 5), label="retries")):
        if history.retry():
            history.develop()


async def test_a_print_that_is_gone_is_made_again(gateway: Gateway) -> None:
    """Its image is pending, without prints, and all others stay as they are; repeating it changes nothing."""
    await record(gateway.ports, [Picture("a.jpg", {"web": JPEG}), Picture("b.jpg", {"web": JPEG}), Picture("c.jpg")])
    await gateway.ports.objects.remove(print_key(BATCH_ID, 1, "web", "jpg"))
    for _ in range(2):
        data = (await gateway.client.post(f"{PATH}/retry", json={"indexes": [1, 1]})).json()["data"]
        shown = {name: data[name] for name in ("status", "generation", "completed_images", "failed_images")}
        assert shown == {"status": "PENDING", "generation": 1, "completed_images": 1, "failed_images": 1}
        assert data["total_chunks"] == 1
    images = (await gateway.client.get(f"{PATH}/images")).json()["data"]["images"]
    assert [image["outcome"] for image in images] == ["completed", "pending", "failed"]
    assert (await gateway.client.get(f"{PATH}/images/0/web")).status_code == 200
    assert (await gateway.client.get(f"{PATH}/images/1/web")).json()["error"]["code"] == "image_pending"
    for other in ({"indexes": [0]}, {"codes": ["unreadable"]}, {"indexes": [1], "codes": ["unreadable"]}, {}):
        refused = await gateway.client.post(f"{PATH}/retry", json=other)
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "batch_running")


@pytest.mark.parametrize(
    ("asked", "pending"),
    [
        ({"codes": ["timeout"]}, [1, 4]),
        ({"codes": ["revoked"]}, [3]),
        ({"codes": ["timeout", "revoked", "timeout"]}, [1, 3, 4]),
        ({"codes": ["timeout", "out_of_memory"]}, [1, 4]),
        ({"codes": ["timeout"], "indexes": [0, 1]}, [0, 1, 4]),
        ({"indexes": [2]}, [2]),
        ({"codes": None, "indexes": None}, [1, 2, 3, 4]),
        ({}, [1, 2, 3, 4]),
    ],
)
async def test_a_retry_is_of_the_images_that_it_names(
    gateway: Gateway, asked: dict[str, Any], pending: list[int]
) -> None:
    """By codes, by indexes, by both, or of all that failed or were revoked; the others go on counting."""
    pictures = [
        Picture("completed.jpg", {"web": JPEG}),
        Picture("slow.jpg", otherwise=TIMEOUT),
        Picture("broken.jpg"),
        Picture("revoked.jpg", otherwise=REVOKED),
        Picture("slow too.jpg", otherwise=TIMEOUT),
    ]
    await record(gateway.ports, pictures, status="REVOKED", stop="cancelled")
    for _ in range(2):
        answer = await gateway.client.post(f"{PATH}/retry", json=asked)
        assert answer.status_code == 200
        data = answer.json()["data"]
        assert data["generation"] == 1
        assert data["total_images"] - sum(
            data[f"{state}_images"] for state in ("completed", "failed", "revoked")
        ) == len(pending)
    images = (await gateway.client.get(f"{PATH}/images")).json()["data"]["images"]
    assert [image["index"] for image in images if image["outcome"] == "pending"] == pending


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"indexes": [3]}, 404, "image_not_found"),
        ({"indexes": [-1]}, 422, "invalid_request"),
        ({"indexes": ["x"]}, 422, "invalid_request"),
        ({"indexes": ["0"]}, 422, "invalid_request"),
        ({"indexes": [True]}, 422, "invalid_request"),
        ({"indexes": [0.0]}, 422, "invalid_request"),
        ({"indexes": 0}, 422, "invalid_request"),
        ({"indexes": {"0": 0}}, 422, "invalid_request"),
        ({"indexes": list(range(MAX_INDEXES + 1))}, 422, "invalid_request"),
        ({"indexes": []}, 422, "invalid_request"),
        ({"codes": []}, 422, "invalid_request"),
        ({"codes": [], "indexes": [0]}, 422, "invalid_request"),
        ({"codes": "unreadable"}, 422, "invalid_request"),
        ({"codes": [1]}, 422, "invalid_request"),
        ({"codes": [True]}, 422, "invalid_request"),
        ({"codes": [None]}, 422, "invalid_request"),
        ({"codes": [""]}, 422, "invalid_request"),
        ({"codes": ["timeout"] * (MAX_CODES + 1)}, 422, "invalid_request"),
        ({"codes": ["unreadble"]}, 422, "failure_code_unknown"),
        ({"codes": ["completed"], "indexes": [0]}, 422, "failure_code_unknown"),
        ({"codes": ["unreadable", "pending"]}, 422, "failure_code_unknown"),
        ({"codes": ["timeout"]}, 409, "nothing_to_retry"),
        ({"codes": ["revoked"]}, 409, "nothing_to_retry"),
    ],
)
async def test_a_selection_that_cannot_be_retried_is_refused(
    gateway: Gateway, asked: dict[str, object], status: int, code: str
) -> None:
    """And nothing is retried, also where another part of it would do."""
    before = await record(gateway.ports, [*(Picture(f"{n}.jpg", {"web": JPEG}) for n in range(2)), Picture("c.jpg")])
    response = await gateway.client.post(f"{PATH}/retry", json=asked)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert await gateway.ports.batches.get(BATCH_ID) == before


async def test_an_unknown_code_is_named_beside_those_that_there_are(gateway: Gateway) -> None:
    """For a program; a person reads where they are found."""
    await record(gateway.ports, [Picture("a.jpg"), Picture("b.jpg", otherwise=REVOKED)])
    error = (await gateway.client.post(f"{PATH}/retry", json={"codes": ["x", "revoked"]})).json()["error"]
    assert error["details"] == {"unknown": ["x"], "choices": ["unreadable", "revoked"]}


async def test_a_batch_that_an_older_version_counted_is_retried_by_index_or_whole_but_not_by_code(
    gateway: Gateway,
) -> None:
    """How many of its images a code is of is not known, and is not guessed."""
    pictures = [Picture("a.jpg"), Picture("b.jpg"), Picture("c.jpg", otherwise=REVOKED)]
    await record(gateway.ports, pictures, failure_codes={"unrecorded": 2})
    for codes in (["unreadable"], ["unrecorded"], ["unreadable", "revoked"]):
        refused = await gateway.client.post(f"{PATH}/retry", json={"codes": codes})
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "failure_codes_unrecorded")
    data = (await gateway.client.post(f"{PATH}/retry", json={"codes": ["revoked"], "indexes": [1]})).json()["data"]
    assert (data["failed_images"], data["revoked_images"], data["generation"]) == (1, 0, 1)


async def test_what_is_retried_by_index_of_one_batch_is_bounded(gateway: Gateway) -> None:
    """However many retries it takes: its document stays small."""
    remade = {str(index): 1 for index in range(MAX_INDEXES)}
    await record(gateway.ports, [Picture(f"{n}.jpg", {"web": JPEG}) for n in range(MAX_INDEXES + 1)], remade=remade)
    response = await gateway.client.post(f"{PATH}/retry", json={"indexes": [MAX_INDEXES]})
    assert (response.status_code, response.json()["error"]["code"]) == (422, "too_many_indexes")
    assert (await gateway.client.post(f"{PATH}/retry", json={"indexes": [0]})).status_code == 200


@pytest.mark.parametrize("generation", [None, 1])
async def test_what_was_looked_up_in_another_state_counts_no_more(gateway: Gateway, generation: int | None) -> None:
    """The batch ended, or was retried, between the look at its images and the change."""
    await record(gateway.ports, [Picture("a.jpg", {"web": JPEG})])
    selection = Selection(indexes=frozenset({0}), generation=generation)
    with pytest.raises(ApiError, match="batch_running"):
        await gateway.parts.controls.retry(BATCH_ID, selection=selection)


@given(retries=st.lists(st.frozensets(st.sampled_from([*CODES, "revoked"]), min_size=1), max_size=40))
def test_the_document_does_not_grow_with_the_number_of_retries(retries: list[frozenset[str]]) -> None:
    """Only the last retry of each code is recorded."""
    batch = new_batch(total_images=3, chunk_size=1).stopped("cancelled", START).ended_early(ChunkTotals(), START)
    for codes in retries:
        again = batch.retried(START, selection=Selection(codes | {"revoked"}))
        batch = again.stopped("cancelled", START).ended_early(ChunkTotals(), START)
    assert batch.generation == len(retries)
    assert batch.partial is None or len(batch.partial.earlier_codes) <= len(CODES) + 1


def test_a_threshold_looks_at_the_retried_images_alone() -> None:
    """What failed before and is carried on says nothing about them."""
    threshold = {"failure_threshold": {"percent": 50, "sample": 2}}
    batch = Batch.model_validate({**new_batch(total_images=12, chunk_size=1).model_dump(), **threshold})
    totals = ChunkTotals(completed_images=3, failed_images=9, failure_codes={"timeout": 6, "unreadable": 3})
    batch = batch.rolled_up(totals, START).retried(START, selection=Selection(frozenset({"timeout"})))
    assert (batch.failed_images, batch.pending_images) == (3, 6)
    batch = batch.rolled_up(ChunkTotals(completed_images=2), START)
    assert (batch.stop, batch.failed_images) == (None, 3)
    batch = batch.rolled_up(ChunkTotals(completed_images=2, failed_images=2, failure_codes={"timeout": 2}), START)
    assert (batch.stop, batch.failed_images) == ("failure_threshold", 5)
