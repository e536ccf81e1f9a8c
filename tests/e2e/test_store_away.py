"""The volume of the object store is unmounted while a batch is developed: its folder is there, and empty."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.chaos.objects_away import ObjectsFolder
from tests.e2e.test_crashes_and_drain import status
from tests.e2e.test_upload_to_prints import follow, images, upload
from tests.processes import RunningDarkroom, running_embedded, wait_until


def test_an_unmounted_store_fails_no_image(services: RunningDarkroom, photographs: list[Path]) -> None:
    """Workers find no original, which is not believed; once the volume is back, every image is completed."""
    store = ObjectsFolder(services.objects.parent)
    batch_id = upload(services.base_url, photographs * 10, "chunk_size=4")["context_id"]
    wait_until(lambda: int(str(status(services, batch_id)["completed_images"])) > 0, "the first image is completed")

    store.empty()
    worker_log = services.processes["worker"].log_file
    wait_until(lambda: "chunk_retried" in worker_log.read_text(), "a worker finds an original missing")
    wait_until(lambda: not services.is_ready(), "the gateway is not ready")
    store.bring_back()

    last = follow(services.base_url, batch_id)[-1]
    assert (last["status"], last["completed_images"], last["failed_images"]) == ("SUCCESS", 240, 0), services.logs()
    wait_until(services.is_ready, "the gateway is ready again")
    for image in images(services.base_url, batch_id):
        for made in image["prints"]:
            assert len(httpx.get(httpx.URL(services.base_url).join(made["url"])).content) == made["size_bytes"]


@pytest.mark.parametrize("away", [ObjectsFolder.take_away, ObjectsFolder.empty])
def test_prints_of_an_unmounted_store_are_away_and_not_gone(
    photographs: list[Path], tmp_path: Path, away: Callable[[ObjectsFolder], None]
) -> None:
    """Clients are told to come again, wherever they ask; the same in one process."""
    with running_embedded(tmp_path) as darkroom:
        store = ObjectsFolder(tmp_path)
        batch_id = upload(darkroom.base_url, photographs[:2])["context_id"]
        assert follow(darkroom.base_url, batch_id)[-1]["status"] == "SUCCESS", darkroom.logs()
        batch = f"{darkroom.base_url}/pipeline/batch/{batch_id}"
        addresses = [f"{batch}/images/0/web", f"{batch}/archive", f"{batch}/contact-sheet"]
        away(store)
        for address in addresses:
            answer = httpx.get(address)
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "storage_unavailable")
        wait_until(lambda: not darkroom.is_ready(), "the process is not ready")
        store.bring_back()
        assert all(httpx.get(address).is_success for address in addresses)
        wait_until(darkroom.is_ready, "the process is ready again")
