"""Uploads that break off, stall or are refused half-way, on real connections."""

import asyncio

from tests.fakes import DEADLINE_SECONDS, until
from tests.integration.gateway.conftest import JPEG, ServedGateway

BEGINNING = (
    b'--b\r\nContent-Disposition: form-data; name="batch_name"\r\n\r\nx\r\n'
    b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n' + JPEG + b"\r\n"
    b'--b\r\nContent-Disposition: form-data; name="files"; filename="b.jpg"\r\n\r\n' + JPEG
)
LARGE = BEGINNING + bytes(1_000_000)


async def connect(
    gateway: ServedGateway, body: bytes, length: int
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection on which so much of a POST was sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    head = (
        "POST /pipeline/batch HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        f"Content-Length: {length}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()
    return reader, writer


async def assert_nothing_is_left(gateway: ServedGateway) -> None:
    """No batch, no object, not even a folder; and the gateway is up."""
    await until(lambda: not gateway.files())
    listed = await gateway.client.get("/pipeline/batch")
    assert listed.json()["data"] == []


async def test_an_upload_whose_connection_breaks_leaves_nothing(served: ServedGateway) -> None:
    """In the middle of a small file and of a streamed one."""
    for body in (BEGINNING, LARGE):
        _, writer = await connect(served, body, length=5_000_000)
        await until(lambda: bool(served.files()))
        writer.close()
        await assert_nothing_is_left(served)


async def test_a_body_that_ends_half_way_is_answered(served: ServedGateway) -> None:
    """Its sender is still there and hears of it."""
    reader, writer = await connect(served, BEGINNING, length=len(BEGINNING))
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), DEADLINE_SECONDS)
    assert head.startswith(b"HTTP/1.1 400 ")
    writer.close()
    await assert_nothing_is_left(served)


async def test_a_sender_who_stops_half_way_and_listens_is_answered(served: ServedGateway) -> None:
    """It has promised more than it sent, and closes only its own direction: what a cut body looks like from here."""
    for body in (BEGINNING, LARGE):
        reader, writer = await connect(served, body, length=5_000_000)
        writer.write_eof()
        answer = await asyncio.wait_for(reader.read(), DEADLINE_SECONDS)
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b'"code":"body_incomplete"' in answer
        writer.close()
        await assert_nothing_is_left(served)


async def test_a_sender_who_is_refused_half_way_hears_why(served: ServedGateway) -> None:
    """Although it first sends everything and only then listens."""
    body = LARGE + bytes(20_000_000)
    reader, writer = await connect(served, body, length=len(body))
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), DEADLINE_SECONDS)
    assert head.startswith(b"HTTP/1.1 413 ")
    writer.close()
    await assert_nothing_is_left(served)


async def test_stopping_cuts_a_stalled_upload_off_and_leaves_nothing(served: ServedGateway) -> None:
    """After the grace period, and the service ends."""
    writers = [(await connect(served, body, length=5_000_000))[1] for body in (BEGINNING, LARGE)]
    await until(lambda: bool(served.files()))
    served.stopping.set()
    await asyncio.wait_for(asyncio.shield(served.service), DEADLINE_SECONDS)
    assert served.files() == []
    assert await served.ports.batches.newest(1) == []
    for writer in writers:
        writer.close()


async def test_many_uploads_at_once_are_all_recorded(served: ServedGateway) -> None:
    """More than are read at a time."""
    ids = await asyncio.gather(*(served.upload(images=5) for _ in range(30)))
    listed = (await served.client.get("/pipeline/batch?limit=100")).json()["data"]
    assert {batch["batch_id"] for batch in listed} == set(ids)
    assert len([path for path in served.files() if path.is_file()]) == 150
