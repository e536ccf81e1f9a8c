"""What every store of batches promises."""

import asyncio
from functools import partial

import pytest

from shared.documents import Batch, SealedChunks
from shared.errors import BatchUnknownError, DuplicateBatchError
from shared.ports import BatchStore
from tests.contract.documents.examples import a_batch, after


def one_more(batch: Batch) -> Batch:
    """A change that loses its effect if it is made from a stale batch."""
    return batch.changed(after(1), completed_images=batch.completed_images + 1)


async def test_a_batch_comes_back_as_it_was_added(batches: BatchStore) -> None:
    """Recipe, times and names survive the round trip."""
    await batches.add(a_batch())
    assert await batches.get("b") == a_batch()


async def test_an_unknown_batch_is_none(batches: BatchStore) -> None:
    """Asking for what was never added is no error."""
    assert await batches.get("nobody") is None


async def test_a_taken_id_is_refused_and_its_batch_kept(batches: BatchStore) -> None:
    """Adding a second batch under an id fails and changes nothing."""
    await batches.add(a_batch())
    with pytest.raises(DuplicateBatchError):
        await batches.add(a_batch(created=9))
    assert await batches.get("b") == a_batch()


async def test_of_many_who_add_the_same_id_one_succeeds(batches: BatchStore) -> None:
    """The id decides, however close the race."""
    results = await asyncio.gather(*(batches.add(a_batch(created=n)) for n in range(8)), return_exceptions=True)
    assert sum(result is None for result in results) == 1
    assert sum(isinstance(result, DuplicateBatchError) for result in results) == 7


async def test_the_newest_come_first_and_equals_by_id(batches: BatchStore) -> None:
    """The order is the same wherever the batches are kept."""
    for batch_id, created in (("old", 0), ("c", 5), ("a", 5), ("new", 5.001)):
        await batches.add(a_batch(batch_id, created))
    assert [batch.id for batch in await batches.newest(3)] == ["new", "a", "c"]
    assert [batch.id for batch in await batches.newest(99)] == ["new", "a", "c", "old"]
    assert list(await batches.newest(0)) == []


async def test_unfinished_batches_are_paged_by_id(batches: BatchStore) -> None:
    """Following the last id visits each unfinished batch once, and no finished one."""
    for number in range(7):
        await batches.add(a_batch(f"b{number}", created=-number))
    for batch_id, status in (("b1", "SUCCESS"), ("b3", "FAILURE"), ("b4", "REVOKED"), ("b5", "STARTED")):
        await batches.change(batch_id, partial(Batch.changed, now=after(1), status=status))
    first = await batches.unfinished(3)
    rest = await batches.unfinished(3, after=first[-1].id)
    assert [batch.id for batch in first] == ["b0", "b2", "b5"]
    assert [batch.id for batch in rest] == ["b6"]
    assert list(await batches.unfinished(3, after="b6")) == []
    assert list(await batches.unfinished(0)) == []


async def test_a_finished_batch_that_starts_again_is_unfinished_again(batches: BatchStore) -> None:
    """Retrying failed images reopens a batch."""
    await batches.add(a_batch())
    await batches.change("b", lambda batch: batch.changed(after(1), status="FAILURE"))
    assert list(await batches.unfinished(9)) == []
    await batches.change("b", lambda batch: batch.changed(after(2), status="STARTED", generation=1))
    assert [batch.generation for batch in await batches.unfinished(9)] == [1]


async def test_a_change_is_stored_and_answered(batches: BatchStore) -> None:
    """What is answered is what a later reader gets."""
    await batches.add(a_batch())
    sealed = SealedChunks(completed_images=20, completed_chunks=2, through=2)
    changed = await batches.change("b", lambda batch: batch.changed(after(1), sealed=sealed, started_at=after(1)))
    assert (changed.version, changed.sealed, changed.started_at) == (1, sealed, after(1))
    assert await batches.get("b") == changed


async def test_a_change_of_nothing_stores_nothing(batches: BatchStore) -> None:
    """Handled twice is handled once: the version stays."""
    await batches.add(a_batch())
    assert await batches.change("b", lambda batch: batch.changed(after(1), status="PENDING")) == a_batch()
    assert await batches.get("b") == a_batch()


async def test_a_change_of_an_unknown_batch_is_refused(batches: BatchStore) -> None:
    """Nobody can change what does not exist."""
    with pytest.raises(BatchUnknownError):
        await batches.change("nobody", one_more)


async def test_a_failing_change_changes_nothing(batches: BatchStore) -> None:
    """An error inside the change reaches the caller."""
    await batches.add(a_batch())
    with pytest.raises(ZeroDivisionError):
        await batches.change("b", lambda batch: batch.changed(after(1), completed_images=1 // 0))
    assert await batches.get("b") == a_batch()


async def test_none_of_many_concurrent_changes_is_lost(batches: BatchStore) -> None:
    """Twenty writers who each add one make twenty, in twenty versions."""
    await batches.add(a_batch())
    answers = await asyncio.gather(*(batches.change("b", one_more) for _ in range(20)))
    assert sorted(batch.completed_images for batch in answers) == list(range(1, 21))
    stored = await batches.get("b")
    assert stored is not None
    assert (stored.completed_images, stored.version) == (20, 20)
