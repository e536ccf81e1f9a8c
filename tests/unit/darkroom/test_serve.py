"""`darkroom serve` where it cannot start: a sentence and an exit status, no traceback."""

import socket

import pytest
from typer.testing import CliRunner, Result

from darkroom import serve
from darkroom.cli import app


def served(*options: str, **settings: str) -> Result:
    """How the command ends."""
    return CliRunner().invoke(app, ["serve", *options], env={"COLUMNS": "200", **settings})


def test_a_port_that_is_taken_is_said_with_what_to_do() -> None:
    """Whoever has it."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        result = served("--port", str(port))
    assert result.exit_code == 1
    assert f"Cannot listen on 127.0.0.1, port {port}" in result.stderr
    assert "Try another --host or --port" in result.stderr


def test_a_host_that_is_not_this_machine_is_said_the_same_way() -> None:
    """An address of the documentation's, and a name that nothing has."""
    for host in ("192.0.2.1", "nowhere.invalid"):
        result = served("--host", host, "--port", "0")
        assert (result.exit_code, f"Cannot listen on {host}, port 0" in result.stderr) == (1, True)


def test_one_server_without_the_other_is_a_sentence() -> None:
    """Messages on a server and documents in memory would not outlive a restart together."""
    result = served("--port", "0", DARKROOM_RABBITMQ_URL="amqp://127.0.0.1/")
    assert result.exit_code == 1
    assert "Set DARKROOM_RABBITMQ_URL and DARKROOM_MONGODB_URL" in result.stderr


def test_other_trouble_of_the_system_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has nothing to do with the address."""

    async def fail(*_arguments: object, **_options: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(serve, "serve_here", fail)
    result = served("--port", "0")
    assert isinstance(result.exception, ExceptionGroup)
    assert result.exception.subgroup(OSError)
