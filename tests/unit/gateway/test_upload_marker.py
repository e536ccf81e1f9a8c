"""The mark of an upload under way: there before anything else, kept fresh, and gone afterwards."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.gateway.uploading.upload_marker import UploadMarker
from shared.errors import StorageUnavailableError
from shared.object_keys import upload_marker_key
from tests.fakes import START, SteppingClock, until
from tests.unit.gateway.stage import BATCH, OTHER, DatedObjects, Stage, parts

KEY = upload_marker_key(BATCH)
RENEWAL_SECONDS = 0.001


@pytest.fixture
def clock() -> SteppingClock:
    """What dates the objects."""
    return SteppingClock()


@pytest.fixture
def objects(clock: SteppingClock) -> DatedObjects:
    """A store in which markers are renewed all the time."""
    return DatedObjects(clock)


async def test_a_marker_is_kept_fresh_until_it_is_removed(objects: DatedObjects, clock: SteppingClock) -> None:
    """However long the upload takes."""
    marker = UploadMarker(objects, BATCH, RENEWAL_SECONDS)
    await marker.leave()
    assert objects.dates[KEY] == START
    for _ in range(3):
        clock.step(600)
        await until(lambda: objects.dates[KEY] == clock.now)
    assert not await marker.is_gone()
    await marker.remove()
    assert objects.stored == {}


async def test_an_abandoned_marker_stands_and_ages(objects: DatedObjects, clock: SteppingClock) -> None:
    """So that somebody finds it; abandoning it twice changes nothing."""
    marker = UploadMarker(objects, BATCH, RENEWAL_SECONDS)
    await marker.leave()
    await marker.abandon()
    await marker.abandon()
    clock.step(600)
    other = UploadMarker(objects, OTHER, RENEWAL_SECONDS)
    await other.leave()
    clock.step(600)
    await until(lambda: objects.dates[upload_marker_key(OTHER)] == clock.now)
    await other.abandon()
    assert objects.dates[KEY] == START


async def test_a_renewal_that_fails_is_made_up_for(
    objects: DatedObjects, clock: SteppingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The upload goes on meanwhile."""
    marker = UploadMarker(objects, BATCH, RENEWAL_SECONDS)
    await marker.leave()
    failed = asyncio.Event()

    async def away(key: str, _data: bytes | AsyncIterator[bytes]) -> None:
        failed.set()
        raise StorageUnavailableError(key)

    with monkeypatch.context() as patch:
        patch.setattr(objects, "put", away)
        await until(failed.is_set)
    clock.step(60)
    await until(lambda: objects.dates[KEY] == clock.now)
    await marker.remove()


async def test_a_marker_that_was_taken_away_is_gone_for_good(objects: DatedObjects) -> None:
    """Also when it was left again, so that what still comes in is found as well."""
    marker = UploadMarker(objects, BATCH, RENEWAL_SECONDS)
    await marker.leave()
    await objects.remove(KEY)
    await until(lambda: KEY in objects.stored)
    assert await marker.is_gone()
    await marker.remove()
    assert objects.stored == {}


async def test_a_marker_that_was_taken_away_this_moment_is_gone(clock: SteppingClock) -> None:
    """Without waiting for a renewal to find out."""
    objects = DatedObjects(clock)
    marker = UploadMarker(objects, BATCH, RENEWAL_SECONDS)
    await marker.leave()
    await objects.remove(KEY)
    assert await marker.is_gone()
    await marker.remove()


async def test_a_marker_whose_upload_is_cut_off_at_once_is_removed(clock: SteppingClock) -> None:
    """A put that was under way is waited for: it would leave the marker after everybody has tidied up."""
    go_on, entered, written = asyncio.Event(), asyncio.Event(), asyncio.Event()

    class SlowObjects(DatedObjects):
        async def put(self, key: str, data: bytes | AsyncIterator[bytes]) -> None:
            """Store once the test lets it, whether anybody still waits for it or not."""
            await asyncio.shield(asyncio.create_task(self._write(key, data)))

        async def _write(self, key: str, data: bytes | AsyncIterator[bytes]) -> None:
            entered.set()
            await go_on.wait()
            await super().put(key, data)
            written.set()

    async def revoke_rest() -> None:
        leaving.cancel()
        await asyncio.wait([leaving])
        await marker.remove()

    objects = SlowObjects(clock)
    marker = UploadMarker(objects, BATCH, RENEWAL_SECONDS)
    leaving = asyncio.create_task(marker.leave())
    await until(entered.is_set)
    cutting_off = asyncio.create_task(revoke_rest())
    await until(lambda: leaving.cancelling() > 0)
    go_on.set()
    await cutting_off
    await written.wait()
    assert leaving.cancelled()
    assert objects.stored == {}


async def test_a_marker_that_cannot_be_removed_is_left_to_others(
    objects: DatedObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is told, as nothing is wrong."""

    async def away(key: str) -> None:
        raise StorageUnavailableError(key)

    monkeypatch.setattr(objects, "remove", away)
    marker = UploadMarker(objects, BATCH, RENEWAL_SECONDS)
    await marker.leave()
    await marker.remove()
    assert KEY in objects.stored


async def test_an_upload_is_marked_before_its_first_byte_is_stored() -> None:
    """And until its batch is recorded."""
    stage = Stage()
    stored: list[str] = []
    marked: list[bool] = []
    put, add = stage.objects.put, stage.documents.batches.add
    gateway = stage.gateway()

    async def noted(key: str, data: bytes | AsyncIterator[bytes]) -> None:
        stored.append(key)
        await put(key, data)

    async def recorded(batch: object) -> None:
        await add(batch)  # type: ignore[arg-type]  # only passed on
        marked.append(stored[0] in stage.objects.stored)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage.objects, "put", noted)
        patch.setattr(stage.documents.batches, "add", recorded)
        batch = await gateway.submissions.submit(parts())
    assert stored[0] == upload_marker_key(batch.id)
    assert marked == [True]
    assert stored[0] not in stage.objects.stored


async def test_an_upload_that_cannot_be_marked_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of it is read."""
    stage = Stage()

    async def away(key: str, _data: bytes | AsyncIterator[bytes]) -> None:
        raise StorageUnavailableError(key)

    monkeypatch.setattr(stage.objects, "put", away)
    unread = parts()
    with pytest.raises(StorageUnavailableError):
        await stage.gateway().submissions.submit(unread)
    assert (await anext(unread)) is not None
    await unread.aclose()  # type: ignore[attr-defined]  # a generator, which has it
