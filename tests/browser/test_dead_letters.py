"""Messages that were given up, as a person looks at them, sends them again and drops them; on real servers."""

from collections.abc import Iterator
from pathlib import Path

import aio_pika
import pytest
from playwright.async_api import expect

from shared.messaging.topology import RESULTS
from tests.browser.conftest import Watched
from tests.built_page import built_page
from tests.processes import RunningDarkroom, running_services

RUBBISH = b"<img src=x onerror=alert(1)>"
PATIENCE_MILLISECONDS = 20_000


@pytest.fixture
def darkroom(rabbitmq_url: str, mongodb_url: str, tmp_path: Path) -> Iterator[RunningDarkroom]:
    """Four processes, for memory takes no rubbish."""
    built_page()
    with running_services(tmp_path, rabbitmq_url, mongodb_url) as running:
        yield running


async def send(rabbitmq_url: str, *bodies: bytes) -> None:
    """Put what nobody can read into a queue."""
    async with await aio_pika.connect(rabbitmq_url) as connection:
        channel = await connection.channel()
        for body in bodies:
            await channel.default_exchange.publish(aio_pika.Message(body), RESULTS.name)


async def test_dead_letters_are_looked_at_dropped_by_name_and_sent_again(watched: Watched, rabbitmq_url: str) -> None:
    """What they say is text. All are dropped only after a question that names the queue, and by their number."""
    await send(rabbitmq_url, RUBBISH, b"another")
    page = await watched.open("/system")
    row = page.locator(f"[data-queue='{RESULTS.name}']")
    count = row.locator("[data-figure=dead_letters]")
    await expect(count).to_have_text("2", timeout=PATIENCE_MILLISECONDS)
    await row.locator("[data-control=look]").click()
    letters = page.locator("[data-letter]")
    await expect(letters).to_have_count(2)
    await expect(page.locator(".letters pre").filter(has_text=RUBBISH.decode())).to_have_count(1)
    await page.reload()
    await expect(letters).to_have_count(2)

    await page.locator(".letters [data-control=drop]").click()
    question = page.get_by_role("dialog")
    await expect(question).to_contain_text(RESULTS.name)
    await page.keyboard.press("Escape")
    await expect(question).to_have_count(0)
    await expect(letters).to_have_count(2)
    await page.locator(".letters [data-control=drop]").click()
    async with page.expect_response(lambda response: response.url.endswith("/drop")) as dropped:
        await question.locator(".danger").click()
    answer = await (await dropped.value).json()
    assert answer.get("data") == {"dropped": 2}, answer
    await expect(page.locator(".letters h2")).to_be_focused()
    await expect(letters).to_have_count(0)
    await expect(count).to_have_text("0", timeout=PATIENCE_MILLISECONDS)

    await send(rabbitmq_url, RUBBISH)
    await expect(letters).to_have_count(1, timeout=PATIENCE_MILLISECONDS)
    async with page.expect_response(lambda response: response.url.endswith("/replay")) as replayed:
        await letters.get_by_role("button").first.click()
    assert (await (await replayed.value).json())["data"] == {"replayed": 1}
    # It can be read no better than before.
    await expect(count).to_have_text("1", timeout=PATIENCE_MILLISECONDS)
    await expect(letters).to_have_count(1, timeout=PATIENCE_MILLISECONDS)
