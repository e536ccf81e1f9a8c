"""From one `curl` to the last progress event and every print, as people and the contract's clients do it."""

import io
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest
from httpx_sse import connect_sse
from PIL import Image

from tests.processes import ROOT, RunningDarkroom


def upload(base_url: str, files: list[Path], *fields: str) -> dict[str, Any]:
    """Upload with curl; the answer's data."""
    command = ["curl", "--silent", "--show-error", "--fail-with-body", f"{base_url}/pipeline/batch"]
    for field in ("batch_name=여름 휴가", *fields):
        command += ["-F", field]
    for path in files:
        command += ["-F", f"files=@{path}"]
    finished = subprocess.run(command, capture_output=True, check=True, timeout=60)
    body: dict[str, Any] = json.loads(finished.stdout)
    assert body["success"] is True
    return dict(body["data"])


def follow(base_url: str, batch_id: str) -> list[dict[str, Any]]:
    """Every progress document of the event stream until the server closes it."""
    url = f"{base_url}/pipeline/batch/{batch_id}/events"
    with httpx.Client(timeout=60) as client, connect_sse(client, "GET", url) as events:
        return [event.json() for event in events.iter_sse() if event.data]


def images(base_url: str, batch_id: str) -> list[dict[str, Any]]:
    """Every image of the batch, page by page."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        parameters = {"limit": "7"} | ({"cursor": cursor} if cursor else {})
        page = httpx.get(f"{base_url}/pipeline/batch/{batch_id}/images", params=parameters).json()["data"]
        found += page["images"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def test_every_photograph_becomes_two_prints(darkroom: RunningDarkroom, photographs: list[Path]) -> None:
    """Upload by curl, follow the stream to its end, and open every print: upright, small enough, no metadata."""
    data = upload(darkroom.base_url, photographs, "chunk_size=5")
    assert data["message"] == f"배치 파이프라인 시작됨: {len(photographs)}개 이미지"

    events = follow(darkroom.base_url, data["context_id"])

    assert events[-1]["status"] == "SUCCESS", darkroom.logs()
    assert events[-1]["completed_images"] == len(photographs)
    assert all(e["completed_images"] + e["failed_images"] <= e["total_images"] for e in events)
    listed = images(darkroom.base_url, data["context_id"])
    assert [image["name"] for image in listed] == [path.name for path in photographs]
    for image in listed:
        prints = {entry["output"]: entry for entry in image["prints"]}
        assert set(prints) == {"web", "thumbnail"}
        for output, longest in (("web", 1600), ("thumbnail", 320)):
            response = httpx.get(httpx.URL(darkroom.base_url).join(prints[output]["url"]))
            opened = Image.open(io.BytesIO(response.content))
            opened.load()
            assert max(opened.size) <= longest
            assert opened.size == (prints[output]["width"], prints[output]["height"])
            assert response.headers["content-type"] == "image/jpeg"
            assert not opened.getexif()


def test_all_prints_are_collected_at_once(darkroom: RunningDarkroom, photographs: list[Path]) -> None:
    """As an archive with two prints of each photograph, and as a page with one; the answer to the upload links both."""
    data = upload(darkroom.base_url, photographs, "chunk_size=5")
    assert follow(darkroom.base_url, data["context_id"])[-1]["status"] == "SUCCESS", darkroom.logs()
    base = httpx.URL(darkroom.base_url)
    archive = httpx.get(base.join(data["links"]["archive"]))
    with zipfile.ZipFile(io.BytesIO(archive.content)) as opened:
        assert opened.testzip() is None
        names = opened.namelist()
    stems = [f"{index:02}-{path.stem}" for index, path in enumerate(photographs)]
    assert names == [f"{stem}-{output}.jpg" for stem in stems for output in ("web", "thumbnail")]
    sheet = httpx.get(base.join(data["links"]["contact_sheet"])).text
    assert sheet.count("<img ") == len(photographs)
    assert all(path.name in sheet for path in photographs)


def test_an_unreadable_image_is_named_and_its_siblings_go_on(
    darkroom: RunningDarkroom, photographs: list[Path], tmp_path: Path
) -> None:
    """A photograph cut off in the middle fails with a code and a sentence; the batch ends as FAILURE."""
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(photographs[0].read_bytes()[:2000])

    data = upload(darkroom.base_url, [photographs[1], broken, photographs[2]])
    last = follow(darkroom.base_url, data["context_id"])[-1]

    assert (last["status"], last["completed_images"], last["failed_images"]) == ("FAILURE", 2, 1), darkroom.logs()
    assert (last["completed_chunks"], last["failed_chunks"]) == (1, 0)
    failed = [i for i in images(darkroom.base_url, data["context_id"]) if i["outcome"] == "failed"]
    assert [(image["name"], image["code"]) for image in failed] == [("broken.jpg", "unreadable")]
    assert failed[0]["message"]


def test_a_seed_client_runs_unchanged(darkroom: RunningDarkroom, photographs: list[Path]) -> None:
    """The polling client of the original system sees percentages grow to 100 and stops at SUCCESS."""
    script = ROOT / "tests" / "e2e" / "seed_client.py"
    finished = subprocess.run(
        [sys.executable, str(script), darkroom.base_url, str(photographs[0].parent)],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr + darkroom.logs()
    lines = finished.stdout.splitlines()
    assert lines[0] == "배치 파이프라인 시작됨: 24개 이미지"
    assert lines[-1] == "100.0% completed=24 failed=0 of 24 SUCCESS"
    percentages = [float(line.split("%")[0]) for line in lines[1:]]
    assert percentages == sorted(percentages)


def test_a_seed_client_reaches_the_end_with_odd_files_among_its_photographs(
    darkroom: RunningDarkroom, photographs: list[Path], tmp_path: Path
) -> None:
    """A text, an empty file and what file managers leave behind fail by name; all photographs are completed."""
    for path in photographs[:6]:
        shutil.copy(path, tmp_path)
    (tmp_path / "notes.txt").write_text("first roll\n")
    (tmp_path / "empty.jpg").touch()
    (tmp_path / ".DS_Store").write_bytes(b"\x00\x00\x00\x01Bud1" + bytes(6000))
    script = ROOT / "tests" / "e2e" / "seed_client.py"
    command = [sys.executable, str(script), darkroom.base_url, str(tmp_path)]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    assert finished.stdout.splitlines()[-1] == "100.0% completed=6 failed=3 of 9 FAILURE", darkroom.logs()
    assert finished.returncode == 1

    newest = httpx.get(f"{darkroom.base_url}/pipeline/batch?limit=1").json()["data"][0]["batch_id"]
    failed = {image["name"]: image["code"] for image in images(darkroom.base_url, newest) if image["code"]}
    assert failed == {
        "notes.txt": "unsupported_format",
        "empty.jpg": "empty_file",
        ".DS_Store": "unsupported_format",
    }


@pytest.mark.parametrize("watchers", [5])
def test_every_watcher_gets_the_last_event(darkroom: RunningDarkroom, photographs: list[Path], watchers: int) -> None:
    """Several clients of one batch, one of them late, all see the final state before their stream closes."""
    data = upload(darkroom.base_url, photographs)
    url = f"{darkroom.base_url}/pipeline/batch/{data['context_id']}/events"
    streams = [subprocess.Popen(["curl", "-sN", url], stdout=subprocess.PIPE) for _ in range(watchers)]
    outputs = [stream.communicate(timeout=60)[0].decode() for stream in streams]
    outputs.append(subprocess.run(["curl", "-sN", url], capture_output=True, check=True, timeout=30).stdout.decode())
    for output in outputs:
        assert '"status":"SUCCESS"' in output.replace(" ", "")
