"""Bombs and damaged files through the whole system, on real servers."""

import json
from collections.abc import Callable

from tests import hostile
from tests.corpora.uploads import fuzzed_files, upload_all
from tests.processes import RunningDarkroom

DAMAGED_FILES = 120
BOMBS: dict[str, Callable[[], bytes]] = {
    "scans.jpg": hostile.scan_bomb,
    "segments.jpg": hostile.segment_bomb,
    "pixels.png": hostile.pixel_bomb,
    "canvas.webp": hostile.webp_canvas_bomb,
    "texts.png": hostile.text_bomb,
    "chunks.png": hostile.chunk_bomb,
    "profile.png": hostile.profile_bomb,
    "overfull.png": hostile.overfull_png,
    "frames.png": hostile.frame_claim_bomb,
    "zip.jpg": hostile.zip_bomb,
}


def test_every_hostile_file_ends_by_name_and_no_worker_dies(services: RunningDarkroom) -> None:
    """A hundred damaged files and ten bombs, with healthy ones between them, which all have to complete."""
    worker = services.processes["worker"]
    files = [(name, make()) for name, make in BOMBS.items()]

    report = upload_all(services.base_url, [*files, *fuzzed_files(seed=1, count=DAMAGED_FILES)])

    assert report.faults == [], services.logs()
    assert report.ends.total() >= len(files) + DAMAGED_FILES
    assert report.ends["good"]
    assert report.ends["unreadable"]
    assert worker.is_running
    entries = [json.loads(line) for line in worker.log_file.read_text().splitlines() if line.startswith("{")]
    assert not [entry for entry in entries if entry["event"] in {"image_child_lost", "image_code_failed"}]
