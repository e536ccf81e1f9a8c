"""`darkroom develop` as a person types it."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

from PIL import Image

from tests.processes import ROOT


def develop(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    command = [sys.executable, "-m", "darkroom", "develop", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def test_a_folder_becomes_prints(photographs: list[Path], tmp_path: Path) -> None:
    """Every photograph of a folder has its prints, one folder per output, and the exit status is 0."""
    finished = develop(str(photographs[0].parent), "--out", str(tmp_path / "prints"))
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "24 completed" in finished.stdout
    for output, longest in (("web", 1600), ("thumbnail", 320)):
        made = sorted((tmp_path / "prints" / output).iterdir())
        assert [path.stem for path in made] == sorted(path.stem for path in photographs)
        for path in made:
            with Image.open(path) as opened:
                assert max(opened.size) <= longest


def test_failures_are_named_and_the_exit_status_is_1(photographs: list[Path], tmp_path: Path) -> None:
    """A broken file is named with its reason; the others have their prints."""
    broken = tmp_path / "broken.jpg"
    broken.write_text("this is no photograph")
    finished = develop(str(broken), str(photographs[0]), "--out", str(tmp_path / "prints"), "--json")
    assert finished.returncode == 1, finished.stdout + finished.stderr
    answer = json.loads(finished.stdout)
    assert (answer["total_images"], answer["completed_images"], answer["failed_images"]) == (2, 1, 1)
    assert answer["images"][0]["file"] == str(broken)
    assert answer["images"][0]["code"] in {"unreadable", "unsupported_format"}
    made = answer["images"][1]["prints"][0]
    assert hashlib.sha256(Path(made["file"]).read_bytes()).hexdigest() == made["sha256"]


def test_a_wrong_call_says_what_to_do(tmp_path: Path) -> None:
    """An empty folder and an unknown recipe are wrong calls with exit status 2."""
    nothing = develop(str(tmp_path), "--out", str(tmp_path / "prints"))
    assert (nothing.returncode, "No photographs found" in nothing.stderr) == (2, True)
    unknown = develop(str(tmp_path), "--out", str(tmp_path / "prints"), "--recipe", "no-such")
    assert (unknown.returncode, "web" in unknown.stderr) == (2, True)
