"""The list of batches in a real browser: however long it is, and whatever goes from it."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from playwright.async_api import Page, Route, expect

from tests.browser.batches import developed, until
from tests.browser.conftest import Watched

BATCHES = 300
PAGE = 50
MAX_NODES = 2500
CONFIRM = ".dialog .button.danger"


async def list_many(page: Page, batch: dict[str, Any]) -> None:
    """Have the API list one batch many times, under other names."""
    batches = [
        {**batch, "batch_id": f"{number:08}-0000-4000-8000-000000000000", "batch_name": f"{number}", "priority": "high"}
        for number in range(BATCHES)
    ]

    async def answer(route: Route) -> None:
        asked = parse_qs(urlsplit(route.request.url).query)
        first = int(asked.get("cursor", ["0"])[0])
        end = first + int(asked["limit"][0])
        next_cursor = str(end) if end < BATCHES else None
        await route.fulfill(json={"success": True, "data": batches[first:end], "next_cursor": next_cursor})

    await page.route("**/pipeline/batch?*", answer)


async def test_a_list_of_hundreds_stays_small_and_is_walked_through(watched: Watched, folder: list[Path]) -> None:
    """By scrolling and by the keyboard; the row with the focus is kept, and each row says which of how many it is."""
    batch_id = await watched.develop(folder[:1], "긴 목록")
    page = watched.page
    async with httpx.AsyncClient(base_url=watched.address) as client:
        await list_many(page, (await client.get(f"/pipeline/batch/{batch_id}")).json()["data"])
    # The stream brings the one that there is, which is of another priority.
    await watched.open("/?priority=high")
    first = page.locator(f"[data-batch='{0:08}-0000-4000-8000-000000000000'] .row-name")
    await expect(first).to_be_visible()
    await page.keyboard.press("KeyJ")
    await expect(first).to_be_focused()
    last = page.locator(f"[data-batch='{BATCHES - 1:08}-0000-4000-8000-000000000000']")

    async def is_at_end() -> bool:
        await page.mouse.wheel(0, 4000)
        assert await page.locator("*").count() < MAX_NODES
        return bool(await last.count())

    await until(is_at_end, "the end of the list")
    await expect(last).to_have_attribute("aria-posinset", str(BATCHES))
    await expect(last).to_have_attribute("aria-setsize", str(BATCHES))
    await expect(first).to_be_focused()
    await page.keyboard.press("KeyJ")
    await expect(first).not_to_be_focused()
    await page.keyboard.press("KeyK")
    await expect(first).to_be_in_viewport()
    for _ in range(20):
        await page.keyboard.press("KeyJ")
    await expect(page.locator(f"[data-batch='{20:08}-0000-4000-8000-000000000000'] .row-name")).to_be_focused()


async def test_the_focus_goes_to_the_next_batch_when_one_is_deleted(watched: Watched, folder: list[Path]) -> None:
    """Who deletes several by the keyboard need not begin at the top each time."""
    for name in ("지우기 1", "지우기 2", "지우기 3"):
        await developed(watched.address, name, folder[:1])
    page = await watched.open("/?q=지우기")
    await expect(page.locator(".row")).to_have_count(3)
    names = await page.locator(".row-name").all_inner_texts()
    delete = page.locator(".row").nth(1).locator("[data-control=delete]")
    await delete.press("Enter")
    await page.locator(CONFIRM).press("Enter")
    await expect(page.locator(".row")).to_have_count(2)
    await expect(page.locator(".row-name").nth(1)).to_be_focused()
    assert await page.locator(".row-name").nth(1).inner_text() == names[2]
    # The last of the list leaves the focus to the one before it.
    await page.locator(".row").nth(1).locator("[data-control=delete]").press("Enter")
    await page.locator(CONFIRM).press("Enter")
    await expect(page.locator(".row")).to_have_count(1)
    await expect(page.locator(".row-name")).to_be_focused()


async def test_the_list_is_narrowed_by_priority(watched: Watched, folder: list[Path]) -> None:
    """What is chosen is in the address; batches of other priorities are not listed."""
    await developed(watched.address, "순위", folder[:1])
    page = await watched.open("/?q=순위")
    await expect(page.locator(".row")).to_have_count(1)
    await page.locator(".filter select").nth(1).select_option("high")
    await expect(page).to_have_url(f"{watched.address}/?q=%EC%88%9C%EC%9C%84&priority=high")
    await expect(page.locator(".row")).to_have_count(0)
    await page.locator(".filter select").nth(1).select_option("normal")
    await expect(page.locator(".row")).to_have_count(1)


async def test_the_suggested_name_is_that_of_what_is_sent_until_one_is_typed(watched: Watched, tmp_path: Path) -> None:
    """Left-out files neither name nor count, others are chosen, or what is left out is sent all the same."""
    for name in (".60", "a.jpg", "b.jpg", "c.mov"):
        (tmp_path / name).write_bytes(name.encode())
    files = [tmp_path / name for name in (".60", "a.jpg", "b.jpg", "c.mov")]
    page = await watched.open("/")
    chooser, sheet = page.locator("[data-choose=files]"), page.get_by_role("dialog")
    await chooser.set_input_files(files)
    field = sheet.locator("input").first
    await expect(field).to_have_value("a 외 1개")
    await sheet.locator("[data-choose=all]").check()
    await expect(field).to_have_value(".60 외 3개")
    await sheet.locator("[data-choose=all]").uncheck()
    await chooser.set_input_files(files[2:])
    await expect(field).to_have_value("b")
    await field.fill("제주")
    await chooser.set_input_files(files[:2])
    await expect(sheet.locator(".left-out summary")).to_contain_text("1")
    await sheet.locator("[data-choose=all]").check()
    await expect(field).to_have_value("제주")


async def test_copies_are_named_and_many_files_are_not_named_as_one(watched: Watched, tmp_path: Path) -> None:
    """Before anything is sent."""
    (tmp_path / "copy").mkdir()
    for name in ("a.jpg", "b.jpg", "copy/a.jpg"):
        (tmp_path / name).write_bytes(b"x" * 10)
    page = await watched.open("/")
    files = [tmp_path / name for name in ("a.jpg", "b.jpg", "copy/a.jpg")]
    await page.locator("[data-choose=files]").set_input_files(files)
    sheet = page.get_by_role("dialog")
    await expect(sheet.locator("input").first).to_have_value("a 외 2개")
    copies = sheet.locator("[data-duplicates]")
    await copies.locator("summary").click()
    await expect(copies.locator("li")).to_have_text(["a.jpg"])
