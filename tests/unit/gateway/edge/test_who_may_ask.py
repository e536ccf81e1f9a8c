"""Under which names the gateway answers, and to pages of which sites."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from services.gateway.edge.stack import behind_edge
from services.gateway.settings import GatewaySettings

UNSAFE = ("POST", "PUT", "PATCH", "DELETE", "BREW")


async def _act(request: Request) -> JSONResponse:
    return JSONResponse({"success": True, "body": len(await request.body())})


@asynccontextmanager
async def asking(listening_on: str = "127.0.0.1", **settings: object) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application that answers everything."""
    app = Starlette(routes=[Route("/{path:path}", _act, methods=["GET", "HEAD", "OPTIONS", *UNSAFE])])
    edge = behind_edge(app, GatewaySettings.model_validate({"host": listening_on, **settings}), listening_on)
    transport = httpx.ASGITransport(edge)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        yield client


async def refused(client: httpx.AsyncClient, method: str = "POST", **headers: str) -> str | None:
    """The code with which a request of these headers is refused; None if it is served."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = await client.request(method, "/act", headers=named)
    if response.is_success:
        return None
    error = response.json()["error"]
    assert response.status_code == {"host_unknown": 421, "other_site": 403}[error["code"]]
    return str(error["code"])


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:8000", "localhost.", "a.localhost:1", "127.0.0.1", "127.8.9.1:8000", "[::1]:8000",
     "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]"],
)  # fmt: skip
async def test_loopback_is_served_under_all_its_names(host: str) -> None:
    """They mean this machine to every browser."""
    async with asking() as client:
        assert await refused(client, "GET", host=host) is None


@pytest.mark.parametrize(
    "host",
    ["attacker.example", "attacker.example:8000", "localhost.attacker.example", "127.0.0.1.nip.io", "notlocalhost",
     "192.168.0.7", "[2001:db8::1]", "", "user@localhost", "localhost/", "127.0.0.1:99999999", "[::1", "a b"],
)  # fmt: skip
async def test_another_name_is_refused_whatever_is_asked(host: str) -> None:
    """It may have been bound to this address; reading is refused as well."""
    async with asking() as client:
        for method in ("GET", "POST", "OPTIONS"):
            assert await refused(client, method, host=host) == "host_unknown"


async def test_the_address_listened_on_is_served_and_on_all_of_them_every_address() -> None:
    """An address cannot be bound to another one, so that probes and published ports need no setting."""
    async with asking("192.168.0.7") as client:
        assert await refused(client, host="192.168.0.7:8000") is None
        assert await refused(client, host="192.168.0.8") == "host_unknown"
    for every in ("0.0.0.0", "::"):  # noqa: S104  nothing listens here
        async with asking(every) as client:
            assert await refused(client, host="10.1.2.3:8000") is None
            assert await refused(client, host="[2001:db8::1]") is None
            assert await refused(client, host="gateway") == "host_unknown"


async def test_names_are_allowed_by_setting() -> None:
    """One by one, below a domain, or all."""
    async with asking(allowed_hosts="Photos.Example, *.lab.example") as client:
        for host in ("photos.example", "photos.example.:444", "a.lab.example"):
            assert await refused(client, host=host) is None
        for host in ("lab.example", "a.b.lab.example", "a.photos.example"):
            assert await refused(client, host=host) == "host_unknown"
    async with asking(allowed_hosts="*") as client:
        assert await refused(client, host="anything") is None


@pytest.mark.parametrize("method", UNSAFE)
@pytest.mark.parametrize(
    "headers",
    [{"sec_fetch_site": "cross-site"}, {"sec_fetch_site": "same-site"}, {"sec_fetch_site": "anything"},
     {"origin": "https://other.example"}, {"origin": "null"}, {"origin": ""}, {"origin": "http://127.0.0.1:8001"},
     {"origin": "http://127.0.0.1"}, {"origin": "http://localhost:8000"}, {"origin": "https://127.0.0.1:8000"},
     {"origin": "file://127.0.0.1:8000"}, {"origin": "http://[::1:8000"}, {"origin": "http://127.0.0.1:8000.other.example"},
     {"origin": "http://127.0.0.1:8000", "sec_fetch_site": "cross-site"},
     {"origin": "https://other.example", "sec_fetch_site": "same-origin"}],
)  # fmt: skip
async def test_a_page_of_another_origin_cannot_act(method: str, headers: dict[str, str]) -> None:
    """Another port, scheme or name is another origin; a sandboxed page has none."""
    async with asking() as client:
        assert await refused(client, method, **headers) == "other_site"


async def test_it_may_look_as_browsers_let_it() -> None:
    """They keep the answers from it; and preflights are looks."""
    async with asking() as client:
        for method in ("GET", "HEAD", "OPTIONS"):
            assert await refused(client, method, origin="https://other.example", sec_fetch_site="cross-site") is None


async def test_it_opens_no_websocket() -> None:
    """Which browsers would let it."""
    async with asking() as client:
        headers = {"upgrade": "websocket", "connection": "upgrade"}
        assert await refused(client, "GET", origin="https://other.example", **headers) == "other_site"
        assert await refused(client, "GET", origin="http://127.0.0.1:8000", **headers) is None


@pytest.mark.parametrize(
    ("host", "origin"),
    [("127.0.0.1:8000", "http://127.0.0.1:8000"), ("localhost:8000", "HTTP://LOCALHOST:8000"),
     ("localhost.:8000", "http://localhost:8000"), ("[::1]:8000", "http://[0:0::1]:8000"),
     ("localhost", "http://localhost:80"), ("photos.example", "https://photos.example")],
)  # fmt: skip
async def test_the_own_pages_act(host: str, origin: str) -> None:
    """However the two headers spell it, and behind a proxy that ends TLS."""
    async with asking(allowed_hosts="photos.example") as client:
        assert await refused(client, host=host, origin=origin, sec_fetch_site="same-origin") is None


async def test_programs_act() -> None:
    """They send neither header; a person who types an address is no other site."""
    async with asking() as client:
        assert await refused(client) is None
        assert await refused(client, sec_fetch_site="none") is None


async def test_allowed_origins_act_and_may_read() -> None:
    """After a preflight, whose answer names what may be sent; and they see the headers that clients go by."""
    async with asking(cors_origins="https://app.example") as client:
        origin = {"origin": "https://app.example"}
        preflight = await client.options(
            "/act",
            headers={
                **origin,
                "access-control-request-method": "PUT",
                "access-control-request-headers": "idempotency-key",
            },
        )
        assert preflight.headers["access-control-allow-origin"] == "https://app.example"
        assert "PUT" in preflight.headers["access-control-allow-methods"]
        assert "idempotency-key" in preflight.headers["access-control-allow-headers"].lower()
        response = await client.post("/act", headers={**origin, "sec-fetch-site": "cross-site"})
        assert response.json() == {"success": True, "body": 0}
        assert response.headers["access-control-allow-origin"] == "https://app.example"
        exposed = response.headers["access-control-expose-headers"]
        assert exposed == "Content-Disposition, ETag, Location, Retry-After"
        assert await refused(client, origin="https://other.example") == "other_site"
        assert "access-control-allow-origin" not in (await client.get("/act", headers={"origin": "null"})).headers


async def test_no_origin_is_allowed_by_default() -> None:
    """Nothing tells a page that it may read."""
    async with asking() as client:
        response = await client.get("/act", headers={"origin": "https://app.example"})
        assert "access-control-allow-origin" not in response.headers


async def test_browsers_are_told_to_keep_answers_from_pages_of_other_origins() -> None:
    """As images and scripts as well, and as the window that such a page has opened; unless some may call."""
    for settings, policy in (({}, "same-origin"), ({"cors_origins": "https://app.example"}, "cross-origin")):
        async with asking(**settings) as client:
            headers = (await client.get("/look")).headers
        assert headers["cross-origin-resource-policy"] == policy
        assert headers["cross-origin-opener-policy"] == "same-origin"


async def test_every_origin_may_be_allowed() -> None:
    """By a star."""
    async with asking(cors_origins="*") as client:
        assert await refused(client, origin="https://app.example", sec_fetch_site="cross-site") is None


async def test_a_refusal_reads_nothing_of_the_body() -> None:
    """And is in the language of the request."""
    read: list[bytes] = []

    async def body() -> AsyncIterator[bytes]:
        read.append(b"body")
        yield b"body"

    async with asking() as client:
        headers = {"origin": "null", "accept-language": "en"}
        response = await client.post("/act", content=body(), headers=headers)
    assert not read
    assert response.json()["error"]["message"].startswith("Requests from pages of other sites")
    assert response.headers["x-content-type-options"] == "nosniff"
