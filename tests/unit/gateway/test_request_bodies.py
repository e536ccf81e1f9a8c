"""Bodies are bounded while they are read, whatever they are for."""

import asyncio

import pytest
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send
from structlog.testing import capture_logs

from services.gateway.answers.errors import ApiError
from services.gateway.answers.request_bodies import BodyLimits, RequestBodies
from tests.unit.gateway.conftest import Gateway

LIMITS = BodyLimits(upload_bytes=5, append_bytes=4, proof_bytes=4, other_bytes=3)
END: Message = {"type": "http.request", "body": b"", "more_body": False}


def piece(data: bytes) -> Message:
    """A piece of a body with more to come."""
    return {"type": "http.request", "body": data, "more_body": True}


async def read(*messages: Message, path: str = "/pipeline/recipes/mine", **headers: str) -> bytes:
    """What an application behind the limits reads of these messages, after which the client is silent."""
    waiting = list(messages)
    found: list[bytes] = []

    async def receive() -> Message:
        if not waiting:
            await asyncio.Event().wait()
        return waiting.pop(0)

    async def app(scope: Scope, receive: Receive, _send: Send) -> None:
        found.append(await Request(scope, receive).body())

    async def send(_message: Message) -> None:
        """Nobody listens."""

    if "content_length" not in headers:
        headers["transfer_encoding"] = "chunked"
    fields = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": path, "headers": fields, "query_string": b""}
    await RequestBodies(app, LIMITS)(scope, receive, send)
    return b"".join(found)


async def refusal(*messages: Message, path: str = "/pipeline/recipes/mine", **headers: str) -> str:
    """The code that reading ends with."""
    with pytest.raises(ApiError) as refused:
        await read(*messages, path=path, **headers)
    return str(refused.value)


async def test_a_body_within_its_bounds_passes() -> None:
    """Unchanged."""
    assert await read(piece(b"ab"), piece(b"c"), END) == b"abc"


async def test_a_body_ends_at_the_first_byte_too_many() -> None:
    """Whatever its Content-Length says."""
    assert await refusal(piece(b"ab"), piece(b"cd"), piece(b"never read")) == "request_too_large"


@pytest.mark.parametrize("path", ["/pipeline/batch", "/pipeline/batch/x/retry"])
async def test_an_upload_has_a_bound_of_its_own(path: str) -> None:
    """Which no other address has."""
    messages = (piece(b"abcd"), END)
    if path == "/pipeline/batch":
        assert await read(*messages, path=path) == b"abcd"
    else:
        assert await refusal(*messages, path=path) == "request_too_large"


@pytest.mark.parametrize(
    ("path", "limit"),
    [("/pipeline/batch/x/images", 4), ("/pipeline/batch/x/images/0", 3), ("/pipeline/batch/x/missing", 4 * 1024**2)],
)
async def test_requests_about_a_draft_have_bounds_of_their_own(path: str, limit: int) -> None:
    """An append, and a list of files."""
    assert await read(piece(bytes(limit)), END, path=path) == bytes(limit)
    assert await refusal(piece(bytes(limit + 1)), END, path=path) == "request_too_large"


async def test_a_body_that_breaks_off_is_told_from_one_that_ends() -> None:
    """By what the server says, or by its length."""
    assert await refusal(piece(b"a"), {"type": "http.disconnect"}) == "body_incomplete"
    assert await refusal(piece(b"a"), END, content_length="3") == "body_incomplete"


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/pipeline/batch"), ("PUT", "/pipeline/recipes/mine"), ("POST", "/pipeline/batch/x/cancel")],
)
async def test_compressed_bodies_are_not_taken(gateway: Gateway, method: str, path: str) -> None:
    """Of any kind, by anything: they could grow to any size."""
    response = await gateway.client.request(method, path, content=b"\x1f\x8b", headers={"Content-Encoding": "gzip"})
    assert (response.status_code, response.json()["error"]["code"]) == (415, "content_encoding_unsupported")


async def test_a_second_encoding_is_seen_as_well(gateway: Gateway) -> None:
    """Two headers are one list."""
    headers = [("Content-Encoding", "identity"), ("Content-Encoding", "br")]
    response = await gateway.client.put("/pipeline/recipes/mine", content=b"\x1f\x8b", headers=headers)
    assert response.json()["error"]["code"] == "content_encoding_unsupported"


async def test_a_body_that_is_too_large_by_its_length_is_not_read(gateway: Gateway) -> None:
    """The answer says how much it may be, and the log that it was refused."""
    with capture_logs() as logs:
        response = await gateway.client.put("/pipeline/recipes/mine", content=b" " * 100_000)
    refused = {"event": "request_refused", "code": "request_too_large", "path": "/pipeline/recipes/mine"}
    assert [line for line in logs if line["event"] == "request_refused"] == [{**refused, "log_level": "info"}]
    assert (response.status_code, response.json()["error"]["code"]) == (413, "request_too_large")
    assert "99328" in response.json()["error"]["message"]


async def test_a_client_that_leaves_a_streamed_answer_breaks_off_no_body() -> None:
    """Its request had none: the answer hears of it as the server says it, and nothing is logged as a fault."""
    heard: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        heard.append(await receive())

    async def send(_message: Message) -> None:
        """Nobody listens."""

    scope = {"type": "http", "method": "GET", "path": "/pipeline/batch/b/archive", "headers": [], "query_string": b""}
    await RequestBodies(app, LIMITS)(scope, receive, send)
    assert heard == [{"type": "http.disconnect"}]
