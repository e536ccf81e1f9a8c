"""Drafts on real connections: many uploaders through two gateways on MongoDB, and appends that break off."""

import asyncio
from collections import Counter
from pathlib import Path

import httpx

from services.gateway.settings import GatewaySettings
from tests.fakes import until
from tests.integration.gateway.conftest import JPEG, ServedGateway, serving

APPENDS = 40
FILES = 3


async def begin(gateway: ServedGateway) -> str:
    """The address of a new draft."""
    answer = await gateway.client.post("/pipeline/batch?draft", data={"batch_name": "holiday"})
    assert answer.status_code == 201, answer.text
    return f"/pipeline/batch/{answer.json()['data']['draft_id']}"


async def append(gateway: ServedGateway, batch: str, first: int) -> httpx.Response:
    """Append some files from a place on."""
    files = [("files", (f"{number}.jpg", JPEG + str(number).encode())) for number in range(first, first + FILES)]
    headers = {"Idempotency-Key": str(first)}
    return await gateway.client.post(f"{batch}/images", data={"position": first}, files=files, headers=headers)


async def test_whatever_was_answered_with_a_200_is_in_the_batch_and_nothing_else(
    tmp_path: Path, mongodb_url: str
) -> None:
    """Though it is committed by both gateways while many uploaders append to it through both, each append twice."""
    settings = GatewaySettings()
    async with serving(tmp_path, settings, mongodb_url) as one, serving(tmp_path, settings, mongodb_url) as other:
        batch = await begin(one)
        assert (await append(other, batch, 0)).status_code == 200
        gateways = [one, other] * APPENDS
        appending = [
            asyncio.create_task(append(gateways[number + again], batch, FILES * number))
            for number in range(1, APPENDS)
            for again in range(2)
        ]
        await until(lambda: sum(task.done() for task in appending) > APPENDS)
        commits = await asyncio.gather(*(gateway.client.post(f"{batch}/commit") for gateway in (one, other)))
        answers = await asyncio.gather(*appending)
        taken = {0, *(FILES * (1 + place // 2) for place, answer in enumerate(answers) if answer.is_success)}
        refusals = Counter(answer.json()["error"]["code"] for answer in answers if not answer.is_success)
        assert set(refusals) <= {"draft_committed"}
        assert [answer.json()["data"]["total_images"] for answer in commits] == [FILES * len(taken)] * 2
        entries = await one.ports.manifests.entries(batch.rpartition("/")[2], 0, APPENDS * FILES)
        expected = [f"{number}.jpg" for first in sorted(taken) for number in range(first, first + FILES)]
        assert [entry.name for entry in entries] == expected
        batch_id = batch.rpartition("/")[2]
        for entry in entries:
            number = entry.name.removesuffix(".jpg").encode()
            assert await other.ports.objects.get(entry.original_key(batch_id)) == JPEG + number


async def test_an_append_whose_connection_breaks_leaves_nothing(served: ServedGateway) -> None:
    """Of its first file, which was stored already."""
    batch = await begin(served)
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    part = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n' + JPEG + b"\r\n"
    head = f"POST {batch}/images HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    writer.write(head.encode() + b"Content-Length: 5000000\r\n\r\n" + part + part)
    await writer.drain()
    await until(lambda: any(path.is_file() for path in served.files()))
    writer.close()
    await until(lambda: not any(path.is_file() for path in served.files()))
    assert await reader.read() == b""
    answer = await served.client.post(f"{batch}/commit")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "draft_empty")
