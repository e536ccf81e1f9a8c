"""A page and a server of different releases: unknown words are shown as text, and what is lacking is said."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.batches import developed
from tests.browser.conftest import Watched

Change = dict[str, Any]


async def add_to_answers(page: Page, pattern: str, change: Change) -> None:
    """Have the data of answers changed on their way, as a server of another release would have them."""

    async def answer(route: Route) -> None:
        body = await (await route.fetch()).json()
        change_all(body["data"], change)
        await route.fulfill(json=body)

    await page.route(pattern, answer)


def change_all(data: Any, change: Change) -> None:
    """Change every object that has one of these fields, wherever it is."""
    children = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    for child in list(children):
        change_all(child, change)
    if isinstance(data, dict) and (change.keys() & data.keys()):
        data |= {"field_of_tomorrow": {"deep": ["of", 1]}, **{name: change[name] for name in change if name in data}}


def stream(*events: tuple[str, Any]) -> dict[str, Any]:
    """An answer with events that a browser asks for once."""
    lines = [f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in events]
    return {"content_type": "text/event-stream", "body": "retry: 600000\n\n" + "".join(lines)}


async def test_a_page_whose_script_is_gone_says_so_and_can_be_loaded_again(watched: Watched) -> None:
    """The shell came from one release, and the server is of the next."""
    page = watched.page
    await page.route("**/assets/*.js", lambda route: route.fulfill(status=404, json={}))
    await watched.open("/")
    notice = page.locator(".not-loaded")
    await expect(notice.locator("a").first).to_be_visible()
    await page.unroute("**/assets/*.js")
    await notice.locator("a").first.click()
    await expect(page.locator("main")).to_be_visible()
    await expect(notice).to_have_count(0)
    watched.excuse("404", "MIME type")


async def test_a_page_that_is_older_than_the_servers_offers_to_load_the_newer_one(watched: Watched) -> None:
    """As soon as a stream says hello; what is shown stays."""
    page = watched.page
    hello = {"server_version": "99.0.0", "page_version": "newer", "now": "2026-11-30T00:00:00Z", "more": None}
    events = stream(("hello", hello), ("of_tomorrow", {"anything": []}), ("batches", {"batches": [], "reload": False}))
    await page.route("**/pipeline/events?*", lambda route: route.fulfill(**events))
    await watched.open("/")
    bar = page.locator(".status-bar")
    await expect(bar).to_contain_text("새 버전의 페이지")
    await page.unroute("**/pipeline/events?*")
    await bar.get_by_role("button").click()
    await expect(page.locator(".live-dot.live")).to_be_visible()
    await expect(bar).to_have_count(0)


async def test_words_and_fields_that_the_page_does_not_know_are_shown_as_text(
    watched: Watched, folder: list[Path]
) -> None:
    """States, priorities, reasons, controls, codes and stages of a later release, on every view."""
    batch_id = await developed(watched.address, "내일의 배치", folder)
    page = watched.page
    batch = {
        "status": "ARCHIVED",
        "priority": "urgent",
        "stop_reason": "quota",
        "controls": {"archive": "/pipeline/archive", "pause": None, "resume": None, "retry": None, "cancel": None},
    }
    await page.route("**/events?*", lambda route: route.fulfill(**stream()))
    await add_to_answers(page, "**/pipeline/batch?*", batch)
    await add_to_answers(page, f"**/pipeline/batch/{batch_id}", batch)
    await add_to_answers(page, "**/tiles?*", {"state": "skipped"})
    await add_to_answers(page, "**/failures", {"code": "cause_of_tomorrow", "sentence": "<b>Tomorrow.</b>"})
    image = {"outcome": "skipped", "code": "c", "timings_ms": {"stage_of_tomorrow": 7}, "notes": {"n": "<i>note</i>"}}
    await add_to_answers(page, f"**/pipeline/batch/{batch_id}/images/0", image)
    await watched.open("/?q=내일")
    row = page.locator(f".row[data-batch='{batch_id}']")
    await expect(row.locator("[data-figure=status]")).to_have_text("ARCHIVED")
    await expect(row.locator("[data-figure=priority]")).to_have_text("urgent")
    await watched.open(f"/batches/{batch_id}")
    await expect(page.locator(".batch-state")).to_contain_text("ARCHIVED")
    for word in ("quota", "urgent"):
        await expect(page.locator(".batch-state")).to_contain_text(word)
    await expect(page.locator(".batch-head [data-control]")).to_have_count(0)
    await expect(page.locator(".cell [data-state=skipped]").first).to_contain_text("skipped")
    await page.locator(".tabs a[href$='view=failures']").click()
    await expect(page.locator(".cause[data-code=cause_of_tomorrow] h2").first).to_have_text("<b>Tomorrow.</b>")
    await watched.open(f"/batches/{batch_id}/images/0")
    await expect(page.locator("[data-figure=outcome]")).to_have_text("skipped")
    await expect(page.locator(".image-outcome")).to_contain_text("<i>note</i>")
    await expect(page.locator(".stages")).to_contain_text("stage_of_tomorrow")


@pytest.mark.parametrize(
    ("path", "pattern", "data"),
    [
        ("/", "**/pipeline/batch?*", {"rows": []}),
        ("/batches/{id}", "**/pipeline/batch/*", {"another": "shape"}),
        ("/batches/{id}/images/0", "**/pipeline/**/images/0", {"another": "shape"}),
        ("/system", "**/pipeline/system", ["another shape"]),
    ],
)
async def test_an_answer_of_another_shape_breaks_one_view_and_says_what_to_do(
    watched: Watched, folder: list[Path], path: str, pattern: str, data: object
) -> None:
    """The way to the other views stays, and they work."""
    batch_id = await developed(watched.address, "한 장", folder[:1])
    page = watched.page
    await page.route("**/events?*", lambda route: route.fulfill(**stream()))
    shape = {"batch_id": batch_id, **data} if isinstance(data, dict) else data
    await page.route(pattern, lambda route: route.fulfill(json={"success": True, "data": shape}))
    await watched.open(path.format(id=batch_id))
    await expect(page.locator("main [role=alert]")).to_contain_text("화면을 새로 고치세요")
    await page.unroute(pattern)
    elsewhere = "/" if path == "/system" else "/system"
    await page.locator(f".header nav a[href='{elsewhere}']").click()
    await expect(page.locator("main [role=alert]")).to_have_count(0)
    await expect(page.locator(".row, .parts").first).to_be_visible()


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (409, {"success": False, "error": {"code": "code_of_tomorrow", "message": "내일 다시 오세요."}}, "내일 다시"),
        (418, {"detail": "no envelope"}, "418"),
        (502, "<html><script>alert(1)</script>", "502"),
    ],
)
async def test_an_error_that_the_page_does_not_know_is_said_in_the_apis_words(
    watched: Watched, folder: list[Path], status: int, body: object, said: str
) -> None:
    """Or by its number, where it has none; what was there stays as it is."""
    batch_id = await developed(watched.address, "오류", folder)
    page = await watched.open(f"/batches/{batch_id}")
    text = body if isinstance(body, str) else json.dumps(body)
    await page.route("**/retry", lambda route: route.fulfill(status=status, body=text))
    await page.locator("[data-control=retry]").click()
    await expect(page.locator(".controls [role=alert]")).to_contain_text(said)
    await expect(page.locator(".batch [data-figure='progress_percentage']")).to_have_text("100 %")
    watched.excuse(str(status))
