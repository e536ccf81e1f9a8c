import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from darkroom import develop_command
from darkroom.cli import app
from darkroom.develop import Developed
from services.worker.children.process import ChildNotStartedError, ChildProcess

COMMAND = [sys.executable, "-c", "from darkroom.cli import main; main()"]
ONE_CHILD = {"DARKROOM_WORKER_CHILDREN": "1"}
Run = Callable[..., Result]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with three photographs."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(3):
        Image.linear_gradient("L").resize((400, 300)).save(folder / f"{number}.jpg")
    return folder


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command in this process, in a folder of its own; a process of its own would load everything anew."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(app, list(map(str, arguments)), env={**ONE_CHILD, "COLUMNS": "200"})

    return run


def process(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own, in that folder."""
    words = [*COMMAND, *map(str, arguments)]
    environment = {**os.environ, **ONE_CHILD}  # noqa: TID251 - a process of its own needs one
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=60, check=False, env=environment)


def test_exit_status_0_when_all_were_completed(photos: Path) -> None:
    """The summary says how many and where; every print opens."""
    done = process(photos.parent, "develop", photos, "--out", "prints")
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 completed" in done.stdout
    assert "6 prints in prints" in done.stdout
    for number in range(3):
        with Image.open(photos.parent / "prints" / "thumbnail" / f"{number}.jpg") as made:
            assert made.size == (320, 240)


def test_exit_status_1_when_some_failed_and_json_names_them(photos: Path) -> None:
    """One object on standard output and nothing else, with an entry for each image in order."""
    (photos / "1.jpg").write_text("This is not a photograph.")
    strange = photos / os.fsdecode("사진.jpg".encode("euc-kr"))
    strange.write_bytes(b"")
    done = process(photos.parent, "develop", photos, "--out", "prints", "--json")
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    assert (report["total_images"], report["completed_images"], report["failed_images"]) == (4, 2, 2)
    assert [image["outcome"] for image in report["images"]] == ["completed", "failed", "completed", "failed"]
    bad, empty = report["images"][1], report["images"][3]
    assert (bad["file"], bad["code"]) == (str(photos / "1.jpg"), "unsupported_format")
    assert bad["message"]
    assert empty["code"] == "empty_file"
    assert all(Path(photos.parent, made["file"]).is_file() for image in report["images"] for made in image["prints"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["develop", "missing.jpg", "--out", "prints"], "missing.jpg"),
        (["develop", "photos"], "--out"),
        (["develop", "--out", "prints"], "FILES_OR_FOLDERS"),
        (["develop", "photos", "--out", "prints", "--recipe", "[/sepia]"], "[/sepia]"),
        (["develop", "photos", "--out", "prints", "--options", "{}"], "field outputs: is missing"),
        (["develop", "photos", "--out", "prints", "--options", "{}", "--recipe", "web"], "cannot go together"),
        (["develop", "photos", "--out", "prints", "--options", "[mine].json"], "[mine].json"),
        (["develop", "photos", "--out", "prints", "--options", "photos/0.jpg"], "cannot be read as JSON"),
        (["develop", "empty", "--out", "prints"], "No photographs found"),
        (["develop", "photos", "--out", "photos/0.jpg"], "photos/0.jpg"),
        (["develop", "photos", "--out", "photos/0.jpg/prints"], "Not a directory"),
        (["develop", "photos", "pipe", "--out", "prints"], "pipe"),
        (["develop", "web", "--out", "."], "web/0.jpg"),
        (["develop", "web", "photos", "--out", "./photos"], "photos/prints for example"),
        (["undevelop"], "undevelop"),
    ],
)
def test_exit_status_2_for_a_call_that_cannot_be_meant(
    arguments: list[str], words: str, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each says what is wrong, and nothing is written: least of all over the photographs themselves."""
    (photos.parent / "empty").mkdir()
    (photos.parent / "web").mkdir()
    original = (photos / "0.jpg").read_bytes()
    (photos.parent / "web" / "0.jpg").write_bytes(original)
    os.mkfifo(photos.parent / "pipe")
    monkeypatch.chdir(photos.parent)
    result = CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})
    assert result.exit_code == 2
    assert words in result.output
    assert not Path("prints").exists()
    assert Path("web/0.jpg").read_bytes() == original


def test_a_run_can_be_repeated_with_prints_in_a_folder_inside_or_beside_single_files(photos: Path, run: Run) -> None:
    """Each time the same photographs are developed, and none of their prints."""
    for files, out in (([photos], photos / "prints"), ([*photos.glob("*.jpg")], photos)):
        for _ in range(2):
            assert "3 completed" in run("develop", *files, "--out", out).stdout


@pytest.mark.parametrize(
    "words", [["missing.jpg"], ["empty"], ["photos", "--recipe", "sepia"], ["photos", "--options", "{"]]
)
def test_json_is_an_object_whatever_happens(words: list[str], photos: Path, run: Run) -> None:
    """With the sentence that a person reads on standard error."""
    (photos.parent / "empty").mkdir()
    done = run("develop", *words, "--out", "prints", "--json")
    assert done.exit_code == 2
    report = json.loads(done.stdout)
    assert (report["total_images"], report["images"]) == (0, [])
    assert report["error"] == done.stderr.strip()


def test_the_version_names_pillow_and_the_codecs(run: Run) -> None:
    """What a report of a fault needs."""
    done = run("--version")
    assert done.exit_code == 0
    assert re.match(r"darkroom 0\.\d+\.\d+ \(Pillow [\d.]+, libjpeg [\d.]+, zlib \S+, libwebp [\d.]+, ", done.stdout)


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"LANG": "ko_KR.UTF-8"}, "사진이 없습니다"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "C.UTF-8"}, "No photographs found"),
        ({"LC_MESSAGES": "ko_KR.UTF-8", "LANG": "en_US.UTF-8"}, "사진이 없습니다"),
        ({}, "No photographs found"),
    ],
)
def test_a_korean_locale_is_spoken_to_in_korean(
    variables: dict[str, str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the variables that POSIX asks for it, in their order."""
    for name in ("LANG", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(app, ["develop", str(tmp_path), "--out", str(tmp_path / "prints")])
    assert sentence in result.stderr


def test_prints_of_an_earlier_run_are_left_out_with_a_line(photos: Path, run: Run) -> None:
    """They lie below the photographs, in another output folder than this run's."""
    assert run("develop", photos, "--out", photos / "small").exit_code == 0
    done = run("develop", photos, "--out", "prints")
    assert "3 completed" in done.stdout
    assert "Left out, as prints of an earlier run: " in done.stderr
    assert str(photos / "small" / "web") in done.stderr


@pytest.mark.parametrize("output", [["--json"], []])
def test_a_full_disk_is_said_in_one_sentence(
    output: list[str], photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With exit status 1 and not a photograph more."""

    async def fill(photographs: Any, _out: Any, _recipe: Any, _progress: Any, on_full: Any, _stopping: Any) -> Any:
        on_full()
        return [Developed(photograph, None, ()) for photograph in photographs]

    monkeypatch.setattr(develop_command, "develop", fill)
    result = CliRunner().invoke(app, ["develop", str(photos), "--out", str(tmp_path / "prints"), *output])
    assert result.exit_code == 1
    said = json.loads(result.stdout)["error"] if output else result.stderr
    assert "no space left in" in said
    assert "no space left in" in result.stderr
    assert output or "3 not reached" in result.stderr


@pytest.mark.parametrize("in_file", [True, False])
def test_a_recipe_of_ones_own_is_made(photos: Path, run: Run, *, in_file: bool) -> None:
    """As JSON on the command line, or in a file."""
    recipe = json.dumps({"steps": [{"op": "grayscale"}], "outputs": [{"name": "grey", "format": "png"}]})
    (photos.parent / "mine.json").write_text(recipe)
    done = run("develop", photos, "--out", "prints", "--options", "mine.json" if in_file else recipe)
    assert (done.exit_code, done.stderr) == (0, "")
    assert sorted(path.name for path in (photos.parent / "prints" / "grey").iterdir()) == ["0.png", "1.png", "2.png"]


def test_a_machine_that_can_start_no_process_is_told_in_a_sentence(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once, and not as a failure of each photograph."""

    async def refuse(*_arguments: Any) -> None:
        raise ChildNotStartedError("no process could be started")

    monkeypatch.setattr(ChildProcess, "start", refuse)
    result = CliRunner().invoke(app, ["develop", str(photos), "--out", str(tmp_path / "prints"), "--json"])
    assert result.exit_code == 1
    assert "No process could be started" in result.output


def test_exit_status_130_when_interrupted_twice(photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody may take a run that was cut short for one that completed everything."""

    async def hang(*_arguments: Any) -> None:
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(0)
        await asyncio.Event().wait()

    monkeypatch.setattr(develop_command, "develop", hang)
    result = CliRunner().invoke(app, ["develop", str(photos), "--out", str(tmp_path / "prints"), "--json"])
    assert result.exit_code == 130


def test_an_interrupted_run_tells_how_far_it_got(photos: Path, tmp_path: Path) -> None:
    """Exit status 130, every photograph in the report, and those with a print completed."""
    for number in range(3, 400):
        (photos / f"{number}.jpg").hardlink_to(photos / "0.jpg")
    words = [*COMMAND, "develop", str(photos), "--out", str(tmp_path / "prints"), "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            deadline = time.monotonic() + 60
            while not list(tmp_path.glob("prints/thumbnail/*.jpg")):
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.005)
            process.send_signal(signal.SIGINT)
            report = json.loads(process.communicate(timeout=60)[0])
        finally:
            process.kill()
    assert process.returncode == 130
    assert report["total_images"] == 400
    completed = {Path(image["file"]).name for image in report["images"] if image["outcome"] == "completed"}
    assert completed == {path.name for path in tmp_path.glob("prints/thumbnail/*.jpg")}
    assert {image["outcome"] for image in report["images"]} == {"completed", "not_reached"}


def test_the_api_document_needs_no_server(run: Run) -> None:
    """It is the one that a gateway answers with, and nothing else is printed."""
    done = run("openapi")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "/pipeline/batch/{batch_id}" in json.loads(done.stdout)["paths"]
