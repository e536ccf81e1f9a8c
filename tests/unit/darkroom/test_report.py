import contextlib
import io
import json
import os
from dataclasses import replace
from pathlib import Path, PurePath

import pytest
from rich.console import Console

from darkroom.develop import Developed
from darkroom.photographs import Photograph
from darkroom.report import ProgressDisplay, as_json, print_left_out, print_summary
from services.gateway.collecting.image_pages import ListedImage
from services.gateway.routes.image_schemas import ImageStatus
from shared.documents import ColourShare, ManifestEntry, Original, Outcome, Print, Readings
from shared.translated import Language
from tests.fakes import new_batch

PRINT = Print(
    output="web", extension="jpg", media_type="image/jpeg", width=1600, height=1067, size_bytes=123, sha256="ab" * 32
)
STRANGE = os.fsdecode("사진.jpg".encode("euc-kr"))


def developed(name: str, outcome: Outcome | None) -> Developed:
    """What became of a photograph of that name."""
    prints = tuple(Path("prints/web/x.jpg") for _ in outcome.prints) if outcome else ()
    return Developed(Photograph(Path("photos") / name, PurePath("x")), outcome, prints)


COMPLETED = developed("good.jpg", Outcome(state="completed", prints=(PRINT,), duration_ms=80))
FAILED = developed("[red]bad[/].jpg", Outcome(state="failed", code="unreadable", message="Not [an] image."))
UNREACHED = developed(STRANGE, None)


def summary(results: list[Developed], out: str = "prints", language: Language = "en") -> str:
    """What a person reads: what failed, on standard error, then how it went, on standard output."""
    said, noted = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(noted):
        print_summary(results, Path(out), 2.0, language)
    assert said.getvalue().count("\n") == 1
    text = noted.getvalue() + said.getvalue()
    assert text.encode(), "it can be shown on any terminal"
    return text


def test_the_summary_counts_and_says_where_the_prints_are() -> None:
    """All completed: nothing is said of failures."""
    text = summary([COMPLETED, COMPLETED])
    assert "2 completed in 2.0 s (1.0 images/s): 2 prints in prints" in text
    assert "failed" not in text.lower()
    assert "not reached" not in text


def test_every_failure_is_named_with_its_reason() -> None:
    """Names and reasons are shown as they are, though they look like markup."""
    text = summary([COMPLETED, FAILED, developed(STRANGE, FAILED.outcome), UNREACHED], out="out[/red]")
    assert "photos/[red]bad[/].jpg" in text
    assert "unreadable" in text
    assert "Not [an] image." in text
    assert "2 failed" in text
    assert "1 not reached" in text
    assert "out[/red]" in text


def test_a_long_name_is_whole_where_it_is_no_terminal() -> None:
    """One line for each failure, to be searched and cut by other programs."""
    name = f"{'long ' * 50}.jpg"
    assert f"photos/{name}: unreadable: Not [an] image.\n" in summary([developed(name, FAILED.outcome)])


def test_without_failures_a_terminal_shows_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty table would be a blank one before it."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert summary([developed("x.jpg", COMPLETED.outcome)]).count("\n") == 1


def test_a_long_name_is_folded_in_its_column_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of it is cut, nor taken for markup; its reason stands beside it."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "60")
    rows = summary([developed("[red]" + 30 * "long", FAILED.outcome)]).splitlines()
    assert rows[0].split(maxsplit=2)[1:] == ["unreadable", "Not [an] image. "]
    assert "".join(row.split()[0] for row in rows[:5]) == "photos/[red]" + 30 * "long"


def test_prints_that_are_not_called_like_their_photograph_are_named() -> None:
    """Two photographs that would share a name, for example."""
    one = replace(COMPLETED, photograph=Photograph(Path("photos/a.png"), PurePath("a.png")))
    assert "Prints of photos/a.png are named a.png" in summary([one])
    assert "Prints of" not in summary([replace(one, photograph=Photograph(Path("a.png"), PurePath("a")))])
    assert "and 5 more; --json names them all" in summary([one] * 25)


def test_a_korean_reads_korean() -> None:
    """The failure as the server says it."""
    text = summary([COMPLETED, FAILED, UNREACHED], language="ko")
    assert "2.0초 동안 1장 완료 (초당 0.5장): 결과물 1개, 위치 prints" in text
    assert "이미지가 손상되었거나 이미지가 아닙니다" in text
    assert "1장 실패" in text
    assert "1장은 시작하지 않았습니다" in text


def test_the_json_report_has_an_entry_for_each_image() -> None:
    """In order, with counts that add up; it can be written as UTF-8 whatever the names."""
    report = as_json([COMPLETED, FAILED, UNREACHED])
    assert json.dumps(report, ensure_ascii=False).encode()
    assert (report["total_images"], report["completed_images"], report["failed_images"]) == (3, 1, 1)
    good, bad, unreached = report["images"]
    assert good == {
        "file": "photos/good.jpg",
        "outcome": "completed",
        "code": None,
        "message": None,
        "duration_ms": 80,
        "prints": [
            {
                "output": "web",
                "file": "prints/web/x.jpg",
                "media_type": "image/jpeg",
                "width": 1600,
                "height": 1067,
                "size_bytes": 123,
                "sha256": "ab" * 32,
            }
        ],
        "notes": {},
        "original": None,
    }
    assert (bad["outcome"], bad["code"], bad["message"]) == ("failed", "unreadable", "Not [an] image.")
    assert (unreached["outcome"], unreached["prints"]) == ("not_reached", [])
    assert (bad["original"], unreached["original"]) == (None, None)


def test_the_json_report_tells_of_originals_what_the_gateway_tells() -> None:
    """What was read out of them and what custom steps found, field by field the same."""
    readings = Readings(
        exif={"FNumber": 2.8, "GPSVersionID": (2, 3)},
        dhash64="c3c7cfdf9f3e3c78",
        colours=(ColourShare(colour="#8a5a2b", share=0.42),),
        steps={"read_text": {"text": "출구 EXIT"}},
    )
    original = Original(width=4032, height=3024, format="jpeg", frames=2, notes=("icc_ignored",), readings=readings)
    outcome = Outcome(state="completed", original=original)
    listed = ListedImage(ManifestEntry(index=0, name="a.jpg", size_bytes=1), outcome)
    reported = json.loads(json.dumps(as_json([developed("a.jpg", outcome)])))["images"][0]["original"]
    assert reported == ImageStatus.of("b", listed, "en").model_dump(mode="json")["original"]
    assert (reported["frames"], reported["readings"]["colours"]) == (2, [{"colour": "#8a5a2b", "share": 0.42}])
    assert reported["readings"]["steps"] == {"read_text": {"text": "출구 EXIT"}}


@pytest.mark.parametrize("visible", [True, False])
def test_the_progress_bar_follows_the_batch(visible: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Images and failures; where it is no terminal nothing is drawn."""
    console = Console(file=io.StringIO(), force_terminal=visible, width=120)
    batch = new_batch(total_images=10)
    with ProgressDisplay(console, 10) as display:
        display.show(batch)
        display.show(batch.model_copy(update={"completed_images": 6, "failed_images": 2}))
    assert isinstance(console.file, io.StringIO)
    drawn = console.file.getvalue()
    assert ("8/10" in drawn) == visible
    assert ("2 failed" in drawn) == visible
    assert display.elapsed_seconds == display.elapsed_seconds, "the time stands still once the display is closed"


def test_what_was_left_out_of_folders_is_counted_by_kind(capsys: pytest.CaptureFixture[str]) -> None:
    """For people and for programs."""
    print_left_out({"HEIC": 2, "camera raw": 1}, "en")
    assert "3 other files in the folders were left out: 2 HEIC, 1 camera raw" in capsys.readouterr().err
    assert as_json([COMPLETED], None, {"HEIC": 2})["left_out"] == {"HEIC": 2}
