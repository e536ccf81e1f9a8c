"""WebSockets on real sockets: who may open one, what may be said on it, and how it ends."""

import asyncio
import base64
import contextlib
import json
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from services.gateway.edge.front_door import FrontDoor
from services.gateway.routes import live_socket
from services.gateway.settings import GatewaySettings
from shared.errors import DocumentsUnavailableError
from shared.running.accepting import listen
from shared.running.lifecycle import Readiness, Stopping
from tests.fakes import DEADLINE_SECONDS, until
from tests.integration.gateway.conftest import ServedGateway, serving


@asynccontextmanager
async def opened(
    gateway: ServedGateway, path: str, *, origin: str | None = None, headers: dict[str, str] | None = None
) -> AsyncIterator[ClientConnection]:
    """A WebSocket to a path below /pipeline."""
    url = f"ws://127.0.0.1:{gateway.port}{path if path.startswith('/darkroom/') else f'/pipeline{path}'}"
    async with (
        asyncio.timeout(DEADLINE_SECONDS),
        connect(url, origin=origin, additional_headers=headers, proxy=None) as connection,  # type: ignore[arg-type]  # a NewType of str
    ):
        yield connection


async def closed_with(connection: ClientConnection) -> tuple[int, str]:
    """Code and reason with which the gateway closes."""
    with contextlib.suppress(ConnectionClosed):
        async for _ in connection:
            pass
    return connection.close_code or 0, connection.close_reason or ""


async def refused_with(gateway: ServedGateway, **said: object) -> tuple[int, str]:
    """Status and code of the answer to a handshake."""
    with pytest.raises(InvalidStatus) as refused:
        async with opened(gateway, "/events/ws", **said):  # type: ignore[arg-type]  # as the tests say
            pass
    response = refused.value.response
    body = json.loads(response.body or b"")
    assert body["success"] is False
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    return response.status_code, body["error"]["code"]


async def test_pages_of_other_sites_are_refused(served: ServedGateway) -> None:
    """A browser lets any page open a WebSocket to any address, loopback as well."""
    for origin in (
        "https://attacker.example",
        "null",
        f"http://127.0.0.1:{served.port + 1}",
        f"https://127.0.0.1:{served.port}",
    ):
        assert await refused_with(served, origin=origin) == (403, "other_site")
    assert await refused_with(served, headers={"Sec-Fetch-Site": "cross-site"}) == (403, "other_site")


async def test_own_pages_and_programs_are_served(served: ServedGateway) -> None:
    """A program sends no origin."""
    for origin in (None, f"http://127.0.0.1:{served.port}"):
        async with opened(served, "/events/ws", origin=origin) as connection:
            hello = json.loads(await connection.recv())
            assert (hello["event"], hello["id"]) == ("hello", None)
            assert set(hello["data"]) == {"server_version", "page_version", "now"}


async def test_behind_a_proxy_links_begin_with_its_prefix(tmp_path: Path) -> None:
    """Whether it strips the prefix or not; a page of the name that it passes on is the gateway's own."""
    settings = GatewaySettings.model_validate(
        {
            "root_path": "/darkroom",
            "trusted_proxies": ["127.0.0.1"],
            "allowed_hosts": ["photos.example"],
            "grace_seconds": 1,
        }
    )
    async with serving(tmp_path / "objects", settings) as gateway:
        batch_id = await gateway.upload()
        passed_on = {"X-Forwarded-Host": "photos.example", "X-Forwarded-Proto": "https"}
        for prefix in ("", "/darkroom/pipeline"):
            path = f"{prefix}/batch/{batch_id}/ws"
            async with opened(gateway, path, origin="https://photos.example", headers=passed_on) as connection:
                frame = json.loads(await connection.recv())
                assert frame["data"]["links"]["self"] == f"/darkroom/pipeline/batch/{batch_id}"


async def test_a_foreign_host_name_is_refused(served: ServedGateway) -> None:
    """DNS rebinding makes the page's origin and the host agree."""
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(handshake("/pipeline/events/ws", host="attacker.example", origin="http://attacker.example"))
    answer = await asyncio.wait_for(reader.read(), DEADLINE_SECONDS)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 421 ")
    assert b'"host_unknown"' in answer


def handshake(path: str, *, host: str = "127.0.0.1", method: str = "GET", **more: str) -> bytes:
    """The bytes of a WebSocket's handshake."""
    headers = {
        "Host": host,
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        **more,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode()


@pytest.mark.parametrize(
    "request_bytes",
    [
        handshake("/pipeline/events/ws", method="POST"),
        handshake("/pipeline/events/ws").replace(b"Version: 13", b"Version: 1"),
        handshake("/pipeline/events/ws", Cookie="a" * 9000),
        handshake("/pipeline/events/ws?" + "a" * 8170),
        handshake("/pipeline/events/ws", **{f"X-{number}": "a" for number in range(200)}),
        handshake("/pipeline/nothing/ws"),
    ],
    ids=["method", "version", "long header", "long address", "many headers", "unknown address"],
)  # fmt: skip
async def test_a_handshake_that_is_none_is_answered_and_forgotten(
    served: ServedGateway, request_bytes: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """With an error, and without a connection that stays behind."""
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(request_bytes)
    answer = await asyncio.wait_for(reader.read(), DEADLINE_SECONDS)
    writer.close()
    assert answer.split()[1][:1] == b"4"
    served.stopping.set()
    await asyncio.wait_for(asyncio.shield(served.service), DEADLINE_SECONDS)
    # A connection that was left behind would have been waited for in vain.
    assert not [record for record in caplog.records if "graceful shutdown exceeded" in record.getMessage()]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (["hello"], 1008),
        (["{}"], 1008),
        (['{"last_event_id": "17"}'], 1008),
        (['{"last_event_id": -1}'], 1008),
        (['{"last_event_id": 1, "more": 1}'], 1008),
        (["[" * 1000], 1008),
        (['{"last_event_id": 1}', '{"last_event_id": 2}'], 1008),
        ([b'{"last_event_id": 1}'], 1003),
        (["a" * 1025], 1009),
        (["a" * 1_000_000], 1009),
    ],
)
async def test_rubbish_closes_with_a_code(served: ServedGateway, said: list[str | bytes], code: int) -> None:
    """One message is read, and it says what was seen last."""
    batch_id = await served.upload()
    for path in (f"/batch/{batch_id}/ws", "/events/ws"):
        async with opened(served, path) as connection:
            for message in said:
                await connection.send(message)
            assert (await closed_with(connection))[0] == code


async def test_text_that_is_none_closes_with_a_code(served: ServedGateway) -> None:
    """Bytes that are not UTF-8, in a frame that says that they are."""
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(handshake("/pipeline/events/ws"))
    await reader.readuntil(b"\r\n\r\n")
    mask = b"\0\0\0\0"
    writer.write(b"\x81\x82" + mask + b"\xff\xfe")
    frames = await asyncio.wait_for(reader.read(), DEADLINE_SECONDS)
    writer.close()
    assert (1007).to_bytes(2) in frames


async def version_seen(connection: ClientConnection, version: int) -> None:
    """Return once a state of that version or a newer one has come."""
    while json.loads(await connection.recv())["data"]["version"] < version:
        pass


async def test_what_was_seen_is_not_sent_again(served: ServedGateway) -> None:
    """After the first state, which comes at once; the end is sent in any case."""
    batch_id = await served.upload()
    path = f"/batch/{batch_id}/ws"
    async with opened(served, path) as connection, opened(served, path) as other:
        first = json.loads(await connection.recv())
        await connection.send(json.dumps({"last_event_id": first["id"] + 100}))
        await (await connection.ping())
        for completed in range(1, 4):
            moved = await served.move(batch_id, status="STARTED", completed_images=completed)
            await version_seen(other, moved.version)
        await served.move(batch_id, status="SUCCESS", completed_images=2)
        frames = [json.loads(frame) async for frame in connection]
        assert connection.close_code == 1000
    assert [frame["event"] for frame in frames] == ["progress", "finished"]


async def test_one_on_which_nothing_happens_stays_open(tmp_path: Path) -> None:
    """For longer than a request's body may take, or its answer."""
    settings = GatewaySettings(
        upload_idle_timeout_seconds=0.1, download_idle_timeout_seconds=0.1, snapshot_interval_seconds=0.01
    )
    async with serving(tmp_path / "objects", settings) as gateway:
        batch_id = await gateway.upload()
        async with opened(gateway, f"/batch/{batch_id}/ws") as connection:
            await connection.recv()
            reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
            writer.write(b"POST /pipeline/dead/tracker.results/replay HTTP/1.1\r\nHost: 127.0.0.1\r\n")
            writer.write(b"Content-Type: application/json\r\nContent-Length: 9\r\n\r\n")
            assert (await asyncio.wait_for(reader.read(), DEADLINE_SECONDS)).startswith(b"HTTP/1.1 408 ")
            writer.close()
            moved = await gateway.move(batch_id, completed_images=1)
            await version_seen(connection, moved.version)


async def test_a_batch_that_is_not_there_closes_with_4404(served: ServedGateway) -> None:
    """Also under what is no id."""
    for name in ("00000000-0000-4000-8000-000000000000", "holiday", "%00", "a" * 500):
        async with opened(served, f"/batch/{name}/ws") as connection:
            assert (await closed_with(connection))[0] == 4404


async def test_an_unknown_topic_closes_with_a_code(served: ServedGateway) -> None:
    """Before anything is sent."""
    async with opened(served, "/events/ws?topics=weather") as connection:
        assert (await closed_with(connection))[0] == 1008


async def test_a_database_that_is_away_closes_for_now(served: ServedGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client may come again."""
    batch_id = await served.upload()

    async def away(_batch_id: str) -> None:
        raise DocumentsUnavailableError("away")

    monkeypatch.setattr(served.ports.batches, "get", away)
    async with opened(served, f"/batch/{batch_id}/ws") as connection:
        assert (await closed_with(connection))[0] == 1013


async def test_stopping_closes_with_1012(served: ServedGateway) -> None:
    """So that clients connect again elsewhere; the gateway does not wait for them."""
    batch_id = await served.upload()
    async with opened(served, f"/batch/{batch_id}/ws") as one, opened(served, "/events/ws") as other:
        await one.recv()
        await other.recv()
        served.stopping.set()
        assert [(await closed_with(each))[0] for each in (one, other)] == [1012, 1012]
        await asyncio.wait_for(asyncio.shield(served.service), DEADLINE_SECONDS)


async def test_too_many_are_sent_away_and_requests_still_served(tmp_path: Path) -> None:
    """Half of the connections stay for requests."""
    settings = GatewaySettings(max_connections=4, grace_seconds=1)
    async with serving(tmp_path / "objects", settings) as gateway:
        async with opened(gateway, "/events/ws") as one, opened(gateway, "/events/ws") as two:
            for connection in (one, two):
                await connection.recv()
            async with opened(gateway, "/events/ws") as third:
                assert (await closed_with(third))[0] == 1013
            assert (await gateway.client.get("/healthz")).status_code == 200
        async with opened(gateway, "/events/ws") as again:
            await again.recv()


async def test_every_connection_taken_by_websockets_is_counted(tmp_path: Path) -> None:
    """They leave no more room than others do."""
    settings = GatewaySettings(max_connections=2, grace_seconds=1)
    async with serving(tmp_path / "objects", settings) as gateway, opened(gateway, "/events/ws") as one:
        await one.recv()
        follow = gateway.client.stream("GET", "/pipeline/events")
        async with follow, httpx.AsyncClient() as another:
            answer = await another.get(f"http://127.0.0.1:{gateway.port}/healthz")
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "too_many_connections")


async def has_place(gateway: ServedGateway) -> bool:
    """Whether another WebSocket may be opened."""
    async with opened(gateway, "/events/ws") as connection:
        try:
            await connection.recv()
        except ConnectionClosed:
            return False
        return True


async def has_no_place(gateway: ServedGateway) -> bool:
    """Whether all places are taken."""
    return not await has_place(gateway)


async def has_place_after_a_move(gateway: ServedGateway, batch_id: str) -> bool:
    """Whether there is a place again, after one more state of the batch."""
    await gateway.move(batch_id, started_at=datetime.now(UTC))
    return await has_place(gateway)


async def test_one_that_reads_nothing_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After ten seconds, shortened here; a client that reads at last learns why."""
    monkeypatch.setattr(live_socket, "SEND_SECONDS", 0.1)
    loop = asyncio.get_running_loop()
    settings = GatewaySettings(max_connections=2, grace_seconds=1)
    async with serving(tmp_path / "objects", settings) as gateway:
        batch_id = await gateway.upload()
        # More than systems keep for a reader.
        await gateway.move(batch_id, name="사" * 3_000_000)
        with socket.socket() as lazy:
            lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            lazy.setblocking(False)
            await loop.sock_connect(lazy, ("127.0.0.1", gateway.port))
            await loop.sock_sendall(lazy, handshake(f"/pipeline/batch/{batch_id}/ws"))
            await until(lambda: has_no_place(gateway))
            await until(lambda: has_place_after_a_move(gateway, batch_id))
            received = bytearray()
            async with asyncio.timeout(DEADLINE_SECONDS):
                while chunk := await loop.sock_recv(lazy, 1 << 16):
                    received += chunk
    assert (1013).to_bytes(2) in received[-200:]


async def test_while_starting_a_handshake_is_answered() -> None:
    """As every request: with a 503 and the reason."""
    settings = GatewaySettings(grace_seconds=1)
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    door, stopping = FrontDoor(settings, listener), Stopping()
    async with door.open(Readiness(), stopping):
        with pytest.raises(InvalidStatus) as refused:
            async with connect(f"ws://127.0.0.1:{port}/pipeline/events/ws", proxy=None):
                pass
        stopping.set()
    assert refused.value.response.status_code == 503


async def test_clients_that_leave_are_forgotten(tmp_path: Path) -> None:
    """However they leave: there is room for one at a time."""
    settings = GatewaySettings(max_connections=2, grace_seconds=1)
    async with serving(tmp_path / "objects", settings) as gateway:
        batch_id = await gateway.upload()
        for _ in range(3):
            async with opened(gateway, f"/batch/{batch_id}/ws") as polite:
                await polite.recv()
            await until(lambda: has_place(gateway))
            with contextlib.suppress(ConnectionClosed):
                async with opened(gateway, f"/batch/{batch_id}/ws") as rude:
                    rude.transport.abort()
            await until(lambda: has_place(gateway))
