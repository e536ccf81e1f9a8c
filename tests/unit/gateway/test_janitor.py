"""Tidying up: everything of a deleted batch goes, and nothing of any other, whoever crashes or does it as well."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Literal

import pytest

from services.gateway.settings import GatewaySettings
from services.gateway.uploading.recording import UploadGivenUpError
from shared.documents import Batch
from shared.errors import DocumentsUnavailableError, StorageUnavailableError
from shared.object_keys import original_key, upload_marker_key
from shared.running.lifecycle import Stopping
from tests.fakes import START, Crash, CrashError, new_batch, until
from tests.unit.gateway.stage import BATCH, OTHER, Stage, parts

MARKER = upload_marker_key(BATCH)
TOMBSTONE_SECONDS = GatewaySettings().tombstone_seconds
STALE_UPLOAD_SECONDS = GatewaySettings().stale_upload_seconds


async def sweep_until_forgotten(stage: Stage) -> None:
    """What a gateway that stays alive does in the time to come."""
    for _ in range(4):
        stage.clock.step(TOMBSTONE_SECONDS)
        janitor = stage.gateway().janitor
        await janitor.sweep()
        await janitor.flush()


async def test_a_deleted_batch_is_emptied_at_once_and_its_document_stays_as_a_tombstone() -> None:
    """Originals, prints, manifest and chunks; other batches keep theirs."""
    stage = Stage()
    await stage.record_finished(BATCH)
    await stage.record_finished(OTHER)
    gateway = stage.gateway()
    await gateway.controls.delete(BATCH)
    assert not await stage.is_empty(BATCH)
    await gateway.janitor.flush()
    assert await stage.is_empty(BATCH)
    assert not await stage.is_empty(OTHER)
    batch = await stage.batch()
    assert batch is not None
    assert (batch.deleted_at, batch.emptied_at) == (START, START)


async def test_a_sweep_empties_what_the_gateway_that_was_asked_left() -> None:
    """Not before that gateway has had its time, and once."""
    stage = Stage()
    await stage.record_finished()
    await stage.gateway().controls.delete(BATCH)
    janitor = stage.gateway().janitor
    await janitor.sweep()
    assert not await stage.is_empty()
    stage.clock.step(stage.settings.janitor_sweep_seconds)
    await janitor.sweep()
    assert await stage.is_empty()
    await stage.objects.put(original_key(BATCH, 0), b"late")
    await janitor.sweep()
    assert not await stage.is_empty()


async def test_what_is_stored_late_goes_before_the_batch_is_forgotten() -> None:
    """By a worker that was thought dead, or a slow chunker, while the tombstone stands."""
    stage = Stage()
    await stage.record_finished()
    gateway = stage.gateway()
    await gateway.controls.delete(BATCH)
    await gateway.janitor.flush()
    await stage.store(BATCH)
    stage.clock.step(TOMBSTONE_SECONDS - 1)
    await gateway.janitor.sweep()
    assert await stage.batch()
    stage.clock.step(1)
    await gateway.janitor.sweep()
    assert await stage.is_empty()
    assert await stage.batch() is None
    await gateway.janitor.sweep()


async def test_a_woken_janitor_empties_without_a_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its searches go on beside, and what they meet does not make the gateway unready."""
    stage = Stage()
    await stage.record_finished()
    gateway = stage.gateway()

    swept = asyncio.Event()

    async def fail(_limit: int, _after: str) -> list[Batch]:
        swept.set()
        raise DocumentsUnavailableError("away")

    monkeypatch.setattr(stage.documents.batches, "deleted", fail)
    running = asyncio.create_task(gateway.janitor.run(Stopping()))
    await swept.wait()
    await gateway.controls.delete(BATCH)
    await until(stage.is_empty)
    assert gateway.readiness.problems == {}
    running.cancel()
    await until(running.done)
    assert running.cancelled()


async def test_a_store_that_is_away_costs_only_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The batches that are woken later are emptied, and a sweep sees to the one that could not be."""
    stage = Stage()
    await stage.record_finished(BATCH)
    await stage.record_finished(OTHER)
    gateway = stage.gateway()
    remove = stage.documents.chunks.remove

    async def away(batch_id: str) -> None:
        if batch_id == BATCH:
            raise DocumentsUnavailableError("away")
        await remove(batch_id)

    monkeypatch.setattr(stage.documents.chunks, "remove", away)
    await gateway.controls.delete(BATCH)
    await gateway.controls.delete(OTHER)
    await gateway.janitor.flush()
    assert await stage.is_empty(OTHER)
    stage.clock.step(60)
    with pytest.raises(DocumentsUnavailableError):
        await gateway.janitor.sweep()
    monkeypatch.undo()
    await gateway.janitor.sweep()
    assert await stage.is_empty(BATCH)


async def test_a_batch_that_cannot_be_emptied_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Woken or found; the sweep tells what went wrong at its end."""
    stage = Stage()
    await stage.record_finished(BATCH)
    await stage.record_finished(OTHER)
    gateway = stage.gateway()
    remove = stage.documents.manifests.remove

    async def broken(batch_id: str) -> None:
        if batch_id == BATCH:
            raise ValueError(batch_id)
        await remove(batch_id)

    monkeypatch.setattr(stage.documents.manifests, "remove", broken)
    await gateway.controls.delete(BATCH)
    await gateway.janitor.flush()
    await gateway.controls.delete(OTHER)
    stage.clock.step(60)
    with pytest.raises(ExceptionGroup) as raised:
        await gateway.janitor.sweep()
    assert [str(error) for error in raised.value.exceptions] == [BATCH]
    assert await stage.is_empty(OTHER)


async def test_every_deleted_batch_is_seen_to() -> None:
    """Also beyond one page, and while those before it are forgotten."""
    stage = Stage()
    for number in range(250):
        batch = new_batch(f"b-{number}").changed(START, status="SUCCESS", completed_images=10)
        await stage.documents.batches.add(batch.deleted(START))
    await sweep_until_forgotten(stage)
    assert await stage.documents.batches.deleted(1) == []


async def test_an_upload_that_nobody_goes_on_with_is_removed_to_its_last_trace() -> None:
    """Its marker is old; a tombstone stands in its place for a while."""
    stage = Stage()
    await stage.objects.put(MARKER, b"")
    await stage.store()
    janitor = stage.gateway().janitor
    stage.clock.step(STALE_UPLOAD_SECONDS)
    await janitor.sweep()
    assert MARKER in stage.objects.stored
    stage.clock.step(1)
    await janitor.sweep()
    await janitor.flush()
    assert await stage.is_empty()
    tombstone = await stage.batch()
    assert tombstone is not None
    assert tombstone.deleted_at
    assert tombstone.is_finished
    assert await stage.documents.batches.newest(10) == []
    await sweep_until_forgotten(stage)
    assert await stage.batch() is None


async def test_the_marker_of_a_recorded_batch_is_removed_alone() -> None:
    """Its gateway died between the two, or could not reach the store."""
    stage = Stage()
    await stage.record_finished()
    await stage.objects.put(MARKER, b"")
    before = await stage.batch()
    stage.clock.step(STALE_UPLOAD_SECONDS + 1)
    await stage.gateway().janitor.sweep()
    assert MARKER not in stage.objects.stored
    await sweep_until_forgotten(stage)
    assert await stage.batch() == before
    assert not await stage.is_empty()


async def test_a_batch_that_no_majority_has_confirmed_yet_keeps_its_marker(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failover may yet undo it, and then somebody has to find what was stored."""
    stage = Stage()
    await stage.record_finished()
    await stage.objects.put(MARKER, b"")

    async def unconfirmed(_batch_id: str) -> None:
        return None

    stage.clock.step(STALE_UPLOAD_SECONDS + 1)
    with monkeypatch.context() as patch:
        patch.setattr(stage.documents.batches, "get", unconfirmed)
        await stage.gateway().janitor.sweep()
    assert MARKER in stage.objects.stored
    assert not await stage.is_empty()
    await stage.gateway().janitor.sweep()
    assert MARKER not in stage.objects.stored


@pytest.mark.parametrize("key", ["uploads/", "uploads/..", f"uploads/{BATCH.upper()}", f"uploads/{BATCH}/x"])
async def test_what_is_no_marker_is_left_alone(key: str) -> None:
    """Such as the placeholder that S3 consoles make for a folder: its empty id would be the prefix of everything."""
    stage = Stage()
    await stage.record_finished()
    await stage.objects.put(key, b"")
    before = dict(stage.objects.stored)
    stage.clock.step(STALE_UPLOAD_SECONDS + 1)
    await stage.gateway().janitor.sweep()
    assert stage.objects.stored == before


Scene = Callable[[Stage], Awaitable[None]]


async def deleted(stage: Stage) -> None:
    """A batch that a gateway deleted and then died."""
    await stage.record_finished()
    await stage.gateway().controls.delete(BATCH)
    stage.clock.step(60)


async def long_deleted(stage: Stage) -> None:
    """A deleted batch of which something was stored late."""
    await deleted(stage)
    await stage.gateway().janitor.sweep()
    await stage.store()
    stage.clock.step(TOMBSTONE_SECONDS)


async def half_uploaded(stage: Stage) -> None:
    """What a killed gateway left of an upload."""
    await stage.objects.put(MARKER, b"")
    await stage.store()
    stage.clock.step(STALE_UPLOAD_SECONDS + 1)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("scene", [deleted, long_deleted, half_uploaded])
async def test_a_janitor_may_be_killed_at_any_call(scene: Scene, when: Literal["before", "after"]) -> None:
    """Another one goes on, and in the end nothing is left."""
    killed = 0
    for at in range(20):
        stage = Stage()
        await stage.record_finished(OTHER)
        await scene(stage)
        crash = Crash(at, when)
        janitor = stage.gateway(crash).janitor
        with contextlib.suppress(CrashError):
            await janitor.sweep()
            await janitor.flush()
        await sweep_until_forgotten(stage)
        assert await stage.is_empty(), f"killed {when} call {at}"
        assert await stage.batch() is None, f"killed {when} call {at}"
        assert await stage.batch(OTHER)
        assert not await stage.is_empty(OTHER)
        killed += crash.has_happened
    assert 6 <= killed < 20  # the page, four removals and one change at least, and not every time


@pytest.mark.parametrize("scene", [deleted, long_deleted, half_uploaded])
async def test_janitors_do_not_trip_over_each_other(scene: Scene) -> None:
    """All gateways sweep at the same moment, twice."""
    stage = Stage()
    await scene(stage)
    janitors = [stage.gateway().janitor for _ in range(4)]
    for _ in range(2):
        await asyncio.gather(*(janitor.sweep() for janitor in janitors))
        await asyncio.gather(*(janitor.flush() for janitor in janitors))
    assert await stage.is_empty()
    await sweep_until_forgotten(stage)
    assert await stage.batch() is None


async def test_an_upload_of_a_gateway_that_was_asleep_is_never_recorded() -> None:
    """It wakes up while the tombstone stands: its sender is asked to send it again, and nothing of it is left."""
    stage = Stage()
    stall = asyncio.Event()
    upload = asyncio.create_task(stage.gateway().submissions.submit(parts(stall=stall)))
    await until(lambda: len(stage.objects.stored) == 2)
    stage.clock.step(STALE_UPLOAD_SECONDS + 1)
    janitor = stage.gateway().janitor
    await janitor.sweep()
    await janitor.flush()
    stall.set()
    with pytest.raises(UploadGivenUpError):
        await upload
    assert stage.objects.stored == {}
    assert await stage.documents.batches.newest(10) == []


async def test_not_even_once_its_tombstone_is_gone() -> None:
    """However long it slept, the missing marker tells."""
    stage = Stage()
    stall = asyncio.Event()
    upload = asyncio.create_task(stage.gateway().submissions.submit(parts(stall=stall)))
    await until(lambda: len(stage.objects.stored) == 2)
    stage.clock.step(STALE_UPLOAD_SECONDS + 1)
    await sweep_until_forgotten(stage)
    assert await stage.documents.batches.deleted(10) == []
    stall.set()
    with pytest.raises(UploadGivenUpError):
        await upload
    assert stage.objects.stored == {}


async def test_a_tombstone_stands_as_long_as_its_upload_is_received() -> None:
    """A clock that was far ahead had it given up. It goes on, leaves its marker again, and must not be recorded."""
    stage = Stage()
    stage.settings = GatewaySettings(stale_upload_seconds=0.01)  # so that the marker is renewed all the time
    stall = asyncio.Event()
    upload = asyncio.create_task(stage.gateway().submissions.submit(parts(stall=stall)))
    await until(lambda: len(stage.objects.stored) == 2)
    [marker] = [key for key in stage.objects.stored if key.startswith("uploads/")]
    batch_id = marker.removeprefix("uploads/")
    await stage.documents.batches.add(Batch.tombstone(batch_id, START))
    del stage.objects.stored[marker]
    await until(lambda: marker in stage.objects.stored)
    stage.clock.step(TOMBSTONE_SECONDS)
    await until(lambda: stage.objects.dates[marker] == stage.clock.now)
    await stage.gateway().janitor.sweep()
    assert await stage.batch(batch_id)
    stall.set()
    with pytest.raises(UploadGivenUpError):
        await upload
    await stage.gateway().janitor.sweep()
    assert await stage.batch(batch_id) is None
    assert stage.objects.stored == {}


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_gateway_that_is_killed_at_any_call_leaves_a_whole_batch_or_nothing(
    when: Literal["before", "after"], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the end, once a janitor has found what it left; a batch that was answered is always whole."""
    monkeypatch.setattr("services.gateway.uploading.recording.PAUSES_SECONDS", (0.0, 0.0))
    killed = 0
    for at in range(20):
        stage = Stage()
        crash = Crash(at, when)
        answered: Batch | None = None
        with contextlib.suppress(CrashError):
            answered = await stage.gateway(crash).submissions.submit(parts())
        stage.clock.step(STALE_UPLOAD_SECONDS + 1)
        await sweep_until_forgotten(stage)
        recorded = await stage.documents.batches.newest(10)
        assert answered is None or [batch.id for batch in recorded] == [answered.id]
        assert all([await stage.is_whole(batch.id) for batch in recorded]), f"killed {when} call {at}"
        if not recorded:
            assert stage.objects.stored == {}, f"killed {when} call {at}"
            assert await stage.documents.batches.deleted(10) == []
        killed += crash.has_happened
    assert 6 <= killed < 20  # the marker, two originals, a page, the batch and the marker again, and not every time


async def test_a_marker_that_cannot_be_removed_is_no_trouble_for_the_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    """The batch is recorded; a janitor removes it."""
    stage = Stage()

    async def away(key: str) -> None:
        raise StorageUnavailableError(key)

    with monkeypatch.context() as patch:
        patch.setattr(stage.objects, "remove", away)
        batch = await stage.gateway().submissions.submit(parts())
    assert upload_marker_key(batch.id) in stage.objects.stored
    stage.clock.step(STALE_UPLOAD_SECONDS + 1)
    await stage.gateway().janitor.sweep()
    assert await stage.is_whole(batch.id)
