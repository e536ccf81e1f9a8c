"""Processes of a contender."""

from pathlib import Path

import pytest

from bench.contender import ContenderFailedError
from bench.started_process import StartedProcess, log_tails, started_process
from bench.waiting import wait_for

TELL_VARIABLE = "import os; print(os.environ['COLOUR'])"
WAIT = "print('waiting', flush=True); import signal; signal.pause()"


def test_a_process_gets_its_settings_and_its_output_is_kept(tmp_path: Path) -> None:
    """The id is that of the process itself, not of the command that sets its environment."""
    with started_process(["-c", TELL_VARIABLE], {"COLOUR": "sepia"}, tmp_path / "teller.log") as process:
        process.wait(10)

    assert process.returncode == 0
    assert log_tails(tmp_path) == "--- teller.log\nsepia\n"


def test_a_process_is_ended_whatever_happens_meanwhile(tmp_path: Path) -> None:
    """By SIGTERM, as supervisors do it."""
    log = tmp_path / "waiter.log"

    def fail_while_it_runs() -> None:
        with started_process(["-c", WAIT], {}, log) as process:
            started.append(process)
            wait_for("the process", lambda: log.read_text() or None, {"waiter": process}, 10)
            raise ZeroDivisionError

    started: list[StartedProcess] = []
    with pytest.raises(ZeroDivisionError):
        fail_while_it_runs()

    assert [process.returncode for process in started] == [-15]


def test_waiting_ends_as_soon_as_a_process_has_ended(tmp_path: Path) -> None:
    """The failure is told at once, not at the deadline."""
    with (
        pytest.raises(ContenderFailedError, match="an answer: the teller ended with 1"),
        started_process(["-c", TELL_VARIABLE], {}, tmp_path / "teller.log") as process,
    ):
        wait_for("an answer", lambda: None, {"teller": process}, 60)
