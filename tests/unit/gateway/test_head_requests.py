"""HEAD on every address that takes GET."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
from starlette.responses import StreamingResponse

from services.gateway.answers.head_requests import HeadRequests
from tests.fakes import DEADLINE_SECONDS
from tests.unit.gateway.conftest import Gateway
from tests.unit.gateway.test_reading import UNKNOWN, developed

UNLISTED = ["/", "/docs", "/docs/oauth2-redirect", "/openapi.json", "/static-offline-docs/favicon.png"]


class Places(dict[str, str]):
    """What stands for the places in an address; the first of anything that is not named."""

    def __missing__(self, _place: str) -> str:
        """Give the first."""
        return "0"


def addresses(document: dict[str, Any], batch_id: str) -> Iterator[tuple[str, bool]]:
    """Every address that takes GET, of this batch where it is about one, and whether it may have no end."""
    places = Places(batch_id=batch_id, output="web", name="web")
    for path, operations in document["paths"].items():
        if "get" in operations:
            success = operations["get"]["responses"].get("200", {})
            yield path.format_map(places), "text/event-stream" in success.get("content", {})
    yield from ((path, False) for path in UNLISTED)


async def test_every_get_can_be_asked_for_its_head_alone(gateway: Gateway) -> None:
    """With the status and headers of GET and no content, also of what is streamed, and of what is not there."""
    batch_id = await developed(gateway)
    await gateway.ports.batches.change(batch_id, lambda batch: batch.changed(gateway.clock(), status="FAILURE"))
    document = (await gateway.client.get("/openapi.json")).json()
    found: set[str] = set()
    for batch in (batch_id, UNKNOWN):
        for path, is_endless in addresses(document, batch):
            async with asyncio.timeout(DEADLINE_SECONDS):
                head = await gateway.client.head(path)
            assert (head.status_code != 405, head.content) == (True, b""), path
            if not is_endless:
                got = await gateway.client.get(path)
                assert (head.status_code, dict(head.headers)) == (got.status_code, dict(got.headers)), path
            if head.status_code == 200:
                found.add(path.removeprefix(f"/pipeline/batch/{batch_id}"))
    assert {"", "/images", "/images/0/web", "/archive", "/contact-sheet", "/events", "/docs", "/openapi.json"} <= found


async def test_head_of_an_address_without_get_is_an_error(gateway: Gateway) -> None:
    """It names what the address takes; where there is nothing, that is said."""
    response = await gateway.client.head(f"/pipeline/batch/{UNKNOWN}/cancel")
    assert (response.status_code, response.content, response.headers["allow"]) == (405, b"", "POST")
    assert (await gateway.client.head("/nowhere")).status_code == 404


async def test_the_head_of_a_stream_ends_it() -> None:
    """However long it would go on; what the stream holds is released."""
    released = asyncio.Event()

    async def pieces() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"piece"
                await asyncio.sleep(0)
        finally:
            released.set()

    app = HeadRequests(StreamingResponse(pieces(), headers={"X-Stream": "yes"}))
    async with asyncio.timeout(DEADLINE_SECONDS):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://stream") as client:
            response = await client.head("/")
        await released.wait()
    assert (response.status_code, response.content, response.headers["x-stream"]) == (200, b"", "yes")
