"""Proofs and statistics of a whole system, from real photographs."""

import io
import itertools
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.e2e.test_upload_to_prints import follow, upload
from tests.processes import RunningDarkroom, wait_until

RECIPE = """{
    "name": "tried-out",
    "steps": [],
    "outputs": [{"name": "one", "format": "webp", "fit": {"width": 80, "height": 80}}]
}"""


READ_SECONDS = 0.5
"""Between two reads of statistics, each of another range, of which there are some hundreds."""


def make_proof(base_url: str, file: tuple[str, bytes] | None = None, **fields: str) -> httpx.Response:
    """Ask for a proof."""
    form: list[tuple[str, Any]] = [(name, (None, value)) for name, value in fields.items()]
    files = [*form, ("file", file)] if file else form
    return httpx.post(f"{base_url}/pipeline/proofs", files=files, timeout=60, headers={"Accept-Language": "en"})


def listed(base_url: str) -> set[str]:
    """The ids of all batches that are listed."""
    data = httpx.get(f"{base_url}/pipeline/batch?limit=1000").raise_for_status().json()["data"]
    return {batch["batch_id"] for batch in data}


class Statistics:
    """Reads what happened lately, each time over another range: answers to the same one are kept for a while."""

    # Of all tests together: they share a gateway, which keeps the answers.
    _lengths = itertools.count(1)

    def __init__(self, base_url: str) -> None:
        self._url = f"{base_url}/pipeline/stats"

    def read(self) -> dict[str, Any]:
        """The newest statistics."""
        since = datetime.now(UTC) - timedelta(hours=1, minutes=next(self._lengths))
        answer = httpx.get(self._url, params={"from": since.isoformat(), "step": "60"})
        data: dict[str, Any] = answer.raise_for_status().json()["data"]
        return data


def total(statistics: dict[str, Any], name: str) -> int:
    """The sum over all points."""
    return sum(point[name] for point in statistics["points"])


def test_a_proof_shows_what_a_recipe_makes_of_an_image_of_a_batch(
    darkroom: RunningDarkroom, photographs: list[Path]
) -> None:
    """In one request, and it is still there when the batch is deleted."""
    batch_id = upload(darkroom.base_url, photographs[:2])["batch_id"]
    follow(darkroom.base_url, batch_id)
    answer = make_proof(darkroom.base_url, options=RECIPE, batch_id=batch_id, index="1")
    assert answer.status_code == httpx.codes.OK, answer.text
    proof = answer.json()["data"]
    assert (proof["state"], proof["original"]["name"]) == ("completed", photographs[1].name)
    httpx.delete(f"{darkroom.base_url}/pipeline/batch/{batch_id}").raise_for_status()
    [made] = proof["prints"]
    content = httpx.get(httpx.URL(darkroom.base_url).join(made["url"])).raise_for_status().content
    assert (Image.open(io.BytesIO(content)).format, len(content)) == ("WEBP", made["size_bytes"])
    assert proof["proof_id"] not in listed(darkroom.base_url)


def test_a_proof_of_a_broken_image_says_what_is_wrong(darkroom: RunningDarkroom, photographs: list[Path]) -> None:
    """It looked like an image, so the request succeeds and the image fails."""
    broken = photographs[0].read_bytes()[:2000]
    answer = make_proof(darkroom.base_url, ("broken.jpg", broken), recipe="web")
    assert answer.status_code == httpx.codes.OK, answer.text
    proof = answer.json()["data"]
    assert (proof["state"], proof["code"], proof["prints"]) == ("failed", "unreadable", [])


def test_statistics_show_what_was_developed_and_no_proofs(
    services: RunningDarkroom, photographs: list[Path], tmp_path: Path
) -> None:
    """Every image once, with bytes and times; the batch among those that ended."""
    statistics = Statistics(services.base_url)
    before = statistics.read()
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(photographs[0].read_bytes()[:2000])
    follow(services.base_url, upload(services.base_url, [*photographs[:4], broken])["batch_id"])
    assert make_proof(services.base_url, ("a.jpg", photographs[0].read_bytes())).status_code == httpx.codes.OK

    def is_written() -> bool:
        after = statistics.read()
        return [total(after, name) - total(before, name) for name in ("developed", "failed")] == [4, 1]

    wait_until(is_written, "the worker writes its figures", pause_seconds=READ_SECONDS)
    after = statistics.read()
    assert total(after, "bytes_in") - total(before, "bytes_in") == sum(p.stat().st_size for p in photographs[:4])
    assert total(after, "bytes_out") > total(before, "bytes_out")
    newest = [point for point in after["points"] if point["developed"]][-1]
    assert 0 < newest["p50_ms"] <= newest["p95_ms"]
    assert 0 < newest["busy_share"] <= 1
    assert after["failures_by_code"]["unreadable"] == before["failures_by_code"].get("unreadable", 0) + 1
    assert after["batches"]["finished"] == before["batches"]["finished"] + 1
    assert after["batches"]["mean_run_seconds"] > 0


def test_a_proof_whose_client_leaves_is_removed(services: RunningDarkroom, photographs: list[Path]) -> None:
    """No worker answers; the client does not wait, and neither does what it sent."""

    def originals() -> set[Path]:
        return {path for path in (services.objects / "originals").rglob("*") if path.is_file()}

    before = originals()
    services.processes["worker"].signal(signal.SIGSTOP)
    try:
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(
                f"{services.base_url}/pipeline/proofs",
                files={"file": ("a.jpg", photographs[0].read_bytes())},
                timeout=httpx.Timeout(60, read=2),
            )
        wait_until(lambda: originals() <= before, "the proof is removed")
    finally:
        services.processes["worker"].signal(signal.SIGCONT)


def test_figures_survive_a_worker_that_is_killed(services: RunningDarkroom, photographs: list[Path]) -> None:
    """But for those since its last heartbeat; its next life writes beside it."""
    statistics = Statistics(services.base_url)
    before = total(statistics.read(), "developed")
    follow(services.base_url, upload(services.base_url, photographs[:3])["batch_id"])
    wait_until(
        lambda: total(statistics.read(), "developed") == before + 3,
        "the worker writes its figures",
        pause_seconds=READ_SECONDS,
    )
    services.processes["worker"].signal(signal.SIGKILL)
    services.processes["worker"].wait()
    services.processes["worker"].restart()
    follow(services.base_url, upload(services.base_url, photographs[:2])["batch_id"])
    wait_until(
        lambda: total(statistics.read(), "developed") == before + 5,
        "its next life writes figures of its own",
        pause_seconds=READ_SECONDS,
    )
