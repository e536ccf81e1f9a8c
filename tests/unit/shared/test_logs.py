import json
import logging

import pytest
import structlog

from shared.running.logs import configure_logs


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    """What was logged, line by line."""
    captured = capsys.readouterr()
    assert captured.out == ""
    return [json.loads(line) for line in captured.err.splitlines()]


def test_each_line_is_one_json_object_with_its_context(capsys: pytest.CaptureFixture[str]) -> None:
    """A log collector can search every field, whatever characters are in it."""
    configure_logs("chunker", log_format="json")
    structlog.get_logger("test").info("chunks_released", batch_id="b", name="사진\n1.jpg")
    (line,) = lines(capsys)
    assert line["timestamp"].endswith("Z")  # type: ignore[attr-defined]  # a str in JSON
    del line["timestamp"]
    assert line == {
        "event": "chunks_released",
        "service": "chunker",
        "level": "info",
        "batch_id": "b",
        "name": "사진\n1.jpg",
    }


def test_libraries_log_in_the_same_format(capsys: pytest.CaptureFixture[str]) -> None:
    """The web server and drivers write through the standard library."""
    configure_logs("gateway", log_format="json")
    logging.getLogger("uvicorn.error").warning("shutting down %s", "now")
    logging.getLogger("aio_pika").info("chatter")
    (line,) = lines(capsys)
    assert (line["event"], line["level"], line["service"]) == ("shutting down now", "warning", "gateway")


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_traceback_is_kept(capsys: pytest.CaptureFixture[str], log_format: str) -> None:
    """In JSON on the same line, for people below it."""
    configure_logs("worker", log_format=log_format)  # type: ignore[arg-type]  # both are a LogFormat
    try:
        json.loads("the cause")
    except ValueError:
        structlog.get_logger("test").exception("image_handling_failed")
    text = capsys.readouterr().err
    assert "JSONDecodeError" in text
    assert "image_handling_failed" in text
    assert (len(text.splitlines()) == 1) == (log_format == "json")


def test_less_severe_lines_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    """The level is a setting."""
    configure_logs("worker", level="WARNING", log_format="json")
    structlog.get_logger("test").info("nothing special")
    structlog.get_logger("test").warning("something")
    assert [line["event"] for line in lines(capsys)] == ["something"]


def test_auto_means_json_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    """Standard error is no terminal in a container."""
    configure_logs("worker")
    structlog.get_logger("test").info("something")
    assert [line["event"] for line in lines(capsys)] == ["something"]
