"""Deleting a batch on real connections and a real folder: its streams end and every file of it goes."""

import contextlib

from shared.object_keys import UPLOADS_PREFIX, print_key
from tests.fakes import START, until
from tests.integration.gateway.conftest import ServedGateway
from tests.integration.gateway.test_broken_uploads import LARGE, connect
from tests.integration.gateway.test_progress_streams import following


async def test_a_finished_batch_is_deleted_with_every_file(sweeping: ServedGateway) -> None:
    """Originals, prints and their folders; other batches keep theirs."""
    kept, batch_id = await sweeping.upload(), await sweeping.upload()
    await sweeping.ports.objects.put(print_key(batch_id, 0, "web", "jpg"), b"print")
    refused = await sweeping.client.delete(f"/pipeline/batch/{batch_id}")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "batch_running")
    await sweeping.move(batch_id, status="SUCCESS", completed_images=2)
    for _ in range(2):
        answer = await sweeping.client.delete(f"/pipeline/batch/{batch_id}")
        assert answer.json() == {"success": True, "data": {"batch_id": batch_id, "deleted": True}}
    await until(lambda: not [path for path in sweeping.files() if batch_id in str(path)])
    assert len([path for path in sweeping.files() if path.is_file()]) == 2
    listed = (await sweeping.client.get("/pipeline/batch")).json()["data"]
    assert [batch["batch_id"] for batch in listed] == [kept]
    assert (await sweeping.client.get(f"/pipeline/batch/{batch_id}")).status_code == 404


async def test_streams_of_a_deleted_batch_end(sweeping: ServedGateway) -> None:
    """At once, by the hint alone, and with its end, which they had not seen."""
    batch_id = await sweeping.upload()
    async with following(sweeping, batch_id) as events:
        await anext(events)
        await sweeping.ports.batches.change(
            batch_id, lambda batch: batch.changed(START, status="SUCCESS", completed_images=2)
        )
        assert (await sweeping.client.delete(f"/pipeline/batch/{batch_id}")).status_code == 200
        assert [event.event async for event in events][-1] == "finished"
    response = await sweeping.client.get(f"/pipeline/batch/{batch_id}/events")
    assert response.status_code == 404


async def test_a_batch_is_forgotten_in_the_end(sweeping: ServedGateway) -> None:
    """By sweeps alone; its id is then unknown."""
    batch_id = await sweeping.upload()
    await sweeping.move(batch_id, status="SUCCESS", completed_images=2)
    await sweeping.client.delete(f"/pipeline/batch/{batch_id}")

    async def is_forgotten() -> bool:
        return await sweeping.ports.batches.get(batch_id) is None

    await until(is_forgotten)
    assert (await sweeping.client.delete(f"/pipeline/batch/{batch_id}")).status_code == 404
    assert sweeping.files() == []


async def test_an_upload_whose_gateway_died_leaves_nothing(sweeping: ServedGateway) -> None:
    """Its marker and its originals lie in a folder that another gateway looks after."""
    batch_id = "3f0f4a52-8a51-4bd8-9d52-4f4f6f1b9c11"
    for key in (f"uploads/{batch_id}", f"originals/{batch_id}/0", f"originals/{batch_id}/1"):
        await sweeping.ports.objects.put(key, b"x")
    await until(lambda: not sweeping.files())
    await until(lambda: _is_tombstone(sweeping, batch_id))


async def _is_tombstone(gateway: ServedGateway, batch_id: str) -> bool:
    batch = await gateway.ports.batches.get(batch_id)
    return batch is not None and batch.emptied_at is not None


async def test_an_upload_under_way_is_not_taken_for_one_of_a_dead_gateway(sweeping: ServedGateway) -> None:
    """However long it takes: its marker is renewed."""
    _, writer = await connect(sweeping, LARGE, length=5_000_000)
    uploads = sweeping.folder / UPLOADS_PREFIX
    await until(lambda: uploads.is_dir() and any(uploads.iterdir()))
    [marker] = uploads.iterdir()
    left_at = marker.stat().st_mtime
    await until(lambda: marker.stat().st_mtime > left_at + 2 * sweeping.settings.stale_upload_seconds)
    assert await sweeping.ports.batches.deleted(10) == []
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    await until(lambda: not sweeping.files())
