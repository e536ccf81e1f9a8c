"""The page without a mouse: from the list to prints at home, with the focus in sight all the way."""

import asyncio
from pathlib import Path

from playwright.async_api import FileChooser, Locator, Page, expect

from tests.browser.batches import END_MILLISECONDS, developed, status_of
from tests.browser.conftest import Watched

MAX_STOPS = 80
CHOOSER_SECONDS = 30

FOCUS_FAULT = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return "nothing has the focus";
  const style = getComputedStyle(element);
  const isMarked = (style.outlineStyle !== "none" && style.outlineWidth !== "0px") || style.boxShadow !== "none";
  const { left, top, width, height } = element.getBoundingClientRect();
  const name = element.outerHTML.slice(0, 120);
  if (!element.matches(":focus-visible") || !isMarked) return `unmarked: ${name}`;
  if (element.matches("main")) return null;
  const onTop = document.elementFromPoint(left + width / 2, top + height / 2);
  return element.contains(onTop) || onTop?.contains(element) ? null : `covered or out of sight: ${name}`;
}"""
"""What is wrong with the present focus; null if a person sees where it is."""


async def assert_focus_is_seen(page: Page) -> None:
    """Something has the focus, is marked by it, and is in sight."""
    fault = await page.evaluate(FOCUS_FAULT)
    assert fault is None, fault


async def tab_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Press a key until what is wanted has the focus, which is seen at each stop."""
    for _ in range(MAX_STOPS):
        await page.keyboard.press(key)
        await assert_focus_is_seen(page)
        if await wanted.count() and await wanted.first.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{key} does not lead to {wanted}")


async def test_the_whole_way_is_gone_by_the_keyboard_alone(watched: Watched, folder: list[Path]) -> None:
    """Choose, name, start, watch, read failures, retry, look at an image, take it and all prints home."""
    page = await watched.open("/")
    await expect(page.locator(".invitation")).to_be_visible()
    main = page.locator("main")
    await page.keyboard.press("Tab")
    await expect(page.locator(".skip")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(main).to_be_focused()
    await choose_by_keys(page, folder)
    await expect(page.locator(".batch [data-figure='progress_percentage']")).to_have_text(
        "100 %", timeout=END_MILLISECONDS
    )
    await expect(main).to_be_focused()
    batch_id = page.url.rpartition("/")[2]

    await tab_to(page, page.locator(".tabs a[href$='view=failures']"))
    await page.keyboard.press("Enter")
    await expect(page.locator(".cause .button.main")).to_have_count(2)
    await tab_to(page, page.locator(".cause[data-code=unreadable] .button.main"))
    async with page.expect_response(lambda response: response.url.endswith("/retry")):
        await page.keyboard.press("Enter")
    await expect(page.locator(".cause .button.main")).to_have_count(2, timeout=END_MILLISECONDS)
    assert (await status_of(watched.address, batch_id))["generation"] == 1
    await assert_focus_is_seen(page)

    await tab_to(page, page.locator(".tabs a[href$='view=images']"), "Shift+Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-index='0']")).to_be_visible()
    await tab_to(page, page.locator("[data-index='0']"))
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("[data-index='1']")).to_be_focused()
    await assert_focus_is_seen(page)
    await page.keyboard.press("Enter")
    await expect(page.locator(".image")).to_have_attribute("data-image", "1")
    await expect(main).to_be_focused()
    await expect(page.locator(".pictures a[download]")).to_have_count(2)
    await tab_to(page, page.locator(".pictures a[download]"))
    async with page.expect_download() as download:
        await page.keyboard.press("Enter")
    assert (await download.value).suggested_filename.endswith((".jpg", ".webp", ".png"))

    await page.keyboard.press("KeyU")
    await expect(page.locator("[data-index='1']")).to_be_focused()
    await tab_to(page, page.locator(".downloads a[download]"), "Shift+Tab")
    async with page.expect_download() as archive:
        await page.keyboard.press("Enter")
    assert (await archive.value).suggested_filename.endswith(".zip")


async def choose_by_keys(page: Page, files: list[Path]) -> None:
    """Open the browser's dialog, choose files, fill in the sheet, and start."""
    choosers: asyncio.Queue[FileChooser] = asyncio.Queue()

    def note(chooser: FileChooser) -> None:
        choosers.put_nowait(chooser)

    # Long before the key is pressed: the browser takes its time until it hands its dialogs over.
    page.on("filechooser", note)
    await tab_to(page, page.locator("main .choose .button.main"))
    await page.keyboard.press("Enter")
    async with asyncio.timeout(CHOOSER_SECONDS):
        await (await choosers.get()).set_files(files)
    sheet = page.get_by_role("dialog")
    await expect(sheet.locator("input").first).to_be_focused()
    await page.keyboard.press("ControlOrMeta+a")
    await page.keyboard.type("자판으로")
    await tab_to(page, sheet.locator("[data-choose=all]"))
    await page.keyboard.press("Space")
    await tab_to(page, sheet.locator("button[type=submit]"))
    await page.keyboard.press("Enter")


async def test_a_dialog_gives_the_focus_back_and_what_goes_away_gives_it_on(
    watched: Watched, folder: list[Path]
) -> None:
    """Help, a question that is refused, and rows that are deleted one after the other."""
    ids = [await developed(watched.address, f"지울 배치 {number}", folder[:1]) for number in (1, 2, 3)]
    page = await watched.open("/?q=지울")
    rows = page.locator(".row[data-batch]")
    await expect(rows).to_have_count(3)
    await page.keyboard.press("KeyJ")
    await expect(page.locator(f"[data-batch='{ids[2]}'] a").first).to_be_focused()
    await page.keyboard.press("Shift+Slash")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await assert_focus_is_seen(page)
    await page.keyboard.press("Escape")
    await expect(page.locator(f"[data-batch='{ids[2]}'] a").first).to_be_focused()

    remove = page.locator(f"[data-batch='{ids[2]}'] [data-control=delete]")
    question = page.get_by_role("dialog")
    await tab_to(page, remove)
    await page.keyboard.press("Enter")
    await expect(question).to_be_visible()
    await assert_focus_is_seen(page)
    await page.keyboard.press("Escape")
    await expect(remove).to_be_focused()
    for left in (2, 1, 0):
        await page.keyboard.press("Enter")
        await expect(question).to_be_visible()
        await tab_to(page, question.locator(".danger"))
        await page.keyboard.press("Enter")
        await expect(rows).to_have_count(left)
        await assert_focus_is_seen(page)
        if left:
            await tab_to(page, page.locator(".row [data-control=delete]"))
