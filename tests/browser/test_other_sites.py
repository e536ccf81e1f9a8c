"""What a page of another origin can do to a running Darkroom, in a real browser: nothing, and it sees nothing."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page, Response

from tests.browser.chromium import CHROMIUM, launched
from tests.browser.hostile_site import ASK, BEACON, EMBED, LISTEN, PAGE, SANDBOXED, SUBMIT, UPLOAD, hostile_site
from tests.built_page import missing
from tests.processes import RunningDarkroom, wait_until

NAME = "evil.example"
ORIGINS = ("127.0.0.1", "localhost", NAME, "sandboxed")
"""Another port is another origin. Under a name that is not this machine's, browsers say less of who asks, and a
sandboxed page has no origin at all."""

SIMPLE_TYPES = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x")
UNSAFE = {"post", "put", "patch", "delete"}


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    """Chromium, to which the hostile name is this machine."""
    if CHROMIUM is None:
        missing("there is no chromium: apt-get install chromium")
    async with launched(tmp_path, f"--host-resolver-rules=MAP {NAME} 127.0.0.1") as browser:
        yield browser


@pytest.fixture(scope="module")
def ids(darkroom: RunningDarkroom, folder: list[Path]) -> dict[str, str]:
    """A batch that could be deleted or tried again, a draft that could be committed, and a recipe."""
    with httpx.Client(base_url=darkroom.base_url, timeout=60) as client:
        files = [("files", (path.name, path.read_bytes())) for path in folder]
        batch = client.post("/pipeline/batch", data={"batch_name": "of someone"}, files=files).json()["data"][
            "batch_id"
        ]
        draft = client.post("/pipeline/batch?draft=true", json={"batch_name": "begun"}).json()["data"]["draft_id"]
        client.post(f"/pipeline/batch/{draft}/images", files=files[-1:]).raise_for_status()
        client.put("/pipeline/recipes/own", json={"outputs": [{"name": "web"}]}).raise_for_status()
        wait_until(lambda: client.get(f"/pipeline/batch/{batch}").json()["data"]["finished_at"], "the batch has ended")
    return {"batch_id": batch, "draft_id": draft, "name": "own", "queue": "tracker.results"}


@pytest.fixture
async def hostile(browser: Browser) -> AsyncIterator[Page]:
    """A page to go elsewhere with."""
    context = await browser.new_context()
    yield await context.new_page()
    await context.close()


def writes(address: str, ids: dict[str, str]) -> list[tuple[str, str]]:
    """Every request of the API that changes something, as method and path: of the batch, and of the draft."""
    paths = httpx.get(f"{address}/openapi.json").json()["paths"]
    operations = [(method.upper(), path) for path in paths for method in paths[path] if method in UNSAFE]
    ids_of_draft = {**ids, "batch_id": ids["draft_id"]}
    found = {(method, path.format(**known)) for method, path in operations for known in (ids, ids_of_draft)}
    return sorted({*found, ("POST", "/pipeline/batch?draft=true"), ("PUT", "/pipeline/recipes/theirs")})


async def state(address: str) -> dict[str, object]:
    """All that can be changed, as the API shows it."""
    async with httpx.AsyncClient(base_url=address) as client:
        paths = ("/pipeline/batch", "/pipeline/drafts", "/pipeline/recipes", "/pipeline/dead")
        return {path: (await client.get(path)).json() for path in paths}


async def run(page: Page, origin: str, script: str, *given: object) -> str:
    """What a script says that the page runs, or a page without origin within it."""
    if origin == "sandboxed":
        return str(await page.evaluate(SANDBOXED, [script, given]))
    return str(await page.evaluate(script, given))


async def go_to(page: Page, origin: str, port: int) -> None:
    """Show the hostile page under that name."""
    await page.goto(f"http://{'127.0.0.1' if origin == 'sandboxed' else origin}:{port}/")


@pytest.mark.parametrize("origin", ORIGINS)
async def test_its_requests_change_nothing(
    hostile: Page, darkroom: RunningDarkroom, ids: dict[str, str], origin: str
) -> None:
    """By fetch in each way that browsers let through, beacon, upload and form; whatever arrives is refused."""
    address = darkroom.base_url
    before = await state(address)
    answers: list[Response] = []
    hostile.on("response", answers.append)
    async with hostile_site() as port:
        await go_to(hostile, origin, port)
        for method, path in writes(address, ids):
            ways = [("no-cors", kind) for kind in SIMPLE_TYPES] if method == "POST" else []
            for mode, kind in [*ways, ("cors", "text/plain"), ("cors", "application/json"), ("cors", None)]:
                assert await run(hostile, origin, ASK, address, mode, method, path, kind, '{"count":0}') == ""
            await run(hostile, origin, BEACON, address, path)
        for mode in ("cors", "no-cors"):
            assert await run(hostile, origin, UPLOAD, address, "/pipeline/batch", mode) == ""
        for kind in SIMPLE_TYPES:
            async with hostile.expect_response(f"{address}/pipeline/batch?form") as submitted:
                await run(hostile, origin, SUBMIT, address, "/pipeline/batch?form", kind.partition(";")[0], "hidden")
            assert (await submitted.value).status == 403
        if origin != "sandboxed":
            async with hostile.expect_navigation(url=f"{address}/**"):
                await run(hostile, origin, SUBMIT, address, "/pipeline/batch", "multipart/form-data", "_top")
    unsafe = [answer for answer in answers if answer.request.method.lower() in UNSAFE]
    assert len(unsafe) > 20
    assert {answer.status for answer in unsafe} == {403}
    assert await state(address) == before


@pytest.mark.parametrize("origin", ORIGINS)
async def test_it_sees_nothing(hostile: Page, darkroom: RunningDarkroom, ids: dict[str, str], origin: str) -> None:
    """Neither answers, nor pictures, nor what it takes for a script, nor events; and it frames no page."""
    address, batch = darkroom.base_url, f"/pipeline/batch/{ids['batch_id']}"
    print_address = f"{address}{batch}/images/0/web"
    async with hostile_site() as port, httpx.AsyncClient() as client:
        assert (await client.get(print_address)).is_success
        await go_to(hostile, origin, port)
        for mode in ("cors", "no-cors"):
            for path in ("/pipeline/batch", batch, "/openapi.json", "/"):
                assert await run(hostile, origin, ASK, address, mode, "GET", path, None, None) == ""
        script = (await client.get(address)).text.partition('<script src="')[2].partition('"')[0]
        style = (await client.get(address)).text.partition('<link rel="stylesheet" href="')[2].partition('"')[0]
        for tag, attribute, url in (
            ("img", "src", print_address),
            ("img", "src", f"{address}{batch}/images/0/original"),
            ("script", "src", address + script),
            ("script", "src", f"{address}/pipeline/batch"),
            ("link", "href", address + style),
            ("video", "src", print_address),
        ):
            assert await run(hostile, origin, EMBED, tag, attribute, url) == "kept", url
        for topic in (f"{batch}/ws", "/pipeline/events/ws"):
            url = address.replace("http", "ws", 1) + topic
            assert await run(hostile, origin, LISTEN, "socket", url) == "refused"
        for topic in (f"{batch}/events", "/pipeline/events"):
            assert await run(hostile, origin, LISTEN, "stream", address + topic) == "refused"
        for path in ("/", "/system", "/docs", f"{batch}/images/0/web"):
            await run(hostile, origin, EMBED, "iframe", "src", address + path)
            shown = [frame.url for frame in hostile.frames if frame.url.startswith(address)]
            assert shown == [], path


async def test_a_window_that_it_opens_is_out_of_its_reach(
    hostile: Page, darkroom: RunningDarkroom, ids: dict[str, str]
) -> None:
    """It can open the page as a link can; it neither speaks to it nor leads it elsewhere, and the page does nothing."""
    address = darkroom.base_url
    before = await state(address)
    async with hostile_site() as port:
        await go_to(hostile, NAME, port)
        async with hostile.expect_popup() as opening:
            await hostile.evaluate(
                "address => { window.opened = open(address) }", f"{address}/batches/{ids['batch_id']}"
            )
        opened = await opening.value
        await opened.locator("[data-control=retry]").first.wait_for()
        for message in ("retry", {"type": "retry", "control": "retry", "method": "DELETE"}):
            await hostile.evaluate("message => window.opened.postMessage(message, '*')", message)
        assert await hostile.evaluate("window.opened.closed")
        await hostile.evaluate("window.opened.location = '/'")
        assert await opened.evaluate("window.opener") is None
        assert opened.url == f"{address}/batches/{ids['batch_id']}"
    assert await state(address) == before


async def test_a_name_that_is_bound_to_this_address_reaches_nothing(
    hostile: Page, darkroom: RunningDarkroom, ids: dict[str, str]
) -> None:
    """Its page then has the origin that it asks (DNS rebinding): all that it may read is that the name is unknown."""
    before = await state(darkroom.base_url)
    address = darkroom.base_url.replace("127.0.0.1", NAME)
    await hostile.route(f"{address}/", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    await hostile.goto(f"{address}/")
    await hostile.unroute(f"{address}/")
    reads = [
        ("GET", path) for path in ("/", "/pipeline/batch", "/docs", "/healthz", f"/pipeline/batch/{ids['batch_id']}")
    ]
    for method, path in [*reads, *writes(darkroom.base_url, ids)]:
        body = None if method == "GET" else "{}"
        assert "host_unknown" in await run(
            hostile, NAME, ASK, address, "same-origin", method, path, "application/json", body
        )
    assert "host_unknown" in await run(hostile, NAME, UPLOAD, address, "/pipeline/batch", "same-origin")
    socket = address.replace("http", "ws", 1) + "/pipeline/events/ws"
    assert await run(hostile, NAME, LISTEN, "socket", socket) == "refused"
    assert await run(hostile, NAME, LISTEN, "stream", f"{address}/pipeline/events") == "refused"
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
    assert "hostile" in await run(hostile, address, ASK, address, "cors", "GET", "/pipeline/batch", None, None)
    assert await run(hostile, address, EMBED, "img", "src", f"{address}{batch}/images/0/web") == "shown"
    assert await run(hostile, address, LISTEN, "stream", f"{address}/pipeline/events") == "open"
    socket = address.replace("http", "ws", 1) + "/pipeline/events/ws"
    assert await run(hostile, address, LISTEN, "socket", socket) == "open"
