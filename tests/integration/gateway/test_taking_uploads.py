"""Uploads on real connections that are repeated, race each other, or come while the broker takes nothing."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.gateway.settings import GatewaySettings
from shared.errors import BrokerUnavailableError
from shared.messaging.messages import BatchSubmitted, Message
from tests.fakes import DEADLINE_SECONDS, until
from tests.integration.gateway.conftest import JPEG, ServedGateway, serving
from tests.integration.gateway.test_broken_uploads import LARGE, connect


async def upload(gateway: ServedGateway, key: str, images: int = 3, **more: Any) -> httpx.Response:
    """The answer to an upload with a key."""
    files = [("files", (f"{number}.jpg", JPEG)) for number in range(images)]
    return await gateway.client.post(
        "/pipeline/batch", data={"batch_name": "holiday"}, files=files, headers={"Idempotency-Key": key}, **more
    )


async def test_an_upload_that_is_repeated_is_one_batch(sweeping: ServedGateway) -> None:
    """One after the other; a different request with the key is refused."""
    first = await upload(sweeping, "a")
    again = await upload(sweeping, "a")
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    other = await upload(sweeping, "a", images=2)
    assert (other.status_code, other.json()["error"]["code"]) == (422, "idempotency_key_reused")
    await assert_stored(sweeping, {"a"})


async def test_uploads_with_the_same_key_at_once_are_one_batch(sweeping: ServedGateway) -> None:
    """Many of them, of several keys, more than are read at a time."""
    answers = await asyncio.gather(*(upload(sweeping, key) for key in ("a", "b", "c") for _ in range(8)))
    assert all(answer.status_code == 200 for answer in answers)
    ids = [answer.json()["data"]["context_id"] for answer in answers]
    assert [len(set(ids[start : start + 8])) for start in (0, 8, 16)] == [1, 1, 1]
    assert len(set(ids)) == 3
    await assert_stored(sweeping, {"a", "b", "c"})


async def assert_stored(gateway: ServedGateway, keys: set[str]) -> None:
    """One batch for each key, and the files of these alone."""
    batches = await gateway.ports.batches.newest(100)
    assert sorted(str(batch.idempotency_key) for batch in batches) == sorted(keys)
    files = {str(path.relative_to(gateway.folder)) for path in gateway.files() if path.is_file()}
    assert files == {f"originals/{batch.id}/{index}" for batch in batches for index in range(batch.total_images)}


async def test_an_upload_that_broke_off_is_repeated(sweeping: ServedGateway) -> None:
    """It has used no key up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", sweeping.port)
    head = (
        "POST /pipeline/batch HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        "Idempotency-Key: a\r\nContent-Length: 5000000\r\n\r\n"
    )
    writer.write(head.encode() + LARGE)
    await writer.drain()
    await until(lambda: bool(sweeping.files()))
    writer.close()
    del reader
    await until(lambda: not sweeping.files())
    assert (await upload(sweeping, "a")).status_code == 200
    await assert_stored(sweeping, {"a"})


class Alarm:
    """A broker that takes nothing while it is on."""

    def __init__(self, gateway: ServedGateway) -> None:
        self.is_on = True
        self.told: list[str] = []
        self._publish = gateway.ports.publisher.publish

    async def publish(self, message: Message) -> None:
        """Refuse the message, or pass it on."""
        if self.is_on:
            raise BrokerUnavailableError("RabbitMQ refuses messages: memory or disk alarm")
        if isinstance(message, BatchSubmitted):
            self.told.append(message.batch_id)
        await self._publish(message)


@pytest.fixture
async def impatient(tmp_path: Path) -> AsyncIterator[ServedGateway]:
    """A gateway that takes no more uploads once a batch has waited for 200 ms."""
    settings = GatewaySettings(grace_seconds=1, relay_sweep_seconds=0.05, max_backlog_seconds=0.2)
    async with serving(tmp_path / "objects", settings) as gateway:
        yield gateway


async def test_a_blocked_broker_stops_uploads_and_loses_nothing(
    impatient: ServedGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are asked to come again, /readyz says why, and afterwards everything is told and uploads are taken."""
    alarm = Alarm(impatient)
    monkeypatch.setattr(impatient.ports.publisher, "publish", alarm.publish)
    answered = await upload(impatient, "first")
    batch_id = answered.json()["data"]["context_id"]
    await until(lambda: is_unready(impatient))
    assert (await upload(impatient, "first")).json()["data"]["context_id"] == batch_id
    refused = await upload(impatient, "a")
    assert refused.json()["error"]["code"] == "backlog_too_old"
    assert int(refused.headers["retry-after"]) > 0
    assert "backlog" in (await impatient.client.get("/readyz")).json()["error"]["details"]
    assert [batch.id for batch in await impatient.ports.batches.newest(100)] == [batch_id]
    alarm.is_on = False
    await until(lambda: is_ready(impatient))
    assert alarm.told == [batch_id]
    assert (await upload(impatient, "a")).status_code == 200


async def is_ready(gateway: ServedGateway) -> bool:
    """Whether it says so."""
    return (await gateway.client.get("/readyz")).status_code == 200


async def is_unready(gateway: ServedGateway) -> bool:
    """Whether it says that the backlog keeps it from its work."""
    answer = (await gateway.client.get("/readyz")).json()
    return not answer["success"] and "backlog" in answer["error"]["details"]


async def test_who_is_refused_for_the_backlog_hears_it_although_the_body_is_large(
    impatient: ServedGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before it is read: nothing of it is stored, be it sent in one go or not at all."""
    monkeypatch.setattr(impatient.ports.publisher, "publish", Alarm(impatient).publish)
    await impatient.upload()
    await until(lambda: is_unready(impatient))
    before = impatient.files()
    for body, length in ((b"", 5_000_000), (LARGE + bytes(20_000_000), len(LARGE) + 20_000_000)):
        reader, writer = await connect(impatient, body, length)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), DEADLINE_SECONDS)
        assert head.startswith(b"HTTP/1.1 503 ")
        writer.close()
    assert impatient.files() == before
