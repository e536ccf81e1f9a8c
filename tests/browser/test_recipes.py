"""Recipes on the page: made in an editor whose proof follows what is typed, stored, and used."""

import asyncio
import base64
import json
import re
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Locator, Page, expect

from tests import hostile
from tests.browser.batches import END_MILLISECONDS, developed
from tests.browser.conftest import Watched

PROOF_MILLISECONDS = 30_000
TEXT = "© 제주 사진관"


async def choose_sample(page: Page, path: Path) -> None:
    """Choose an image for proofs, and wait for the first."""
    await page.locator("[data-choose=sample]").set_input_files(path)
    await expect(page.locator("[data-proof=completed]")).to_be_visible(timeout=PROOF_MILLISECONDS)


def photograph(folder: list[Path]) -> Path:
    """One that can be developed."""
    return next(path for path in folder if path.suffix.lower() == ".jpg" and path.name != "cut off.jpg")


async def drop(page: Page, selector: str, name: str, content: bytes) -> None:
    """Drop a file as a person does."""
    await page.locator(selector).evaluate(
        """(element, [name, content]) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([Uint8Array.from(atob(content), (one) => one.charCodeAt(0))], name));
            const options = { dataTransfer: transfer, bubbles: true, cancelable: true };
            element.dispatchEvent(new DragEvent("drop", options));
        }""",
        [name, base64.b64encode(content).decode()],
    )


def field(page: Page, place: str) -> Locator:
    """What a value of the recipe is typed into."""
    return page.locator(f"[data-field='{place}'] :is(input:not([type=range]), select, textarea)").first


async def recipes(watched: Watched) -> dict[str, dict[str, Any]]:
    """The stored recipes by name, as the API has them."""
    async with httpx.AsyncClient(base_url=watched.address) as client:
        listed = (await client.get("/pipeline/recipes")).json()["data"]
    return {recipe["name"]: recipe for recipe in listed}


async def test_a_recipe_is_made_tried_out_stored_and_used(watched: Watched, folder: list[Path]) -> None:
    """The proof changes with what is typed, Korean text included; the batch's prints are as the proof showed them."""
    page = await watched.open("/")
    await page.locator(".header nav a[href$='/recipes']").click()
    await page.locator(".recipes .button.main").click()
    await choose_sample(page, photograph(folder))
    print_ = page.locator("[data-print=web]")
    before = await print_.inner_text()
    await field(page, "name").fill("jeju-shop")
    async with page.expect_response(lambda response: response.url.endswith("/pipeline/proofs")):
        await field(page, "outputs.0.fit.width").fill("200")
    await expect(print_).to_contain_text(re.compile(r"web\s*200\b"), timeout=PROOF_MILLISECONDS)
    assert await print_.inner_text() != before
    await page.locator("[data-parts=steps] p select").select_option("watermark_text")
    await page.locator("[data-parts=steps] [data-control=add]").click()
    await expect(field(page, "steps.1.text")).to_be_visible()
    await field(page, "steps.1.text").fill(TEXT)
    await expect(page.locator("[data-proof=completed]")).to_be_visible(timeout=PROOF_MILLISECONDS)
    await page.locator(".recipe [data-control=save]").click()
    await expect(page).to_have_url(f"{watched.address}/recipes/jeju-shop")
    await expect(page.locator(".recipe [data-state=saved]")).to_be_visible()
    async with httpx.AsyncClient(base_url=watched.address) as client:
        stored = (await client.get("/pipeline/recipes/jeju-shop")).json()["data"]["recipe"]
    assert [step["op"] for step in stored["steps"]] == ["auto_orient", "watermark_text"]
    assert stored["steps"][1]["text"] == TEXT

    await page.locator("[data-choose=files]").set_input_files([photograph(folder)])
    sheet = page.get_by_role("dialog")
    await sheet.locator("label select").first.select_option("jeju-shop")
    await sheet.locator(".button.main").click()
    await expect(page.locator(".batch [data-figure=completed_images]")).to_have_text("1", timeout=END_MILLISECONDS)
    batch_id = page.url.rsplit("/", 1)[-1]
    async with httpx.AsyncClient(base_url=watched.address) as client:
        (first,) = (await client.get(f"/pipeline/batch/{batch_id}/images")).json()["data"]["images"]
    assert {made["output"]: made["width"] for made in first["prints"]}["web"] == 200
    # A text that is still to be typed is a mistake of the recipe.
    forgive(watched, "422")


async def test_mistakes_stand_at_their_fields_as_the_api_says_them(watched: Watched, folder: list[Path]) -> None:
    """In the page's language; the proof waits until they are mended, and nothing is stored meanwhile."""
    page = await watched.open("/recipes/web")
    await choose_sample(page, photograph(folder))
    quality = field(page, "outputs.0.quality")
    await quality.fill("101")
    mistake = page.locator("[data-field='outputs.0.quality'] .mistake")
    await expect(mistake).to_have_text("100 이하여야 합니다.", timeout=PROOF_MILLISECONDS)
    await expect(quality).to_have_attribute("aria-invalid", "true")
    await expect(quality).to_have_attribute("aria-describedby", str(await mistake.get_attribute("id")))
    await page.locator(".recipe [data-control=save]").click()
    await expect(mistake).to_be_visible()
    assert "web-copy" not in await recipes(watched)
    await quality.fill("50")
    await expect(mistake).to_have_count(0, timeout=PROOF_MILLISECONDS)
    await expect(page.locator("[data-proof=completed]")).to_be_visible(timeout=PROOF_MILLISECONDS)
    forgive(watched, "422")


async def test_form_and_json_are_two_ways_to_the_same_recipe(watched: Watched) -> None:
    """What is changed in one is in the other; what cannot be read stays as it was typed."""
    page = await watched.open("/recipes/social")
    await field(page, "outputs.1.quality").fill("64")
    await page.locator(".recipe .tabs a").nth(1).click()
    text = page.locator(".recipe-json")
    recipe = json.loads(await text.input_value())
    assert recipe["outputs"][1]["quality"] == 64
    assert recipe["name"] == "social-copy"
    await text.fill(json.dumps({**recipe, "metadata": "copyright", "outputs": recipe["outputs"][:2]}))
    await page.locator(".recipe .tabs a").nth(0).click()
    await expect(page.locator("[data-parts=outputs] [data-part]")).to_have_count(2)
    await page.locator(".recipe details summary").click()
    await expect(field(page, "metadata")).to_have_value("copyright")
    await page.locator(".recipe .tabs a").nth(1).click()
    await text.fill('{"name": ')
    await page.locator(".recipe .tabs a").nth(0).click()
    await expect(page.locator("[data-parts]")).to_have_count(0)
    await page.locator(".recipe .tabs a").nth(1).click()
    await expect(text).to_have_value('{"name": ')


async def test_the_proof_of_a_hostile_image_fails_by_its_cause(
    watched: Watched, folder: list[Path], tmp_path: Path
) -> None:
    """And that of another image is made afterwards."""
    bomb = tmp_path / "<img src=x>.png"
    bomb.write_bytes(hostile.png(40_000, 1))
    page = await watched.open("/recipes/web")
    await page.locator("[data-choose=sample]").set_input_files(bomb)
    failed = page.locator("[data-proof=failed] [data-code=too_many_pixels]")
    await expect(failed).to_contain_text("픽셀", timeout=PROOF_MILLISECONDS)
    await expect(page.locator(".proof .name")).to_contain_text("<img src=x>.png")
    await expect(page.locator(".comparison")).to_have_count(0)
    notes = tmp_path / "notes.txt"
    notes.write_text("no image")
    await page.locator("[data-choose=sample]").set_input_files(notes)
    await expect(page.locator(".proof .problem")).to_contain_text("no_images", timeout=PROOF_MILLISECONDS)
    await choose_sample(page, photograph(folder))
    await expect(page.locator(".proof .problem")).to_have_count(0)
    forgive(watched, "422")


async def test_an_image_is_dropped_on_the_proof_and_makes_no_batch(watched: Watched, folder: list[Path]) -> None:
    """Elsewhere on the page what is dropped makes a batch, as on every page."""
    page = await watched.open("/recipes/web")
    name, content = photograph(folder).name, await asyncio.to_thread(photograph(folder).read_bytes)
    await drop(page, ".sample", name, content)
    await expect(page.locator("[data-proof=completed]")).to_be_visible(timeout=PROOF_MILLISECONDS)
    await expect(page.locator(".proof .name")).to_contain_text(name)
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await drop(page, ".recipe-form", name, content)
    await expect(page.get_by_role("dialog")).to_be_visible()


async def test_the_keyboard_skips_to_the_content_and_goes_to_the_recipes(watched: Watched) -> None:
    """The first link moves the focus, and two letters in a row the page."""
    page = await watched.open("/")
    await page.keyboard.press("KeyG")
    await page.keyboard.press("KeyR")
    await expect(page.locator("[data-recipe=web]")).to_be_visible()
    await page.reload()
    await expect(page.locator("[data-recipe=web]")).to_be_visible()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await expect(page.locator(".recipes .button.main")).to_be_focused()


async def test_a_file_is_sent_once_for_all_proofs_of_it(watched: Watched, folder: list[Path]) -> None:
    """Later proofs name the image that has arrived, as photographs are large."""
    page = await watched.open("/recipes/web")
    bodies: list[int] = []
    page.on(
        "request",
        lambda request: bodies.append(len(request.post_data_buffer or b"")) if "/proofs" in request.url else None,
    )
    await choose_sample(page, photograph(folder))
    async with page.expect_response(lambda response: response.url.endswith("/pipeline/proofs")):
        await field(page, "outputs.0.quality").fill("40")
    await expect(page.locator("[data-proof=completed]")).to_be_visible(timeout=PROOF_MILLISECONDS)
    first, *others = bodies
    assert others
    assert max(others) < 2000 < first or first == 0


async def test_changes_that_are_not_saved_are_not_lost(watched: Watched) -> None:
    """Walking about keeps them, the list names them, and the browser asks before the page is left."""
    page = await watched.open("/recipes/thumbnail")
    asks_before_leaving = "!dispatchEvent(new Event('beforeunload', { cancelable: true }))"
    await expect(field(page, "name")).to_have_value("thumbnail-copy")
    assert not await page.evaluate(asks_before_leaving)
    await field(page, "outputs.0.fit.width").fill("96")
    assert await page.evaluate(asks_before_leaving)
    await page.keyboard.press("Escape")
    await page.locator(".header nav a[href$='/system']").click()
    await page.locator(".header nav a[href$='/recipes']").click()
    await page.locator(".recipes-unsaved a").click()
    await expect(field(page, "outputs.0.fit.width")).to_have_value("96")
    await page.locator(".recipe [data-control=discard]").click()
    await page.get_by_role("dialog").locator(".danger").click()
    await expect(field(page, "outputs.0.fit.width")).to_have_value("320")
    assert not await page.evaluate(asks_before_leaving)


async def test_a_recipe_that_was_changed_elsewhere_is_replaced_only_after_a_question(watched: Watched) -> None:
    """As is another one of the same name; deleting asks as well, and says what becomes of batches."""
    recipe = {"outputs": [{"name": "p", "format": "png"}]}
    async with httpx.AsyncClient(base_url=watched.address) as client:
        (await client.put("/pipeline/recipes/shared", json=recipe)).raise_for_status()
        page = await watched.open("/recipes/shared")
        await field(page, "outputs.0.name").fill("mine")
        (await client.put("/pipeline/recipes/shared", json={**recipe, "metadata": "copyright"})).raise_for_status()
    await page.locator(".recipe [data-control=save]").click()
    question = page.get_by_role("dialog")
    await expect(question).to_contain_text("shared")
    await page.keyboard.press("Escape")
    assert (await recipes(watched))["shared"]["outputs"][0]["name"] == "p"
    await page.locator(".recipe [data-control=save]").click()
    await question.locator(".danger").click()
    await expect(page.locator(".recipe [data-state=saved]")).to_be_visible()
    assert (await recipes(watched))["shared"]["outputs"][0]["name"] == "mine"
    await page.locator(".recipe [data-control=delete]").click()
    await question.locator(".danger").click()
    await expect(page).to_have_url(f"{watched.address}/recipes")
    await expect(page.locator(".recipes [data-recipe=web]")).to_be_visible()
    await expect(page.locator(".recipes [data-recipe=shared]")).to_have_count(0)
    forgive(watched, "412")


async def test_a_recipe_is_tried_on_an_image_of_a_batch_by_the_keyboard(watched: Watched, folder: list[Path]) -> None:
    """From the image's page to the proof; steps are added and moved with the focus on them."""
    batch_id = await watched.develop(folder[:1], "시험 현상")
    page = await watched.open(f"/batches/{batch_id}/images/0")
    await page.locator(".image a[href*='/recipes?']").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".recipes h1")).to_be_visible()
    await page.locator("[data-recipe=web] h2 a").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-proof=completed]")).to_be_visible(timeout=PROOF_MILLISECONDS)
    await page.locator("[data-parts=steps] p select").select_option("grayscale")
    await page.locator("[data-parts=steps] [data-control=add]").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-part='1'] select").first).to_be_focused()
    await page.locator("[data-parts=steps] [data-part='1'] [data-control=up]").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-parts=steps] [data-part='0'] [data-control=up]")).to_be_focused()
    await expect(page.locator("[data-parts=steps] [data-part='0'] select").first).to_have_value("grayscale")
    # The API says that turning upright can only come first.
    await expect(page.locator("[data-parts=steps] [data-part='1'] .mistake")).to_be_visible(timeout=PROOF_MILLISECONDS)
    forgive(watched, "422")


async def test_a_recipe_is_tried_on_any_image_of_the_newest_batches(watched: Watched, folder: list[Path]) -> None:
    """At first on the newest batch's first; each choice is in the address, and its proof is made."""
    older = await developed(watched.address, "먼저 올린 배치", [photograph(folder)])
    files = [path for path in folder if path.suffix == ".jpg"]
    newer = await developed(watched.address, "나중에 올린 배치", files)
    page = await watched.open("/recipes/web")
    await page.locator(".sample [data-control=choose-batch]").click()
    batch, image = page.locator(".sample select").nth(0), page.locator(".sample select").nth(1)
    await expect(batch).to_have_value(newer)
    await expect(page.locator("[data-proof=completed] .name")).to_be_visible(timeout=PROOF_MILLISECONDS)
    choices = await image.locator("option").all_inner_texts()
    assert choices == sorted(set(choices))
    assert "cut off.jpg" not in choices
    await image.select_option(label=choices[-1])
    await expect(page.locator("[data-proof=completed] .name")).to_have_text(choices[-1], timeout=PROOF_MILLISECONDS)
    await batch.select_option("먼저 올린 배치")
    await expect(page).to_have_url(f"{watched.address}/recipes/web?batch={older}&image=0")
    name = photograph(folder).name
    await expect(page.locator("[data-proof=completed] .name")).to_have_text(name, timeout=PROOF_MILLISECONDS)


def forgive(watched: Watched, status: str) -> None:
    """Forget answers of a status that a test is about: browsers report each."""
    watched.faults = [fault for fault in watched.faults if f"status of {status}" not in fault]
