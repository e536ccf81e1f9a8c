"""The figures as people and programs get them."""

import io
import json
from pathlib import Path

from rich.console import Console

from bench.comparison import Run
from bench.contender import Measured
from bench.report import as_markdown, print_sections, sections, write_json

RUNS = (
    Run("photographs", "bare pool", 0, 100, Measured(5.0, {"pool children": 10.0})),
    Run("photographs", "darkroom", 0, 100, Measured(5.5, {"worker": 0.3, "everything else": 1.0}, upload_seconds=2.0)),
)
OTHER_WORK = Run("photographs", "celery", 0, 100, Measured(5.0, {"worker": 9.0, "everything else": 30.0}))


def test_a_ratio_says_whether_its_goal_is_reached() -> None:
    """5.0 s against 5.5 s are 0.91, above the goal of 0.85."""
    ratios = sections(RUNS)[0]

    assert ratios.rows == (("photographs", "darkroom / bare pool", "0.91", "0.91-0.91", "0.85, reached", "33.33"),)


def test_no_goal_is_judged_on_a_busy_machine() -> None:
    """Who ran while others worked looks slow, and whom it is compared with looks fast."""
    ratios = sections([*RUNS, OTHER_WORK])[0]

    assert ratios.rows[0][4] == "0.85, not judged"


def test_processor_time_is_listed_by_process_with_other_work_apart() -> None:
    """Other work on the machine is no part of the sum, however much it was."""
    profile = sections(RUNS)[-1]

    assert [row[0] for row in profile.rows] == ["pool children", "worker", "together", "everything else"]
    assert profile.rows[1] == ("worker", "", "3.000")


def test_uploads_have_a_rate_of_their_own() -> None:
    """Uploading is no part of the rate that is compared."""
    rates = sections(RUNS)[1]

    assert rates.rows[1] == ("darkroom", "18.2", "18.2-18.2", "50.0")


def test_the_tables_are_printed_and_kept_as_markdown() -> None:
    """Both show the same figures."""
    output = io.StringIO()
    print_sections(Console(file=output, width=120), sections(RUNS))
    markdown = as_markdown(sections(RUNS), {"Machine": "2 cores"})

    assert "0.85, reached" in output.getvalue()
    assert "Machine: 2 cores" in markdown
    assert "| darkroom | 18.2 | 18.2-18.2 | 50.0 |" in markdown


def test_every_run_is_kept_as_json(tmp_path: Path) -> None:
    """Whatever the tables leave out can be looked up."""
    write_json(tmp_path / "runs.json", RUNS, {"Machine": "2 cores"})
    kept = json.loads((tmp_path / "runs.json").read_text())

    assert kept["surroundings"] == {"Machine": "2 cores"}
    assert kept["runs"][1]["measured"]["processor_seconds"] == {"worker": 0.3, "everything else": 1.0}
