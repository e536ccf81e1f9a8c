"""Links, redirects and the documentation behind a proxy and a path prefix."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from services.gateway.app import gateway_app
from services.gateway.edge.stack import behind_edge
from services.gateway.settings import GatewaySettings
from shared.running.settings import InvalidSettingsError
from tests.unit.gateway.conftest import Gateway


@asynccontextmanager
async def proxied(gateway: Gateway, client: str = "127.0.0.1", **settings: object) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the same gateway with these settings, which is at that address."""
    edge = behind_edge(gateway_app(gateway.parts), GatewaySettings.model_validate(settings), "127.0.0.1")
    transport = httpx.ASGITransport(edge, client=(client, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as asking:
        yield asking


@pytest.mark.parametrize("sent", ["", "/darkroom"])
async def test_a_prefix_is_in_links_redirects_and_documentation(gateway: Gateway, sent: str, jpeg: bytes) -> None:
    """Whether the proxy strips it or not."""
    async with proxied(gateway, root_path="/darkroom/") as client:
        files = {"batch_name": (None, b"holiday"), "files": ("a.jpg", jpeg)}
        accepted = (await client.post(f"{sent}/pipeline/batch", files=files)).json()["data"]
        batch = f"/darkroom/pipeline/batch/{accepted['batch_id']}"
        assert accepted["links"]["self"] == batch
        status = (await client.get(sent + accepted["links"]["self"].removeprefix("/darkroom"))).json()["data"]
        assert (status["links"]["events"], status["controls"]["cancel"]) == (f"{batch}/events", f"{batch}/cancel")
        assert (await client.get(f"{sent}/pipeline/batch/")).headers["location"] == "/darkroom/pipeline/batch"
        docs = await client.get(f"{sent}/docs")
        assert "'/darkroom/openapi.json'" in docs.text
        assert "content-security-policy" not in docs.headers
        assert (await client.get(f"{sent}/openapi.json")).json()["servers"][0]["url"] == "/darkroom"


async def test_without_a_prefix_nothing_is_prefixed(gateway: Gateway) -> None:
    """Also after a request that had one, and whatever an untrusted client claims."""
    async with proxied(gateway, root_path="/darkroom") as client:
        assert (await client.get("/pipeline/batch/")).headers["location"] == "/darkroom/pipeline/batch"
    async with proxied(gateway) as client:
        headers = {"x-forwarded-prefix": "/evil", "x-forwarded-host": "evil.example", "x-forwarded-proto": "https"}
        assert (await client.get("/pipeline/batch/", headers=headers)).headers["location"] == "/pipeline/batch"


async def test_redirects_never_repeat_the_host(gateway: Gateway) -> None:
    """Which may be anything where every name is allowed."""
    async with proxied(gateway, allowed_hosts="*") as client:
        response = await client.get("/pipeline/batch/?limit=2", headers={"host": "evil.example"})
        assert (response.status_code, response.headers["location"]) == (307, "/pipeline/batch?limit=2")


async def test_a_trusted_proxy_says_how_the_client_asked(gateway: Gateway) -> None:
    """Under which name, by which scheme and behind which prefix."""
    announced = {"x-forwarded-host": "photos.example", "x-forwarded-proto": "https", "x-forwarded-prefix": "/photos"}
    origin = {"origin": "https://photos.example", "sec-fetch-site": "same-origin"}
    settings = {"trusted_proxies": "10.0.0.0/8, ::1", "allowed_hosts": "photos.example"}
    path = "/pipeline/batch/3f0f4a52-8a51-4bd8-9d52-4f4f6f1b9c11/cancel"
    async with proxied(gateway, "10.1.2.3", **settings) as client:
        assert (await client.post(path, headers={**announced, **origin})).json()["error"]["code"] == "batch_not_found"
        location = (await client.get("/pipeline/batch/", headers=announced)).headers["location"]
        assert location == "/photos/pipeline/batch"
        insecure = {**origin, "origin": "http://photos.example"}
        assert (await client.post(path, headers={**announced, **insecure})).status_code == 403
        unnamed = {"host": "photos.example", "x-forwarded-proto": "https"}
        assert (await client.post(path, headers={**unnamed, **origin})).status_code == 404
        odd = {**announced, "x-forwarded-prefix": "//evil.example"}
        assert (await client.get("/pipeline/batch/", headers=odd)).headers["location"] == "/pipeline/batch"
    async with proxied(gateway, "192.168.0.1", **settings) as client:
        assert (await client.post(path, headers={**announced, **origin})).status_code == 403


async def test_a_page_cannot_get_around_the_host_by_a_proxys_header(gateway: Gateway) -> None:
    """One that bound its name to this address may send any header; and a proxy's name has to be allowed as well."""
    async with proxied(gateway, trusted_proxies="127.0.0.1") as client:
        rebound = {"host": "attacker.example", "x-forwarded-host": "localhost"}
        assert (await client.get("/healthz", headers=rebound)).status_code == 421
        assert (await client.get("/healthz", headers={"x-forwarded-host": "attacker.example"})).status_code == 421


def test_a_root_path_is_a_path() -> None:
    """The mistake is named when the gateway starts."""
    with pytest.raises(InvalidSettingsError, match="begins with a slash"):
        GatewaySettings(root_path="darkroom")


def test_several_values_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    """In one variable; an empty one is none."""
    monkeypatch.setenv("DARKROOM_ALLOWED_HOSTS", " a.example,b.example ,")
    monkeypatch.setenv("DARKROOM_CORS_ORIGINS", "")
    settings = GatewaySettings()
    assert (settings.allowed_hosts, settings.cors_origins) == (("a.example", "b.example"), ())
