"""What a page of another origin can do to a running Darkroom, in a real browser: nothing, and it sees nothing."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Request

from tests.browser.chromium import CHROMIUM, launched
from tests.browser.hostile_site import (
    ASK,
    BEACON,
    EMBED,
    FRAME,
    LISTEN,
    PAGE,
    SANDBOXED,
    SUBMIT,
    UPLOAD,
    hostile_site,
)
from tests.built_page import missing
from tests.fakes import until
from tests.processes import RunningDarkroom, wait_until

NAME = "evil.example"
ORIGINS = ("127.0.0.1", "localhost", NAME, "sandboxed")
"""Another port is another origin. Under a name that is not this machine's, browsers say less of who asks, and a
sandboxed page has no origin at all."""

LETS_PAGES_ASK = "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests"
"""Chromium refuses some of it by itself, as not all browsers do."""

FORM_TYPES = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data")
SIMPLE_TYPES = (*FORM_TYPES[:2], "multipart/form-data; boundary=x")
DEADLINE_SECONDS = 60
UNSAFE = {"post", "put", "patch", "delete"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    """Chromium, to which the hostile name is this machine."""
    if CHROMIUM is None:
        missing("there is no chromium: apt-get install chromium")
    async with launched(
        tmp_path_factory.mktemp("chromium"), f"--host-resolver-rules=MAP {NAME} 127.0.0.1", LETS_PAGES_ASK
    ) as browser:
        yield browser


@pytest.fixture(scope="module")
def ids(darkroom: RunningDarkroom, folder: list[Path]) -> dict[str, str]:
    """A batch that could be deleted or tried again, a draft that could be committed, and a recipe."""
    recipe = {"name": "own", "outputs": [{"name": "web", "format": "jpeg", "fit": {"width": 100, "height": 100}}]}
    with httpx.Client(base_url=darkroom.base_url, timeout=60) as client:
        files = [("files", (path.name, path.read_bytes())) for path in folder]
        upload = client.post("/pipeline/batch", data={"batch_name": "of someone"}, files=files)
        batch = upload.json()["data"]["batch_id"]
        draft = client.post("/pipeline/batch?draft=true", json={"batch_name": "begun"}).json()["data"]["draft_id"]
        client.post(f"/pipeline/batch/{draft}/images", files=files[-1:]).raise_for_status()
        client.put("/pipeline/recipes/own", json=recipe).raise_for_status()
        wait_until(lambda: client.get(f"/pipeline/batch/{batch}").json()["data"]["finished_at"], "the batch has ended")
    return {"batch_id": batch, "draft_id": draft, "name": "own", "queue": "tracker.results"}


@pytest_asyncio.fixture(loop_scope="session")
async def hostile(browser: Browser) -> AsyncIterator[Page]:
    """A page to go elsewhere with."""
    context = await browser.new_context()
    yield await context.new_page()
    await context.close()


@pytest.fixture(scope="module")
def writes(darkroom: RunningDarkroom, ids: dict[str, str]) -> list[tuple[str, str]]:
    """Every request of the API that changes something, as method and path: of the batch, and of the draft."""
    paths = httpx.get(f"{darkroom.base_url}/openapi.json", timeout=60).json()["paths"]
    operations = [(method.upper(), path) for path in paths for method in paths[path] if method in UNSAFE]
    of_draft = {**ids, "batch_id": ids["draft_id"]}
    found = {(method, path.format(**known)) for method, path in operations for known in (ids, of_draft)}
    return sorted({*found, ("POST", "/pipeline/batch?draft=true"), ("PUT", "/pipeline/recipes/theirs")})


async def state(address: str) -> dict[str, object]:
    """All that can be changed, as the API shows it."""
    async with httpx.AsyncClient(base_url=address, timeout=60) as client:
        paths = ("/pipeline/batch", "/pipeline/drafts", "/pipeline/recipes", "/pipeline/dead")
        return {path: (await client.get(path)).json() for path in paths}


async def run(page: Page, origin: str, script: str, *given: object) -> Any:
    """What a script gives that the page runs, or a page without origin within it."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        if origin == "sandboxed":
            return await page.evaluate(SANDBOXED, [script, given])
        return await page.evaluate(f"given => ({script})(...given)", given)


async def go_to(page: Page, origin: str, port: int) -> None:
    """Show the hostile page under that name."""
    await page.goto(f"http://{'127.0.0.1' if origin == 'sandboxed' else origin}:{port}/")


@pytest.mark.parametrize("origin", ORIGINS)
async def test_its_requests_change_nothing(
    hostile: Page, darkroom: RunningDarkroom, writes: list[tuple[str, str]], origin: str
) -> None:
    """By fetch in each way that browsers let through, beacon, upload and form; whatever arrives is refused."""
    address = darkroom.base_url
    before = await state(address)
    sent, said = list[Request](), list[str]()
    hostile.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    hostile.on("console", lambda message: said.append(message.text))
    posts = [path for method, path in writes if method == "POST"]
    ways = [("cors", "text/plain"), ("cors", "application/json"), *(("no-cors", kind) for kind in SIMPLE_TYPES)]
    requests: list[tuple[str, str, str, str | None]] = [
        (mode, "POST", path, kind) for path in posts for mode, kind in ways
    ]
    requests += [("cors", method, path, None) for method, path in writes]
    async with hostile_site() as port:
        await go_to(hostile, origin, port)
        assert set(await run(hostile, origin, ASK, address, requests)) == {""}
        await run(hostile, origin, BEACON, address, posts)
        for mode in ("cors", "no-cors"):
            assert await run(hostile, origin, UPLOAD, address, "/pipeline/batch", mode) == ""
        for kind in FORM_TYPES:
            await run(hostile, origin, SUBMIT, address, "/pipeline/batch", kind, kind)
        await until(lambda: len([text for text in said if "frame-ancestors" in text]) >= len(FORM_TYPES))
        if origin != "sandboxed":
            async with hostile.expect_navigation(url=f"{address}/**"):
                await run(hostile, origin, SUBMIT, address, "/pipeline/batch", "text/plain", "_top")
    # Of a sandboxed frame, which is another process, the browser reports its requests only once it is attached.
    assert origin == "sandboxed" or len(sent) > len(posts) * len(SIMPLE_TYPES)
    assert await state(address) == before


@pytest.mark.parametrize("origin", ORIGINS)
async def test_it_sees_nothing(hostile: Page, darkroom: RunningDarkroom, ids: dict[str, str], origin: str) -> None:
    """Neither answers, nor pictures, nor what it takes for a script, nor events; and it frames no page."""
    address, batch = darkroom.base_url, f"/pipeline/batch/{ids['batch_id']}"
    async with httpx.AsyncClient(timeout=60) as client:
        shell = (await client.get(address)).text
    own_files = [shell.partition(before)[2].partition('"')[0] for before in ('<script src="', 'stylesheet" href="')]
    reads = [(mode, "GET", path, None) for mode in ("cors", "no-cors") for path in ("/", batch, "/openapi.json")]
    pictures = [f"{address}{batch}/images/0/{name}" for name in ("web", "original")]
    wanted = [
        *(("img", "src", picture) for picture in pictures),
        ("video", "src", pictures[0]),
        ("script", "src", f"{address}/pipeline/batch"),
        ("script", "src", address + own_files[0]),
        ("link", "href", address + own_files[1]),
    ]
    async with hostile_site() as port:
        await go_to(hostile, origin, port)
        assert set(await run(hostile, origin, ASK, address, reads)) == {""}
        assert await run(hostile, origin, EMBED, wanted) == ["kept"] * len(wanted)
        assert set(await run(hostile, origin, LISTEN, live(address, batch))) == {"refused"}
        await run(hostile, origin, FRAME, [f"{address}/", f"{address}/system", f"{address}/docs", pictures[0]])
        assert [frame.url for frame in hostile.frames if frame.url.startswith(address)] == []


def live(address: str, batch: str) -> list[str]:
    """The event streams and the WebSockets."""
    streams = [f"{batch}/events", "/pipeline/events"]
    sockets = [f"{batch}/ws", "/pipeline/events/ws"]
    return [*(address + path for path in streams), *(address.replace("http", "ws", 1) + path for path in sockets)]


async def test_a_window_that_it_opens_is_out_of_its_reach(
    hostile: Page, darkroom: RunningDarkroom, ids: dict[str, str]
) -> None:
    """It can open the page as a link can; it neither speaks to it nor leads it elsewhere, and the page does nothing."""
    before = await state(darkroom.base_url)
    address = f"{darkroom.base_url}/batches/{ids['batch_id']}"
    async with hostile_site() as port:
        await go_to(hostile, "127.0.0.1", port)
        async with hostile.expect_popup() as opening:
            await hostile.evaluate("address => { window.opened = open(address) }", address)
        opened = await opening.value
        await opened.locator("[data-control=retry]").first.wait_for()
        for message in ("retry", {"type": "retry", "control": "retry", "method": "DELETE"}):
            await hostile.evaluate("message => window.opened.postMessage(message, '*')", message)
        assert await hostile.evaluate("window.opened.closed")
        await hostile.evaluate("window.opened.location = '/'")
        assert await opened.evaluate("window.opener") is None
        assert opened.url == address
    assert await state(darkroom.base_url) == before


async def test_a_name_that_is_bound_to_this_address_reaches_nothing(
    hostile: Page, darkroom: RunningDarkroom, ids: dict[str, str], writes: list[tuple[str, str]]
) -> None:
    """Its page then has the origin that it asks (DNS rebinding): all that it may read is that the name is unknown."""
    before = await state(darkroom.base_url)
    address, batch = darkroom.base_url.replace("127.0.0.1", NAME), f"/pipeline/batch/{ids['batch_id']}"
    await hostile.route(f"{address}/", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    await hostile.goto(f"{address}/")
    await hostile.unroute(f"{address}/")
    requests = [("GET", path) for path in ("/", batch, "/docs", "/healthz")] + writes
    asked = [("same-origin", method, path, "application/json") for method, path in requests]
    answers = [*await run(hostile, NAME, ASK, address, asked)]
    answers.append(await run(hostile, NAME, UPLOAD, address, "/pipeline/batch", "same-origin"))
    assert {json.loads(answer)["error"]["code"] for answer in answers} == {"host_unknown"}
    assert set(await run(hostile, NAME, LISTEN, live(address, batch))) == {"refused"}
    shown = await hostile.goto(f"{address}/batches/{ids['batch_id']}")
    assert shown is not None
    assert shown.status == 421
    assert await state(darkroom.base_url) == before


async def test_what_is_tried_would_succeed_from_an_own_page(
    hostile: Page, darkroom: RunningDarkroom, ids: dict[str, str]
) -> None:
    """So that the others are not refused for what they say, but for where they come from."""
    address, batch = darkroom.base_url, f"/pipeline/batch/{ids['batch_id']}"
    await hostile.goto(f"{address}/system")
    assert "batch_id" in await run(hostile, address, UPLOAD, address, "/pipeline/batch", "cors")
    assert "hostile" in (await run(hostile, address, ASK, address, [("cors", "GET", "/pipeline/batch", None)]))[0]
    assert await run(hostile, address, EMBED, [("img", "src", f"{address}{batch}/images/0/web")]) == ["shown"]
    assert set(await run(hostile, address, LISTEN, live(address, batch))) == {"open"}
