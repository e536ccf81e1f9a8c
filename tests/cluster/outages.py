"""One member of a cluster is lost while batches are developed: each ends in time, with every image counted once."""

import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.test_crashes_and_drain import status
from tests.e2e.test_upload_to_prints import images
from tests.processes import RunningDarkroom, wait_until
from tests.servers.native import NativeServer

END_SECONDS = 60.0
"""Longest from the loss until every batch that was under way or came meanwhile has ended."""

HARMS = ("kill", "stop", "freeze")
"""How a member is lost, by `NativeServer`'s methods: SIGKILL, SIGTERM, or SIGSTOP, which leaves connections open."""


def develop_through(
    darkroom: RunningDarkroom, photographs: list[Path], harm: str, pick: Callable[[], NativeServer[Any]]
) -> None:
    """Lose the member that `pick` chooses while a batch is developed, with another one uploaded meanwhile.

    The member is back at the end.
    """
    member = pick()
    under_way = upload(darkroom, photographs)
    wait_until(lambda: completed(darkroom, under_way) > 0, "the first image is completed")
    began = time.monotonic()
    getattr(member, harm)()
    try:
        meanwhile = upload(darkroom, photographs)
        for batch_id in (under_way, meanwhile):
            assert_ends_whole(darkroom, batch_id, len(photographs), began + END_SECONDS)
    finally:
        member.thaw() if harm == "freeze" else member.start()
    assert_ends_whole(darkroom, upload(darkroom, photographs[:24]), 24, time.monotonic() + END_SECONDS)


def upload(darkroom: RunningDarkroom, photographs: list[Path]) -> str:
    """The id of a new batch of chunks of one image, asked for again under one key while the answer is a 503."""
    files = [("files", (path.name, path.read_bytes())) for path in photographs]
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    fields = {"batch_name": "outage", "chunk_size": "1"}
    answers: list[httpx.Response] = []

    def accepted() -> bool:
        answers.append(
            httpx.post(f"{darkroom.base_url}/pipeline/batch", data=fields, files=files, headers=headers, timeout=60)
        )
        assert answers[-1].status_code in {httpx.codes.OK, httpx.codes.SERVICE_UNAVAILABLE}, answers[-1].text
        return answers[-1].is_success

    wait_until(accepted, "the upload is accepted")
    return str(answers[-1].json()["data"]["context_id"])


def completed(darkroom: RunningDarkroom, batch_id: str) -> int:
    """How many images are completed."""
    return int(str(status(darkroom, batch_id)["completed_images"]))


def assert_ends_whole(darkroom: RunningDarkroom, batch_id: str, count: int, deadline: float) -> None:
    """The batch ends before the deadline of the monotonic clock, each image is completed, and none counts twice."""

    def has_ended() -> bool:
        try:
            return status(darkroom, batch_id)["status"] in {"SUCCESS", "FAILURE"}
        except (httpx.TransportError, KeyError):  # the gateway has no database at this moment
            return False

    try:
        wait_until(has_ended, "the batch ends", max(deadline - time.monotonic(), 0))
    except AssertionError as late:
        raise AssertionError(f"{status(darkroom, batch_id)}\n{darkroom.logs()}") from late
    last = status(darkroom, batch_id)
    assert (last["completed_images"], last["failed_images"], last["total_images"]) == (count, 0, count)
    listed = images(darkroom.base_url, batch_id)
    assert [image["index"] for image in listed] == list(range(count))
    assert {image["outcome"] for image in listed} == {"completed"}
