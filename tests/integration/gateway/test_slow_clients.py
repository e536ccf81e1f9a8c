"""Clients that drip and sip, and uploads that are cut off by the gateway's end: on real sockets."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.gateway.settings import GatewaySettings
from tests.fakes import DEADLINE_SECONDS, until
from tests.integration.gateway.conftest import JPEG, GatewayProcess, ServedGateway, serving
from tests.processes import wait_until

BEGINNING = (
    b'--b\r\nContent-Disposition: form-data; name="batch_name"\r\n\r\nx\r\n'
    b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n' + JPEG
)


async def begin_upload(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """An upload that has begun and will never be whole."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"POST /pipeline/batch HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 1000000\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\nAccept-Language: en\r\n\r\n"
    )
    writer.write(head.encode() + BEGINNING)
    await writer.drain()
    return reader, writer


async def drip(writer: asyncio.StreamWriter) -> None:
    """Send a byte now and then."""
    while not writer.is_closing():
        writer.write(b"x")
        await asyncio.sleep(0.1)


async def error_of(reader: asyncio.StreamReader) -> tuple[bytes, str]:
    """The head and the error's code of an answer after which the connection ends."""
    answer = await asyncio.wait_for(reader.read(), DEADLINE_SECONDS)
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.lower(), json.loads(body)["error"]["code"]


@pytest.fixture
async def impatient(tmp_path: Path) -> AsyncIterator[ServedGateway]:
    """A gateway with two places that waits half a second for slow clients."""
    settings = GatewaySettings(
        concurrent_uploads=2, upload_idle_timeout_seconds=0.5, download_idle_timeout_seconds=0.5, grace_seconds=1
    )
    async with serving(tmp_path / "objects", settings) as gateway:
        yield gateway


async def test_an_upload_that_drips_is_ended_and_leaves_nothing(impatient: ServedGateway) -> None:
    """It is told why, and the connection is closed."""
    reader, writer = await begin_upload(impatient.port)
    dripping = asyncio.create_task(drip(writer))
    head, code = await error_of(reader)
    assert head.startswith(b"http/1.1 408 ")
    assert b"connection: close" in head
    assert code == "upload_stalled"
    dripping.cancel()
    writer.close()
    await until(lambda: not impatient.files())


async def test_uploads_that_drip_do_not_keep_others_waiting(tmp_path: Path) -> None:
    """They hold every place, and would be allowed to for an hour."""
    settings = GatewaySettings(concurrent_uploads=2, upload_idle_timeout_seconds=3600, grace_seconds=1)
    async with serving(tmp_path / "objects", settings) as gateway:
        connections = [await begin_upload(gateway.port) for _ in range(2)]
        dripping = [asyncio.create_task(drip(writer)) for _, writer in connections]
        await until(lambda: len(gateway.files()) >= 2)
        async with asyncio.timeout(DEADLINE_SECONDS * 2):
            await gateway.upload()
        reads = [asyncio.create_task(reader.read(12)) for reader, _ in connections]
        ended, going_on = await asyncio.wait(reads, timeout=DEADLINE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        assert {read.result() for read in ended} == {b"HTTP/1.1 408"}
        for read in going_on:
            read.cancel()
        for task, (_, writer) in zip(dripping, connections, strict=True):
            task.cancel()
            writer.close()


async def test_a_sender_who_stops_between_requests_is_no_slow_upload(impatient: ServedGateway) -> None:
    """Streams of events have no least rate either."""
    batch_id = await impatient.upload()
    async with impatient.client.stream("GET", f"/pipeline/batch/{batch_id}/events") as response:
        lines = response.aiter_lines()
        assert await anext(lines) == "event: progress"
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await read_all(lines)


async def read_all(lines: AsyncIterator[str]) -> None:
    """Read a stream to its end."""
    async for _ in lines:
        pass


async def test_an_upload_that_is_cut_off_by_sigterm_is_told_so(gateway_process: GatewayProcess) -> None:
    """In the envelope, and with the time after which it may be sent again."""
    port = int(gateway_process.base_url.rpartition(":")[2])
    reader, writer = await begin_upload(port)
    uploads = gateway_process.process.log_file.parent / "objects" / "uploads"
    await until(uploads.exists)
    gateway_process.process.signal(signal.SIGTERM)
    head, code = await error_of(reader)
    assert head.startswith(b"http/1.1 503 ")
    assert b"retry-after: " in head
    assert b"connection: close" in head
    assert code == "temporarily_unavailable"
    writer.close()
    assert await asyncio.to_thread(gateway_process.process.wait, 10) == 0
    wait_until(lambda: not any(uploads.iterdir()) if uploads.exists() else True, "nothing of it is left")
