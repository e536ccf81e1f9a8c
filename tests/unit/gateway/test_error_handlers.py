"""Errors that the router itself finds."""

import pytest

from tests.unit.gateway.conftest import Gateway

BATCH = "/pipeline/batch/3f0f4a52-8a51-4bd8-9d52-4f4f6f1b9c11"


@pytest.mark.parametrize(
    ("path", "method", "allowed"),
    [
        ("/pipeline/batch", "DELETE", "GET, HEAD, POST"),
        (BATCH, "PUT", "GET, HEAD, DELETE"),
        (f"{BATCH}/cancel", "GET", "POST"),
        (f"{BATCH}/archive", "POST", "GET, HEAD"),
        ("/pipeline/recipes/web", "PATCH", "GET, HEAD, PUT, DELETE"),
        ("/healthz", "POST", "GET, HEAD"),
    ],
)
async def test_a_405_names_every_method_of_the_address(gateway: Gateway, path: str, method: str, allowed: str) -> None:
    """And not those of one route only."""
    response = await gateway.client.request(method, path)
    assert (response.status_code, response.json()["error"]["code"]) == (405, "method_not_allowed")
    assert response.headers["Allow"] == allowed


@pytest.mark.parametrize("path", ["/pipeline/batch", "/pipeline/recipes", "/pipeline/recipes/web", "/healthz"])
async def test_what_can_be_read_takes_a_head(gateway: Gateway, path: str) -> None:
    """With the headers of the GET."""
    head, get = await gateway.client.head(path), await gateway.client.get(path)
    assert head.status_code == 200
    assert head.headers["Content-Length"] == get.headers["Content-Length"]


async def test_a_head_of_what_is_not_there_is_a_404(gateway: Gateway) -> None:
    """As the GET is."""
    assert (await gateway.client.head(BATCH)).status_code == 404


@pytest.mark.parametrize("path", [f"{BATCH}/retry", f"{BATCH}/missing", "/pipeline/dead/tracker.results/drop"])
@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 3000, b'{"codes":' * 3000, b"1" * 5000])
async def test_a_body_that_is_no_json_is_said_to_be_none(
    gateway: Gateway, path: str, content_type: str, body: bytes
) -> None:
    """Also one that is no text, or nested too deep to be read."""
    response = await gateway.client.post(path, content=body, headers={"Content-Type": content_type})
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (422, "invalid_request")
    assert error["details"][0]["field"].startswith("body")
