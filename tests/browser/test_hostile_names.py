"""Names that are code, turn the direction of text or have no end: they are text everywhere, and keep their place."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.batches import END_MILLISECONDS
from tests.browser.conftest import Watched

CODE = "<img src=x onerror=alert(1)>"
TURNED = "photo\u202egpj.exe"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
ISLAND = "\U0001f3dd\ufe0f"
LONG = "가나다라마바사아자차카타파하" * 5
NAMES = (
    f"{CODE}.jpg",
    f"{TURNED}.jpg",
    f"{FAMILY * 3}{ISLAND}.jpg",
    f"{LONG}.jpg",
    "</script><script>alert(2)</script>.jpg".replace("/", "\u2215"),
    "'\"&amp;{{7*7}}${7*7}%0a.jpg",
)
HOSTILE = f"</h2>{CODE}{TURNED}\u2069\u202e{FAMILY}"


@pytest.fixture
def files(tmp_path: Path, folder: list[Path]) -> list[Path]:
    """Photographs with these names, and the same names again for files that are cut off."""
    whole = next(path for path in folder if path.suffix == ".jpg" and path.stem != "cut off").read_bytes()
    written = []
    for number, name in enumerate(NAMES):
        for kind, data in (("a", whole), ("b", whole[: len(whole) // 2])):
            path = tmp_path / f"{number}{kind} {name}"
            path.write_bytes(data)
            written.append(path)
    return written


async def watch_for_code(page: Page) -> list[str]:
    """What ran or was stopped from running; a listener of the page itself is among those that note it."""
    noticed: list[str] = []

    def note(what: object) -> None:
        noticed.append(str(what))

    page.on("dialog", note)
    await page.expose_function("noteViolation", note)
    await page.add_init_script(
        "addEventListener('securitypolicyviolation', ({ violatedDirective, sample }) =>"
        " noteViolation(`${violatedDirective} ${sample}`))"
    )
    return noticed


async def assert_in_place(page: Page, what: str) -> None:
    """Nothing is wider than the window."""
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{what}: {wide} px wider than the window"


@pytest.mark.parametrize("width", [1280, 360])
async def test_hostile_names_are_text_on_every_view(watched: Watched, files: list[Path], width: int) -> None:
    """In the sheet, the list, the batch, the grid, the failures, the image, the questions and the title."""
    page = watched.page
    await page.set_viewport_size({"width": width, "height": 900})
    noticed = await watch_for_code(page)
    await watched.open("/")
    await page.locator("[data-choose=files]").set_input_files(files)
    sheet = page.get_by_role("dialog")
    await sheet.locator("input").first.fill(HOSTILE)
    await page.keyboard.press("Enter")
    await expect(page.locator(".batch [data-figure='completed_images']")).to_have_text(
        str(len(NAMES)), timeout=END_MILLISECONDS
    )
    address = page.url
    await expect(page).to_have_title(re.compile(re.escape(CODE)))
    assert "\u202e" not in await page.title()
    await expect(page.locator("h1 .name")).to_have_text(HOSTILE)
    await expect(page.locator(".cell .name")).to_have_text([path.name for path in files])
    await assert_in_place(page, "batch")
    await page.goto(f"{address}?view=failures")
    examples = page.locator(".cause[data-code=unreadable] .name")
    await expect(examples).to_have_count(5)
    assert set(await examples.all_text_contents()) <= {path.name for path in files[1::2]}
    await assert_in_place(page, "failures")
    for place in range(0, len(files), 2):
        await page.goto(f"{address}/images/{place}")
        await expect(page.locator("h1 .name")).to_have_text(files[place].name)
        await assert_in_place(page, files[place].name)
        for link in await page.locator(".pictures a[download]").all():
            async with page.expect_download() as download:
                await link.click()
            saved = (await download.value).suggested_filename
            assert saved.endswith((".jpg", ".jpeg", ".png", ".webp")), saved
            assert not set(saved) & set("\u202e<>/\\:"), saved
    await page.goto(f"{watched.address}/")
    await expect(page.locator(".row .name").first).to_have_text(HOSTILE)
    await assert_in_place(page, "list")
    await page.locator(".row [data-control=delete]").first.click()
    question = page.get_by_role("dialog")
    await expect(question.locator("h2")).to_contain_text(CODE)
    assert "\u202e" not in await question.inner_text()
    await assert_in_place(page, "question")
    await question.locator(".danger").click()
    await expect(page.locator(".row .name").filter(has_text=CODE)).to_have_count(0)
    assert noticed == []


async def test_an_emoji_is_never_cut_in_two(watched: Watched, files: list[Path]) -> None:
    """Where a name is divided to be shortened in its middle, each part has whole ones."""
    page = await watched.open("/")
    await page.locator("[data-choose=files]").set_input_files(files[4:5])
    await page.get_by_role("dialog").locator("input").first.fill(FAMILY * 14)
    await page.keyboard.press("Enter")
    await expect(page.locator(".batch")).to_be_visible(timeout=END_MILLISECONDS)
    parts = await page.locator("h1 .name span").all_inner_texts()
    assert parts == [FAMILY * 2, FAMILY * 12]
