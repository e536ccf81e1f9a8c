"""The gateway's port while its servers are not there yet."""

import asyncio
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import httpx
import pytest

from tests.processes import ROOT, RunningProcess, free_port, wait_until


def answers(url: str, status: int) -> Callable[[], bool]:
    """Whether something at that address answers with that status."""

    def is_answered() -> bool:
        try:
            return httpx.get(url).status_code == status
        except httpx.TransportError:
            return False

    return is_answered


@pytest.mark.parametrize("command", [["services.gateway"], ["darkroom", "serve"]])
def test_the_port_is_open_while_servers_are_away(command: list[str], tmp_path: Path) -> None:
    """Alive, not ready and saying why; every other address is a 503 that may be asked again, for others' pages too."""
    port = free_port()
    environment = {
        "PYTHONPATH": str(ROOT),
        "PATH": "/usr/bin:/bin",
        "DARKROOM_PORT": str(port),
        "DARKROOM_MONGODB_URL": f"mongodb://127.0.0.1:{free_port()}/darkroom?serverSelectionTimeoutMS=300",
        "DARKROOM_RABBITMQ_URL": f"amqp://127.0.0.1:{free_port()}/",
        "DARKROOM_OBJECTS_URL": str(tmp_path / "objects"),
    }
    log_file = tmp_path / "gateway.log"
    process = RunningProcess("gateway", [sys.executable, "-m", *command], environment, log_file)
    base = f"http://127.0.0.1:{port}"
    try:
        wait_until(answers(f"{base}/healthz", 200), "the port is open")
        wait_until(lambda: "server_not_there_yet" in log_file.read_text(), "it has tried to connect")
        ready = httpx.get(f"{base}/readyz")
        details = ready.json()["error"]["details"]
        assert (ready.status_code, set(details)) == (503, {"start", "mongodb", "rabbitmq", "objects"})
        batches = httpx.post(f"{base}/pipeline/batch", headers={"Accept-Language": "en"})
        assert (batches.status_code, batches.json()["error"]["code"]) == (503, "not_ready")
        assert batches.headers["retry-after"] == "5"
        assert httpx.post(f"{base}/pipeline/batch", headers={"Origin": "null"}).status_code == 403
        assert httpx.get(f"{base}/healthz").json()["data"] == {"status": "alive"}
        process.signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.stop()


async def test_the_gateway_goes_on_by_itself_once_its_servers_are_there(
    rabbitmq_url: str, mongodb_url: str, tmp_path: Path
) -> None:
    """RabbitMQ comes last here; nobody starts the gateway again."""
    port, broker_port = free_port(), free_port()
    broker = urlsplit(rabbitmq_url)
    environment = {
        "PYTHONPATH": str(ROOT),
        "PATH": "/usr/bin:/bin",
        "DARKROOM_PORT": str(port),
        "DARKROOM_MONGODB_URL": mongodb_url,
        "DARKROOM_RABBITMQ_URL": rabbitmq_url.replace(f"{broker.hostname}:{broker.port}", f"127.0.0.1:{broker_port}"),
        "DARKROOM_OBJECTS_URL": str(tmp_path / "objects"),
    }
    log_file = tmp_path / "gateway.log"
    process = RunningProcess("gateway", [sys.executable, "-m", "services.gateway"], environment, log_file)
    base = f"http://127.0.0.1:{port}"
    try:
        await asyncio.to_thread(wait_until, lambda: "server_not_there_yet" in log_file.read_text(), "it has tried")
        async with httpx.AsyncClient(base_url=base) as client:
            details = (await client.get("/readyz")).json()["error"]["details"]
            assert "mongodb" not in details
            assert "rabbitmq" in details
        async with await asyncio.start_server(partial(_forward, broker), "127.0.0.1", broker_port):
            await asyncio.to_thread(wait_until, answers(f"{base}/readyz", 200), "the gateway is ready")
            process.signal(signal.SIGTERM)
            assert await asyncio.to_thread(process.wait, 10) == 0
    finally:
        process.stop()


async def _forward(broker: SplitResult, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    there, here = await asyncio.open_connection(broker.hostname, broker.port)
    await asyncio.gather(_copy(reader, here), _copy(there, writer), return_exceptions=True)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
    finally:
        writer.close()
