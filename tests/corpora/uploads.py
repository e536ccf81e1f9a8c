"""The same through the whole system: files uploaded to a gateway by the hundred, between healthy ones."""

import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import httpx
from PIL import Image

from tests.fuzz.run import FAULTS, cases
from tests.processes import wait_until

FILES_PER_BATCH = 200
HEALTHY_EVERY = 20
"""So many files come with one more that nothing is wrong with."""

BATCH_SECONDS = 600.0
FINISHED = {"SUCCESS", "FAILURE"}
HEALTHY = "healthy"

NamedFile = tuple[str, bytes]


@dataclass
class UploadReport:
    """How files ended, by code; `faults` says of each that should not have ended so what happened."""

    ends: Counter[str] = field(default_factory=Counter)
    batches: int = 0
    faults: list[str] = field(default_factory=list)


def upload_all(base_url: str, files: Iterable[NamedFile]) -> UploadReport:
    """Upload every file, and wait until each batch has ended; AssertionError for one that does not in time."""
    report = UploadReport()
    with httpx.Client(base_url=base_url, timeout=300) as client:
        for together in _batched(files):
            _upload(client, together, report)
    return report


def _batched(files: Iterable[NamedFile]) -> Iterator[list[NamedFile]]:
    remaining = iter(files)
    while together := list(islice(remaining, FILES_PER_BATCH)):
        yield together


def _upload(client: httpx.Client, files: Sequence[NamedFile], report: UploadReport) -> None:
    together = list(_with_healthy(files))
    fields = {"batch_name": "hostile", "chunk_size": "10"}
    answer = client.post("/pipeline/batch", data=fields, files=_parts(together)).raise_for_status()
    batch = f"/pipeline/batch/{answer.json()['data']['batch_id']}"
    wait_until(lambda: _status(client, batch)["status"] in FINISHED, f"{batch} has ended", BATCH_SECONDS)
    status = _status(client, batch)
    if status["completed_images"] + status["failed_images"] != len(together):
        report.faults.append(f"{batch} ended with {status}")
    report.batches += 1
    for image in _images(client, batch):
        end = image["code"] or image["outcome"]
        report.ends["good" if end == "completed" else end] += 1
        is_wrong = end in FAULTS or (image["name"].startswith(HEALTHY) and end != "completed")
        if is_wrong or end == "pending":
            report.faults.append(f"{image['name']} of {batch}: {end} ({image['message']})")


def _with_healthy(files: Sequence[NamedFile]) -> Iterator[NamedFile]:
    healthy = io.BytesIO()
    Image.new("RGB", (64, 48), (40, 90, 160)).save(healthy, "JPEG")
    for number, named in enumerate(files):
        if number % HEALTHY_EVERY == 0:
            yield f"{HEALTHY}-{number}.jpg", healthy.getvalue()
        yield named


def _parts(files: Iterable[NamedFile]) -> list[tuple[str, tuple[str, bytes]]]:
    return [("files", named) for named in files]


def _status(client: httpx.Client, batch: str) -> dict[str, Any]:
    return dict(client.get(batch).raise_for_status().json()["data"])


def _images(client: httpx.Client, batch: str) -> Iterator[dict[str, Any]]:
    cursor: str | None = None
    while True:
        parameters = {"limit": "1000"} | ({"cursor": cursor} if cursor else {})
        page = client.get(f"{batch}/images", params=parameters).raise_for_status().json()["data"]
        yield from page["images"]
        cursor = page["next_cursor"]
        if cursor is None:
            return


def fuzzed_files(seed: int, count: int) -> Iterator[NamedFile]:
    """Damaged files of every accepted format."""
    for case in islice(cases(seed), count):
        yield f"{case.number}.{case.format}", case.data
