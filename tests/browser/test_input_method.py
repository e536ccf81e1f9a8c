"""Korean as people type it: letter by letter through an input method, and as file systems decompose it."""

import unicodedata
from pathlib import Path

from playwright.async_api import CDPSession, Page, expect

from tests.browser.batches import END_MILLISECONDS, batch_named, developed
from tests.browser.conftest import Watched

PROCESSED = 229
"""What a browser calls the code of a key that an input method has taken."""


async def press_while_composing(session: CDPSession, code: str) -> None:
    """Press a key that the input method takes for itself."""
    for kind in ("rawKeyDown", "keyUp"):
        key = {"type": kind, "key": "Process", "code": code, "windowsVirtualKeyCode": PROCESSED}
        await session.send("Input.dispatchKeyEvent", key)


async def compose(session: CDPSession, *steps: str) -> None:
    """Put a syllable together, one letter more at each step; each comes of a key that is a shortcut elsewhere."""
    for text, code in zip(steps, ("KeyT", "KeyN", "KeyJ"), strict=False):
        await press_while_composing(session, code)
        caret = {"selectionStart": len(text), "selectionEnd": len(text)}
        await session.send("Input.imeSetComposition", {"text": text, **caret})


async def end_composition(session: CDPSession, text: str) -> None:
    """Take the syllable as it is."""
    await session.send("Input.insertText", {"text": text})


def notice_choosers(page: Page) -> list[object]:
    """The browser's dialogs for files that are opened from now on."""
    opened: list[object] = []

    def note(chooser: object) -> None:
        opened.append(chooser)

    page.on("filechooser", note)
    return opened


async def test_a_name_is_found_while_it_is_composed_and_no_shortcut_acts(watched: Watched, folder: list[Path]) -> None:
    """The syllable in the making counts; a name that was decomposed by a file system is found and shown composed."""
    name = "제주 여행"
    wanted = await developed(watched.address, unicodedata.normalize("NFD", name), folder[:1])
    await developed(watched.address, "부산 여행", folder[:1])
    page = await watched.open("/")
    opened = notice_choosers(page)
    session = await page.context.new_cdp_session(page)
    await expect(page.locator(".row[data-batch]")).to_have_count(2)
    await page.keyboard.press("Slash")
    field = page.locator("input[type=search]")
    await expect(field).to_be_focused()
    await compose(session, "ㅈ", "제")
    await expect(field).to_have_value("제")
    await expect(page.locator(".row[data-batch]")).to_have_count(1)
    await end_composition(session, "제")
    await compose(session, "ㅈ", "주")
    await expect(field).to_have_value("제주")
    await end_composition(session, "주")
    await expect(field).to_have_value("제주")
    row = page.locator(".row[data-batch]")
    await expect(row).to_have_attribute("data-batch", wanted)
    assert (await row.locator(".name").inner_text()) == name
    await expect(page.locator("html")).to_have_attribute("data-theme", "system")
    assert opened == []


async def test_the_enter_that_ends_a_composition_starts_no_upload_and_the_next_one_does(
    watched: Watched, folder: list[Path]
) -> None:
    """Whatever order the browser sends its events in."""
    page = await watched.open("/")
    session = await page.context.new_cdp_session(page)
    await page.locator("[data-choose=files]").set_input_files(folder[1:3])
    field = page.get_by_role("dialog").locator("input").first
    await expect(field).to_be_focused()
    begun: list[str] = []
    page.on("request", lambda request: begun.append(request.url) if request.method == "POST" else None)
    await field.fill("")
    await compose(session, "ㅎ", "하", "한")
    await press_while_composing(session, "Enter")
    await end_composition(session, "한")
    # Safari ends the composition before it says which key did it.
    await press_while_composing(session, "Enter")
    await expect(field).to_have_value("한")
    assert begun == []
    await page.keyboard.press("Enter")
    await expect(page.locator(".batch [data-figure='progress_percentage']")).to_have_text(
        "100 %", timeout=END_MILLISECONDS
    )
    assert page.url.endswith(await batch_named(watched.address, "한"))


async def test_shortcuts_act_by_the_place_of_their_key_under_a_korean_keyboard(watched: Watched) -> None:
    """Outside of fields nothing is composed, and the letters on the keys are others."""
    page = await watched.open("/")
    session = await page.context.new_cdp_session(page)
    for key in ({"key": "ㅅ", "code": "KeyT"}, {"key": "Process", "code": "KeyT", "windowsVirtualKeyCode": PROCESSED}):
        before = await page.locator("html").get_attribute("data-theme") or ""
        await session.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **key})
        await expect(page.locator("html")).not_to_have_attribute("data-theme", before)


async def test_decomposed_names_of_files_are_shown_composed(
    watched: Watched, tmp_path: Path, folder: list[Path]
) -> None:
    """As the file systems of Macs give them: in the suggested name, in the grid, and among the failures."""
    whole = next(path for path in folder if path.suffix == ".jpg" and path.stem != "cut off").read_bytes()
    names = [unicodedata.normalize("NFD", name) for name in ("한라산.jpg", "흐린 한라산.jpg")]
    files = [tmp_path / name for name in names]
    files[0].write_bytes(whole)
    files[1].write_bytes(whole[: len(whole) // 2])
    page = await watched.open("/")
    await page.locator("[data-choose=files]").set_input_files(files)
    sheet = page.get_by_role("dialog")
    await expect(sheet.locator("input").first).to_have_value("한라산 외 1개")
    await page.keyboard.press("Enter")
    await expect(page.locator(".batch [data-figure='progress_percentage']")).to_have_text(
        "100 %", timeout=END_MILLISECONDS
    )
    await expect(page.locator("[data-index='0'] .name")).to_have_text("한라산.jpg")
    await page.locator(".tabs a[href$='view=failures']").click()
    await expect(page.locator(".cause a .name")).to_have_text("흐린 한라산.jpg")
