"""`darkroom dead` where there is no RabbitMQ to ask."""

import pytest
from typer.testing import CliRunner

from darkroom.cli import app
from tests.processes import free_port


@pytest.mark.parametrize("words", [["list"], ["show", "tracker.results"], ["replay", "tracker.results"]])
def test_without_an_address_it_says_what_to_set(words: list[str]) -> None:
    """Nothing is looked for on this machine."""
    result = CliRunner().invoke(app, ["dead", *words], env={"COLUMNS": "200"})
    assert (result.exit_code, "Set DARKROOM_RABBITMQ_URL" in result.stderr) == (2, True)


def test_a_server_that_is_not_there_is_a_sentence() -> None:
    """No traceback, and an exit status for programs."""
    url = f"amqp://127.0.0.1:{free_port()}/"
    result = CliRunner().invoke(app, ["dead", "list"], env={"DARKROOM_RABBITMQ_URL": url})
    assert (result.exit_code, "RabbitMQ cannot be reached" in result.stderr) == (1, True)


def test_nothing_is_thrown_away_without_a_yes() -> None:
    """The question is asked before anything else is done."""
    result = CliRunner().invoke(app, ["dead", "drop", "tracker.results"], input="n\n")
    assert (result.exit_code, "Throw away up to 1000 dead letters of tracker.results?" in result.output) == (1, True)


def test_a_queue_that_does_not_exist_is_answered_with_those_that_do() -> None:
    """They are known without asking a server."""
    result = CliRunner().invoke(app, ["dead", "show", "no.such"], env={"COLUMNS": "200"})
    assert (result.exit_code, "tracker.results" in result.stderr) == (2, True)
