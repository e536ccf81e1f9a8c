"""Connections that bring no request, too much, or too many: on real sockets."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.gateway.settings import GatewaySettings
from shared.running.accepting import MAX_UNSENT_BYTES, listen
from tests.fakes import DEADLINE_SECONDS, until
from tests.integration.gateway.conftest import ServedGateway, serving

GET = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.fixture
async def hasty(tmp_path: Path) -> AsyncIterator[ServedGateway]:
    """A gateway that waits a second for a head and for a next request, and has room for four connections."""
    settings = GatewaySettings(
        header_timeout_seconds=0.5, keep_alive_seconds=1, max_connections=4, grace_seconds=1, host="127.0.0.1"
    )
    async with serving(tmp_path / "objects", settings) as gateway:
        yield gateway


class Connection:
    """One connection, in bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def to(cls, gateway: ServedGateway, sent: bytes = b"") -> "Connection":
        """A new one, on which something was sent."""
        connection = cls(*await asyncio.open_connection("127.0.0.1", gateway.port))
        connection.writer.write(sent)
        return connection

    async def rest(self) -> bytes:
        """Everything until the server closes."""
        try:
            return await asyncio.wait_for(self.reader.read(), DEADLINE_SECONDS)
        except ConnectionResetError:
            return b""
        finally:
            self.writer.close()

    async def answer(self) -> tuple[int, bytes]:
        """The status and body of the next response."""
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), DEADLINE_SECONDS)
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        return int(head.split()[1]), await self.reader.readexactly(length)


def status_and_code(answer: bytes) -> tuple[int, str]:
    """The status and the error's code of a whole response."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"connection: close" in head.lower()
    problem = json.loads(body)
    assert problem["success"] is False
    return int(head.split()[1]), problem["error"]["code"]


async def test_a_silent_connection_is_closed(hasty: ServedGateway) -> None:
    """Without an answer: there is no request to answer."""
    assert await (await Connection.to(hasty)).rest() == b""


async def test_half_a_head_is_answered_and_closed(hasty: ServedGateway) -> None:
    """Also as the second request of a connection."""
    for before in (b"", GET):
        connection = await Connection.to(hasty, before)
        if before:
            assert (await connection.answer())[0] == 200
        connection.writer.write(GET[:-2])
        assert status_and_code(await connection.rest()) == (408, "request_incomplete")


async def test_a_head_that_drips_is_not_waited_for(hasty: ServedGateway) -> None:
    """The time is counted from its beginning, not from its last byte."""
    connection = await Connection.to(hasty, b"GET /healthz HTTP/1.1\r\n")
    dripping = asyncio.create_task(drip(connection.writer))
    assert status_and_code(await connection.rest()) == (408, "request_incomplete")
    dripping.cancel()


async def drip(writer: asyncio.StreamWriter) -> None:
    """Send a header byte by byte, without end."""
    while not writer.is_closing():
        writer.write(b"a")
        await asyncio.sleep(0.05)


async def test_an_idle_connection_is_kept_and_then_closed(hasty: ServedGateway) -> None:
    """It may be used again until then."""
    connection = await Connection.to(hasty, GET)
    assert (await connection.answer())[0] == 200
    connection.writer.write(GET)
    assert (await connection.answer())[0] == 200
    assert await connection.rest() == b""


async def test_what_is_left_of_a_refused_body_is_not_read_for_ever(hasty: ServedGateway) -> None:
    """The answer comes at once; then the sender has the time of a head."""
    request = b"POST /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 50000\r\n\r\n"
    connection = await Connection.to(hasty, request)
    assert (await connection.answer())[0] == 404
    dripping = asyncio.create_task(drip(connection.writer))
    assert await connection.rest() == b""
    dripping.cancel()


async def test_silent_connections_make_room_for_those_that_ask(hasty: ServedGateway) -> None:
    """Twenty silent ones at a server for four: the oldest are closed, and every new one is served."""
    silent = [await Connection.to(hasty) for _ in range(20)]
    for _ in range(5):
        connection = await Connection.to(hasty, GET)
        assert (await connection.answer())[0] == 200
        connection.writer.close()
    assert [await connection.rest() for connection in silent] == [b""] * 20


async def test_a_connection_too_many_gets_a_503(hasty: ServedGateway) -> None:
    """When all others are busy; and it is taken once one of them has ended."""
    batch_id = await hasty.upload()
    events = f"GET /pipeline/batch/{batch_id}/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    await hasty.client.aclose()
    busy = [await Connection.to(hasty, events) for _ in range(4)]
    for connection in busy:
        await asyncio.wait_for(connection.reader.readuntil(b"progress"), DEADLINE_SECONDS)
    assert status_and_code(await (await Connection.to(hasty, GET)).rest()) == (503, "too_many_connections")
    busy[0].writer.close()

    async def is_served() -> bool:
        answer = await (await Connection.to(hasty, GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))).rest()
        return answer.startswith(b"HTTP/1.1 200 ")

    async with asyncio.timeout(DEADLINE_SECONDS):
        while not await is_served():
            pass
    for connection in busy[1:]:
        connection.writer.close()


MALFORMED = {
    "no_http": (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400, "request_malformed"),
    "two_lengths": (b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400, "request_malformed"),
    "unequal_lengths": (b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n", 400, "request_malformed"),
    "negative_length": (b"Content-Length: -5\r\n\r\n", 400, "request_malformed"),
    "space_before_colon": (b"X : 1\r\n\r\n", 400, "request_malformed"),
    "nul_in_header": (b"X: a\x00b\r\n\r\n", 400, "request_malformed"),
    "two_hosts": (b"Host: a\r\n\r\n", 400, "request_malformed"),
    "other_encoding": (b"Transfer-Encoding: gzip\r\n\r\n", 501, "transfer_encoding_unsupported"),
    "large_header": (b"X: " + b"a" * 40_000 + b"\r\n\r\n", 431, "headers_too_large"),
    "endless_header": (b"X: " + b"a" * 100_000, 431, "headers_too_large"),
}


@pytest.mark.parametrize("kind", MALFORMED)
async def test_what_is_no_request_is_answered_in_the_envelope(served: ServedGateway, kind: str) -> None:
    """And its connection is closed, so that nothing behind it is taken for a request."""
    sent, status, code = MALFORMED[kind]
    start = b"" if kind == "no_http" else b"POST /pipeline/batch HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    connection = await Connection.to(served, start + sent)
    assert status_and_code(await connection.rest()) == (status, code)


@pytest.mark.parametrize("end", [b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"a" * 60_000])
async def test_a_long_address_is_refused(served: ServedGateway, end: bytes) -> None:
    """Whole, and endless."""
    connection = await Connection.to(served, b"GET /" + b"a" * 10_000 + end)
    assert status_and_code(await connection.rest()) == (414, "address_too_long")


async def test_a_body_that_turns_out_malformed_is_answered(served: ServedGateway) -> None:
    """Its upload leaves nothing behind."""
    head = (
        b"POST /pipeline/batch HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n"
        b"Content-Type: multipart/form-data; boundary=b\r\n\r\n5\r\n--b\r\n\r\n"
    )
    connection = await Connection.to(served, head)
    await until(lambda: bool(served.files()))
    connection.writer.write(b"no length\r\n")
    assert status_and_code(await connection.rest()) == (400, "request_malformed")
    await until(lambda: not served.files())


async def test_an_absolute_address_is_served(served: ServedGateway) -> None:
    """As HTTP/1.1 demands of every server; the host in it is the one that counts."""
    request = f"GET http://127.0.0.1:{served.port}/healthz HTTP/1.1\r\nHost: other\r\n\r\n".encode()
    connection = await Connection.to(served, request)
    assert (await connection.answer())[0] == 200
    connection.writer.close()


@pytest.mark.parametrize(
    ("line", "status"),
    [("GET /pipeline/batch/%00", 422), ("BREW /healthz", 405), ("CONNECT a:1", 404), ("OPTIONS *", 404)],
)
async def test_odd_requests_are_answered_in_the_envelope(served: ServedGateway, line: str, status: int) -> None:
    """A NUL in the path, methods and targets of others."""
    connection = await Connection.to(served, f"{line} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    answered, body = await connection.answer()
    assert (answered, json.loads(body)["success"]) == (status, False)
    connection.writer.close()


async def test_the_system_keeps_little_of_an_answer_to_itself() -> None:
    """So that a slow reader is seen to take it: of megabytes in the system's hands nothing moves for a minute."""
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()) as client:
        accepted, _ = await asyncio.get_running_loop().sock_accept(listener)
        with accepted, client:
            kept = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT)
            assert kept == MAX_UNSENT_BYTES
