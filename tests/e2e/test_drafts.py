"""A batch uploaded in several requests, on real processes that are killed in the middle of them."""

import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.test_upload_to_prints import follow, images
from tests.processes import RunningDarkroom, wait_until

FILES_AT_ONCE = 5


def begin(base_url: str) -> str:
    """The address of a draft."""
    answer = httpx.post(f"{base_url}/pipeline/batch?draft", json={"batch_name": "draft", "chunk_size": 4}, timeout=10)
    assert answer.status_code == 201, answer.text
    return f"{base_url}/pipeline/batch/{answer.json()['data']['draft_id']}"


def append(batch: str, photographs: Sequence[Path], first: int) -> dict[str, Any]:
    """Append some photographs from one on, under a key of their own."""
    some = photographs[first : first + FILES_AT_ONCE]
    files = [("files", (path.name, path.read_bytes())) for path in some]
    headers = {"Idempotency-Key": f"from {first}"}
    answer = httpx.post(f"{batch}/images", data={"position": first}, files=files, headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def missing(batch: str, photographs: Sequence[Path]) -> list[int]:
    """Places of the photographs that the draft does not hold."""
    files = [{"name": path.name, "size_bytes": path.stat().st_size} for path in photographs]
    answer = httpx.post(f"{batch}/missing", json={"files": files}, timeout=30)
    assert answer.status_code == 200, answer.text
    places: list[int] = answer.json()["data"]["missing"]
    return places


def cut_append(running: RunningDarkroom, batch: str, photograph: Path) -> None:
    """Kill the gateway once it has read half of an append."""

    def body() -> Iterator[bytes]:
        head = 'Content-Disposition: form-data; name="files"; filename="cut.jpg"'
        yield f"--b\r\n{head}\r\n\r\n".encode() + photograph.read_bytes() + f"\r\n--b\r\n{head}\r\n\r\n".encode()
        yield photograph.read_bytes()[:1000]
        kill(running)
        yield b"never read"

    with pytest.raises(httpx.TransportError):
        httpx.post(f"{batch}/images", content=body(), headers={"Content-Type": "multipart/form-data; boundary=b"})


def kill(running: RunningDarkroom) -> None:
    """Kill the gateway, and start it again."""
    gateway = running.processes["gateway"]
    gateway.signal(signal.SIGKILL)
    gateway.wait()
    gateway.restart()
    wait_until(running.is_ready, "the gateway is ready again")


def assert_developed(running: RunningDarkroom, batch: str, photographs: Sequence[Path]) -> None:
    """The batch ends with every photograph once, in its place, and with its prints."""
    batch_id = batch.rpartition("/")[2]
    last = follow(running.base_url, batch_id)[-1]
    assert (last["status"], last["completed_images"]) == ("SUCCESS", len(photographs)), running.logs()
    listed = images(running.base_url, batch_id)
    assert [image["name"] for image in listed] == [path.name for path in photographs]
    assert all(httpx.get(f"{running.base_url}{made['url']}").status_code == 200 for made in listed[0]["prints"])


def test_a_draft_becomes_prints(darkroom: RunningDarkroom, photographs: list[Path]) -> None:
    """In the order that its owner has given, whatever came first."""
    batch = begin(darkroom.base_url)
    firsts = range(0, len(photographs), FILES_AT_ONCE)
    for first in reversed(firsts):
        append(batch, photographs, first)
    assert append(batch, photographs, 0)["received_images"] == len(photographs)
    assert missing(batch, photographs) == []
    assert httpx.get(batch, timeout=10).status_code == 404
    answers = [httpx.post(f"{batch}/commit", timeout=30).json() for _ in range(2)]
    assert answers[0]["data"]["total_images"] == len(photographs)
    assert answers[0] == answers[1]
    assert_developed(darkroom, batch, photographs)


def test_an_upload_goes_on_after_its_gateway_was_killed(services: RunningDarkroom, photographs: list[Path]) -> None:
    """In an append, and while it commits; another machine finds out what is missing."""
    batch = begin(services.base_url)
    for first in (5, 15):
        append(batch, photographs, first)
    cut_append(services, batch, photographs[0])
    [draft] = httpx.get(f"{services.base_url}/pipeline/drafts", timeout=10).json()["data"]
    assert f"{services.base_url}{draft['links']['batch']}" == batch
    places = missing(batch, photographs)
    assert places == [*range(5), *range(10, 15), *range(20, 24)], services.logs()
    for first in places[::FILES_AT_ONCE]:
        append(batch, photographs, first)
    with httpx.Client() as client:
        request = client.build_request("POST", f"{batch}/commit")
        answer = client.send(request, stream=True)
        answer.close()
        kill(services)
    assert httpx.post(f"{batch}/commit", timeout=30).json()["data"]["total_images"] == len(photographs)
    assert_developed(services, batch, photographs)
