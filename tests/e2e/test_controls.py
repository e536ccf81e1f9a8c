"""Batches cancelled, paused, resumed, given up and retried by HTTP, with real processes doing the work."""

import json
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.test_upload_to_prints import follow, images, upload
from tests.processes import RunningDarkroom, wait_until

BEGUN_SECONDS = 2.0
"""Nothing is begun so long after a control."""

ONE_IMAGE_SECONDS = 3.0
"""Longest that one of these small photographs takes, on a machine that has other work."""

END_SECONDS = 10.0
"""A cancelled batch has ended so soon; one to two seconds on an idle machine."""


def status(darkroom: RunningDarkroom, batch_id: str) -> dict[str, Any]:
    """The batch as its clients see it."""
    return dict(httpx.get(f"{darkroom.base_url}/pipeline/batch/{batch_id}", timeout=10).json()["data"])


def control(darkroom: RunningDarkroom, batch_id: str, name: str, **request: Any) -> tuple[int, dict[str, Any]]:
    """Status and body of the answer to a control."""
    response = httpx.post(f"{darkroom.base_url}/pipeline/batch/{batch_id}/{name}", timeout=10, **request)
    return response.status_code, dict(response.json())


def controlled(darkroom: RunningDarkroom, batch_id: str, name: str, **request: Any) -> dict[str, Any]:
    """The batch as the control answers it, each but a retry, which may have ended by then, asked for twice."""
    status_code, body = control(darkroom, batch_id, name, **request)
    assert status_code == httpx.codes.OK, body
    if name != "retry":
        again, repeated = control(darkroom, batch_id, name, **request)
        assert (again, repeated["data"]["stop_reason"], repeated["data"]["paused"]) == (
            httpx.codes.OK,
            body["data"]["stop_reason"],
            body["data"]["paused"],
        )
    return dict(body["data"])


def refused(darkroom: RunningDarkroom, batch_id: str, name: str, **request: Any) -> str:
    """The code of a 409, which names the status that the batch has: it may move on before and after the answer."""
    before = status(darkroom, batch_id)["status"]
    status_code, body = control(darkroom, batch_id, name, **request)
    assert status_code == httpx.codes.CONFLICT, body
    lives = ("PENDING", "PROGRESS", status(darkroom, batch_id)["status"])
    assert body["error"]["details"]["status"] in lives[lives.index(before) :], (before, body)
    return str(body["error"]["code"])


def wait_for_end(darkroom: RunningDarkroom, batch_id: str, seconds: float = 60.0) -> dict[str, Any]:
    """The batch once it has ended, checked to the last image."""
    wait_until(lambda: status(darkroom, batch_id)["finished_at"], "the batch has ended", seconds)
    ended = status(darkroom, batch_id)
    assert_conserved(darkroom, ended)
    return ended


def assert_conserved(darkroom: RunningDarkroom, ended: dict[str, Any]) -> None:
    """Every image of the batch has ended, and the listing says of each what the counts say of all."""
    counts = {state: ended[f"{state}_images"] for state in ("completed", "failed", "revoked")}
    assert sum(counts.values()) == ended["total_images"], ended
    listed = Counter(image["outcome"] for image in images(darkroom.base_url, ended["batch_id"]))
    assert listed == Counter({state: count for state, count in counts.items() if count}), ended


def wait_for_first(darkroom: RunningDarkroom, batch_id: str) -> None:
    """Return once an image of the batch is completed."""
    wait_until(lambda: status(darkroom, batch_id)["completed_images"], "an image is completed")


def develop_another(darkroom: RunningDarkroom, photographs: list[Path]) -> None:
    """Have a second batch developed: time passes, and whatever stood before it in a queue has had its turn."""
    data = upload(darkroom.base_url, photographs, "chunk_size=2")
    assert follow(darkroom.base_url, data["context_id"])[-1]["status"] == "SUCCESS", darkroom.logs()


def newest_print(darkroom: RunningDarkroom, batch_id: str) -> float:
    """When the last print of a batch was stored, in seconds since the epoch."""
    return max(path.stat().st_mtime for path in (darkroom.objects / "results" / batch_id).rglob("*.*"))


@contextmanager
def watching(darkroom: RunningDarkroom, batch_id: str) -> Iterator[list[dict[str, Any]]]:
    """Every progress document of one stream; complete once the context is left, which waits for the stream's end."""
    url = f"{darkroom.base_url}/pipeline/batch/{batch_id}/events"
    seen: list[dict[str, Any]] = []
    with subprocess.Popen(["curl", "-sN", url], stdout=subprocess.PIPE) as stream:
        try:
            yield seen
            output = stream.communicate(timeout=60)[0].decode()
            seen += [json.loads(line[5:]) for line in output.splitlines() if line.startswith("data:")]
        finally:
            stream.kill()


def test_a_cancelled_batch_is_revoked_within_seconds_and_can_be_retried(
    darkroom: RunningDarkroom, photographs: list[Path]
) -> None:
    """Nothing is begun 2 s later, every image is accounted for, and a retry by another recipe completes the rest."""
    batch_id = upload(darkroom.base_url, photographs * 10, "chunk_size=4")["context_id"]
    wait_for_first(darkroom, batch_id)
    assert refused(darkroom, batch_id, "retry") == "batch_running"
    with watching(darkroom, batch_id) as seen:
        cancelled_at = time.time()
        assert controlled(darkroom, batch_id, "cancel")["stop_reason"] == "cancelled"
        revoked = wait_for_end(darkroom, batch_id, END_SECONDS)
    assert revoked["status"] == "REVOKED"
    assert revoked["completed_images"] > 0
    assert revoked["revoked_images"] > 0
    assert any(event["stop_reason"] == "cancelled" for event in seen)
    assert seen[-1] == revoked

    develop_another(darkroom, photographs)
    assert newest_print(darkroom, batch_id) < cancelled_at + BEGUN_SECONDS + ONE_IMAGE_SECONDS
    assert status(darkroom, batch_id) == revoked
    assert controlled(darkroom, batch_id, "cancel") == revoked
    assert [refused(darkroom, batch_id, name) for name in ("pause", "resume")] == ["batch_finished"] * 2

    retried = controlled(darkroom, batch_id, "retry", json={"recipe": "web-webp"})
    assert (retried["generation"], retried["recipe"]) == (1, "web-webp")
    assert retried["completed_images"] == revoked["completed_images"]
    assert controlled(darkroom, batch_id, "retry", json={"recipe": "web-webp"})["generation"] == 1
    assert refused(darkroom, batch_id, "retry", json={"recipe": "archive"}) == "batch_running"
    ended = wait_for_end(darkroom, batch_id)
    assert (ended["status"], ended["completed_images"]) == ("SUCCESS", 24 * 10), darkroom.logs()
    media_types = Counter(
        made["media_type"] for image in images(darkroom.base_url, batch_id) for made in image["prints"]
    )
    assert media_types == {"image/jpeg": 2 * revoked["completed_images"], "image/webp": 2 * revoked["revoked_images"]}
    assert refused(darkroom, batch_id, "retry") == "nothing_to_retry"
    assert refused(darkroom, batch_id, "cancel") == "batch_finished"


def test_a_batch_that_is_cancelled_before_it_began_develops_nothing_later(
    darkroom: RunningDarkroom, photographs: list[Path]
) -> None:
    """Right after the answer to its upload, wherever its message is by then."""
    batch_id = upload(darkroom.base_url, photographs * 8, "chunk_size=4")["context_id"]
    cancelled_at = time.time()
    controlled(darkroom, batch_id, "cancel")
    revoked = wait_for_end(darkroom, batch_id, END_SECONDS)
    assert revoked["status"] == "REVOKED", darkroom.logs()
    develop_another(darkroom, photographs)
    assert status(darkroom, batch_id) == revoked
    if (darkroom.objects / "results" / batch_id).exists():
        assert newest_print(darkroom, batch_id) < cancelled_at + BEGUN_SECONDS + ONE_IMAGE_SECONDS


def test_a_paused_batch_stands_still_until_it_is_resumed(darkroom: RunningDarkroom, photographs: list[Path]) -> None:
    """Others go on meanwhile, and after `resume` every image is completed, each once."""
    batch_id = upload(darkroom.base_url, photographs * 10, "chunk_size=4")["context_id"]
    wait_for_first(darkroom, batch_id)
    with watching(darkroom, batch_id) as seen:
        paused_at = time.time()
        assert controlled(darkroom, batch_id, "pause")["paused"] is True
        develop_another(darkroom, photographs)
        paused = status(darkroom, batch_id)
        develop_another(darkroom, photographs)
        assert status(darkroom, batch_id) == paused
        assert (paused["status"], paused["paused"], paused["estimated_time_remaining"]) == ("STARTED", True, None)
        assert paused["completed_images"] < paused["total_images"]
        assert newest_print(darkroom, batch_id) < paused_at + BEGUN_SECONDS + ONE_IMAGE_SECONDS

        assert controlled(darkroom, batch_id, "resume")["paused"] is False
        ended = wait_for_end(darkroom, batch_id)
    assert (ended["status"], ended["completed_images"]) == ("SUCCESS", 240), darkroom.logs()
    held = [event["paused"] for event in seen]
    assert True in held
    assert held[-1] is False
    assert seen[-1] == ended
    assert refused(darkroom, batch_id, "pause") == "batch_finished"


def test_a_paused_batch_can_be_cancelled(darkroom: RunningDarkroom, photographs: list[Path]) -> None:
    """It ends as any other."""
    batch_id = upload(darkroom.base_url, photographs * 8, "chunk_size=4")["context_id"]
    controlled(darkroom, batch_id, "pause")
    controlled(darkroom, batch_id, "cancel")
    ended = wait_for_end(darkroom, batch_id, END_SECONDS)
    assert (ended["status"], ended["paused"]) == ("REVOKED", False), darkroom.logs()


def test_failed_images_are_retried_without_a_new_upload(
    darkroom: RunningDarkroom, photographs: list[Path], tmp_path: Path
) -> None:
    """They fail again as long as they are broken; once the originals are whole, another recipe completes them."""
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(photographs[0].read_bytes()[:2000])
    batch_id = upload(darkroom.base_url, [photographs[1], broken, photographs[2], broken], "chunk_size=2")["context_id"]
    assert wait_for_end(darkroom, batch_id)["status"] == "FAILURE"

    controlled(darkroom, batch_id, "retry")
    again = wait_for_end(darkroom, batch_id)
    assert (again["status"], again["generation"], again["failed_images"]) == ("FAILURE", 1, 2), darkroom.logs()
    failed = [image for image in images(darkroom.base_url, batch_id) if image["outcome"] == "failed"]
    assert [(image["index"], image["code"]) for image in failed] == [(1, "unreadable"), (3, "unreadable")]

    for index in (1, 3):
        (darkroom.objects / "originals" / batch_id / str(index)).write_bytes(photographs[0].read_bytes())
    controlled(darkroom, batch_id, "retry", params={"recipe": "web-webp"})
    ended = wait_for_end(darkroom, batch_id)
    assert (ended["status"], ended["generation"], ended["completed_images"]) == ("SUCCESS", 2, 4), darkroom.logs()
    for image in images(darkroom.base_url, batch_id):
        for made in image["prints"]:
            assert made["media_type"] == ("image/webp" if image["index"] in {1, 3} else "image/jpeg")
            response = httpx.get(httpx.URL(darkroom.base_url).join(made["url"]))
            assert (response.status_code, len(response.content)) == (200, made["size_bytes"])


def test_a_batch_of_broken_images_is_given_up(
    darkroom: RunningDarkroom, photographs: list[Path], tmp_path: Path
) -> None:
    """Once half of those that ended have failed; the rest is revoked and can be retried."""
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(photographs[0].read_bytes()[:2000])
    files = [broken] * 40 + photographs * 14
    fields = ("chunk_size=4", "failure_threshold=50", "failure_sample=20")
    data = upload(darkroom.base_url, files, *fields)
    ended = wait_for_end(darkroom, data["context_id"])
    assert (ended["status"], ended["stop_reason"]) == ("FAILURE", "failure_threshold"), darkroom.logs()
    assert (ended["failure_threshold"], ended["failure_sample"]) == (50.0, 20)
    assert ended["failed_images"] >= 20
    assert ended["revoked_images"] > 0
    assert refused(darkroom, data["context_id"], "cancel") == "batch_finished"


def test_a_cancelled_batch_is_deleted_without_waiting_for_its_end(
    darkroom: RunningDarkroom, photographs: list[Path]
) -> None:
    """It is gone at once, and workers that have it in hand do no harm: others are developed as always."""
    batch_id = upload(darkroom.base_url, photographs * 4, "chunk_size=4")["context_id"]
    url = f"{darkroom.base_url}/pipeline/batch/{batch_id}"
    wait_for_first(darkroom, batch_id)
    status_code, _ = control(darkroom, batch_id, "cancel")
    assert (status_code, httpx.delete(url).status_code) == (httpx.codes.OK, httpx.codes.OK)
    assert httpx.get(url).status_code == httpx.codes.NOT_FOUND
    develop_another(darkroom, photographs)
    assert httpx.delete(url).json() == {"success": True, "data": {"batch_id": batch_id, "deleted": True}}


def test_a_deleted_batch_is_gone_with_everything(darkroom: RunningDarkroom, photographs: list[Path]) -> None:
    """Originals, prints, and the batch wherever it could be seen; but not while it is running."""
    batch_id = upload(darkroom.base_url, photographs * 4)["context_id"]
    url = f"{darkroom.base_url}/pipeline/batch/{batch_id}"
    running = httpx.delete(url)
    assert (running.status_code, running.json()["error"]["code"]) == (409, "batch_running")
    ended = follow(darkroom.base_url, batch_id)[-1]
    assert ended["controls"]["delete"] == f"/pipeline/batch/{batch_id}"
    assert httpx.delete(url).json() == {"success": True, "data": {"batch_id": batch_id, "deleted": True}}
    assert httpx.get(url).status_code == httpx.codes.NOT_FOUND
    assert httpx.get(f"{url}/events").status_code == httpx.codes.NOT_FOUND

    def is_gone() -> bool:
        folders = [darkroom.objects / kind / batch_id for kind in ("originals", "results")]
        return not any(folder.exists() for folder in folders)

    wait_until(is_gone, "what was stored of the batch is gone")
