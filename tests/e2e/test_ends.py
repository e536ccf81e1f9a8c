"""What becomes of images that are in development when their batch is cancelled, with real processes doing the work."""

from pathlib import Path

from tests.e2e.slow_image import begun_mark
from tests.e2e.test_controls import controlled, wait_for_end
from tests.e2e.test_rolling_restart import slow_worker
from tests.e2e.test_upload_to_prints import images, upload
from tests.processes import RunningDarkroom, wait_until


def test_what_is_in_development_at_a_cancel_counts_and_the_rest_is_revoked(
    services: RunningDarkroom, photographs: list[Path]
) -> None:
    """However long it takes; no print is stored of an image that counts as revoked."""
    with slow_worker(services.processes["worker"], "develop_after_some_seconds") as slow:
        mark = begun_mark(slow.pid)
        try:
            batch_id = upload(services.base_url, photographs, "chunk_size=4")["context_id"]
            wait_until(mark.exists, "an image is in development")
            controlled(services, batch_id, "cancel")
            ended = wait_for_end(services, batch_id)
        finally:
            mark.unlink(missing_ok=True)
    assert ended["status"] == "REVOKED"
    assert ended["completed_images"] > 0, services.logs()
    assert ended["revoked_images"] > 0
    completed = {str(i["index"]) for i in images(services.base_url, batch_id) if i["outcome"] == "completed"}
    assert {folder.name for folder in (services.objects / "results" / batch_id).iterdir()} == completed
