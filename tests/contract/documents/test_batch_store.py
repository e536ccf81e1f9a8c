"""What every store of batches promises."""

import asyncio
from functools import partial

import pytest

from shared.documents import Batch, BatchFilter, SealedChunks
from shared.errors import BatchUnknownError, DuplicateBatchError
from shared.ports import BatchStore
from tests.contract.documents.examples import a_batch, after


def one_more(batch: Batch) -> Batch:
    """A change that loses its effect if it is made from a stale batch."""
    return batch.changed(after(1), completed_images=batch.completed_images + 1)


def a_keyed_batch(batch_id: str, key: str) -> Batch:
    """A batch whose sender gave it an idempotency key."""
    return a_batch(batch_id).model_copy(update={"idempotency_key": key})


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


async def test_a_batch_is_found_by_its_idempotency_key(batches: BatchStore) -> None:
    """As it is now; nobody has a key that was never used, and a batch without one is found by none."""
    await batches.add(a_keyed_batch("b", "$key"))
    await batches.add(a_batch("keyless"))
    changed = await batches.change("b", one_more)
    assert await batches.of_key("$key") == changed
    assert await batches.of_key("another") is None
    assert await batches.of_key("") is None


async def test_a_taken_idempotency_key_is_refused_and_its_batch_kept(batches: BatchStore) -> None:
    """However close the race, and whatever the ids; any number of batches have none."""
    adding = (batches.add(a_keyed_batch(f"b{n}", "key")) for n in range(8))
    results = await asyncio.gather(*adding, return_exceptions=True)
    assert sum(result is None for result in results) == 1
    assert sum(isinstance(result, DuplicateBatchError) for result in results) == 7
    assert [batch.id for batch in await batches.newest(9)] == [f"b{results.index(None)}"]
    for number in range(3):
        await batches.add(a_batch(f"keyless-{number}"))


async def test_the_key_of_a_deleted_or_forgotten_batch_is_free_again(batches: BatchStore) -> None:
    """Its next batch is found by it; the deleted one still keeps its id taken."""
    await batches.add(a_keyed_batch("deleted", "one"))
    await batches.add(a_keyed_batch("forgotten", "two"))
    await batches.change("deleted", partial(Batch.deleted, now=after(1)))
    await batches.remove("forgotten")
    for key in ("one", "two"):
        assert await batches.of_key(key) is None
        await batches.add(a_keyed_batch(f"new {key}", key))
        assert await batches.of_key(key) == a_keyed_batch(f"new {key}", key)
    with pytest.raises(DuplicateBatchError):
        await batches.add(a_batch("deleted"))


async def test_deleted_batches_are_paged_by_id_and_shown_to_nobody(batches: BatchStore) -> None:
    """Following the last id visits each of them once, and no other; a list of the newest is not shorter for them."""
    for number in range(7):
        await batches.add(a_batch(f"b{number}", created=number))
    for number in (1, 3, 4, 6):
        await batches.change(f"b{number}", partial(Batch.deleted, now=after(9)))
    first = await batches.deleted(3)
    assert [batch.id for batch in first] == ["b1", "b3", "b4"]
    assert [batch.id for batch in await batches.deleted(3, after=first[-1].id)] == ["b6"]
    assert list(await batches.deleted(3, after="b6")) == []
    assert list(await batches.deleted(0)) == []
    assert [batch.id for batch in await batches.newest(3)] == ["b5", "b2", "b0"]


async def test_a_batch_is_forgotten(batches: BatchStore) -> None:
    """In every answer; what never was may be forgotten too, and others stay."""
    await batches.add(a_keyed_batch("b", "key"))
    await batches.add(a_batch("other"))
    await batches.change("b", partial(Batch.deleted, now=after(1)))
    for _ in range(2):
        await batches.remove("b")
    assert await batches.get("b") is None
    assert list(await batches.deleted(9)) == []
    for found in (await batches.newest(9), await batches.unfinished(9)):
        assert [batch.id for batch in found] == ["other"]
    with pytest.raises(BatchUnknownError):
        await batches.change("b", one_more)
    await batches.add(a_keyed_batch("b", "key"))
    assert await batches.get("b") == a_keyed_batch("b", "key")


async def test_the_newest_come_first_and_equals_by_id(batches: BatchStore) -> None:
    """The order is the same wherever the batches are kept."""
    for batch_id, created in (("old", 0), ("c", 5), ("a", 5), ("new", 5.001)):
        await batches.add(a_batch(batch_id, created))
    assert [batch.id for batch in await batches.newest(3)] == ["new", "a", "c"]
    assert [batch.id for batch in await batches.newest(99)] == ["new", "a", "c", "old"]
    assert list(await batches.newest(0)) == []


async def test_the_newest_are_read_on_behind_a_place(batches: BatchStore) -> None:
    """Which may be that of a batch that is gone, and of one among several of the same moment."""
    for batch_id, created in (("old", 0), ("c", 5), ("b", 5), ("a", 5), ("new", 6)):
        await batches.add(a_batch(batch_id, created))
    await batches.change("b", partial(Batch.deleted, now=after(9)))
    await batches.remove("b")
    assert [batch.id for batch in await batches.newest(9, (after(6), "new"))] == ["a", "c", "old"]
    assert [batch.id for batch in await batches.newest(1, (after(5), "a"))] == ["c"]
    assert [batch.id for batch in await batches.newest(9, (after(5), "b"))] == ["c", "old"]
    assert list(await batches.newest(9, (after(0), "old"))) == []


async def test_several_batches_are_read_at_once(batches: BatchStore) -> None:
    """As they are now, those on their way out as well; one that is not recorded is left out."""
    for name in ("a", "b", "c"):
        await batches.add(a_batch(name))
    changed = [await batches.change("a", one_more), await batches.change("b", partial(Batch.deleted, now=after(1)))]
    found = await batches.of_ids({"b", "nobody", "a"})
    assert sorted(found, key=lambda batch: batch.id) == changed
    assert list(await batches.of_ids(set())) == []


async def test_batches_are_found_by_when_they_were_changed(batches: BatchStore) -> None:
    """The earliest changed first, from that very moment on, those on their way out as well."""
    for number in range(4):
        await batches.add(a_batch(f"b{number}", created=number))
    await batches.change("b0", partial(Batch.deleted, now=after(9)))
    assert [batch.id for batch in await batches.updated_since(after(2), 9)] == ["b2", "b3", "b0"]
    assert [batch.id for batch in await batches.updated_since(after(2), 2)] == ["b2", "b3"]
    assert list(await batches.updated_since(after(9.001), 9)) == []
    assert list(await batches.updated_since(after(0), 0)) == []


FILTERS = {
    "one status": (BatchFilter(statuses=frozenset({"SUCCESS"})), ["c", "a"]),
    "two statuses": (BatchFilter(statuses=frozenset({"SUCCESS", "PENDING"})), ["e", "c", "b", "a"]),
    "a priority": (BatchFilter(priority="high"), ["d", "c"]),
    "a status and a priority": (BatchFilter(statuses=frozenset({"SUCCESS"}), priority="high"), ["c"]),
    "a name": (BatchFilter(name_prefix="jeju"), ["c", "b", "a"]),
    "the first letters of a name": (BatchFilter(name_prefix="제주 "), ["e"]),
    "letters that a browser sends decomposed": (BatchFilter(name_prefix="제주"), ["e"]),
    "characters with a meaning elsewhere": (BatchFilter(name_prefix=".*"), []),
    "a dollar": (BatchFilter(name_prefix="$"), ["d"]),
    "everything at once": (BatchFilter(frozenset({"SUCCESS", "FAILURE"}), "normal", "JEJU"), ["a"]),
    "nothing": (BatchFilter(), ["e", "d", "c", "b", "a"]),
}


@pytest.mark.parametrize("name", FILTERS)
async def test_the_newest_are_narrowed_by_a_filter(batches: BatchStore, name: str) -> None:
    """The newest first all the same, and read on behind any place; what is being deleted fits none."""
    recorded = {
        "a": ("Jeju 1", "SUCCESS", "normal"),
        "b": ("JEJU 2", "PENDING", "normal"),
        "c": ("jeju 3", "SUCCESS", "high"),
        "d": ("$1.50", "FAILURE", "high"),
        "e": ("제주 여행", "PENDING", "low"),
        "f": ("Jeju 4", "REVOKED", "high"),
    }
    for number, (batch_id, (label, status, priority)) in enumerate(recorded.items()):
        named = {"name": label, "status": status, "priority": priority}
        await batches.add(a_batch(batch_id, created=number).model_copy(update=named))
    await batches.change("f", partial(Batch.deleted, now=after(9)))
    chosen, ids = FILTERS[name]
    assert [batch.id for batch in await batches.newest(9, None, chosen)] == ids
    for number, batch_id in enumerate(ids):
        place = after("abcdef".index(batch_id)), batch_id
        assert [batch.id for batch in await batches.newest(1, place, chosen)] == ids[number + 1 : number + 2]


async def test_a_filter_sees_a_batch_as_it_is_now(batches: BatchStore) -> None:
    """Not as it was recorded."""
    await batches.add(a_batch())
    await batches.change("b", lambda batch: batch.changed(after(1), name="Berge", status="SUCCESS"))
    for outdated in (BatchFilter(statuses=frozenset({"PENDING"})), BatchFilter(name_prefix="ferien")):
        assert list(await batches.newest(9, None, outdated)) == []
    found = await batches.newest(9, None, BatchFilter(statuses=frozenset({"SUCCESS"}), name_prefix="berg"))
    assert [batch.id for batch in found] == ["b"]


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


async def test_the_store_alone_counts_versions(batches: BatchStore) -> None:
    """One stored change is one version, though it is made of several, and whatever version it claims."""
    await batches.add(a_batch())
    ended = await batches.change("b", lambda batch: batch.stopped("cancelled", after(1)).deleted(after(2)))
    assert (ended.version, ended.deleted_at) == (1, after(2))
    claimed = await batches.change("b", lambda batch: batch.purged(after(3)).model_copy(update={"version": 41}))
    assert (claimed.version, claimed.emptied_at) == (2, after(3))
    assert await batches.get("b") == claimed


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


def a_proof(batch_id: str, expires: float) -> Batch:
    """A proof that expires so many seconds after the start."""
    return a_batch(batch_id).model_copy(update={"proof_expires_at": after(expires)})


async def test_proofs_are_found_by_their_ids_alone(batches: BatchStore) -> None:
    """No list shows them."""
    await batches.add(a_batch("listed"))
    await batches.add(a_proof("proof", 9))
    assert [batch.id for batch in await batches.newest(10)] == ["listed"]
    assert await batches.get("proof") == a_proof("proof", 9)


async def test_proofs_whose_time_is_over_come_in_its_order(batches: BatchStore) -> None:
    """Those that are deleted already, and batches without such a time, are none of them."""
    await batches.add(a_batch("listed"))
    for batch_id, expires in (("late", 8), ("gone", 1), ("early", 5), ("not yet", 8.001)):
        await batches.add(a_proof(batch_id, expires))
    await batches.change("gone", lambda batch: batch.proof_expired(after(2)))
    assert [batch.id for batch in await batches.expired_proofs(after(8), 10)] == ["early", "late"]
    assert [batch.id for batch in await batches.expired_proofs(after(8), 1)] == ["early"]
    assert list(await batches.expired_proofs(after(8), 0)) == []
    assert list(await batches.expired_proofs(after(4), 10)) == []
