"""Dead letters on a real RabbitMQ, as the `darkroom dead` command handles them."""

import asyncio
import contextlib

import aio_pika
import pytest
from typer.testing import CliRunner

from darkroom.cli import app
from shared.adapters.rabbitmq import open_broker
from shared.adapters.rabbitmq.administration import open_administration
from shared.messaging.encoding import encode
from shared.messaging.messages import BatchSubmitted
from shared.messaging.topology import EVENTS, WORK
from shared.ports import Delivery, Subscription
from shared.running.lifecycle import Readiness


async def bury(rabbitmq_url: str, *bodies: bytes) -> None:
    """Dead-letter bodies as a consumer does that cannot read them."""
    async with (
        open_broker(rabbitmq_url, "test", Readiness()) as broker,
        broker.subscriber.subscribe(WORK, 10) as subscription,
        await aio_pika.connect(rabbitmq_url) as connection,
    ):
        exchange = await (await connection.channel()).get_exchange(EVENTS)
        for body in bodies:
            await exchange.publish(aio_pika.Message(body), "batch.submitted")
            delivery = await asyncio.wait_for(subscription.next(), 10)
            assert delivery is not None
            await delivery.dead_letter(f"unreadable: {body.decode()}")


async def test_looking_loses_nothing(rabbitmq_url: str) -> None:
    """Letters are shown with their reasons, as often as somebody looks."""
    await bury(rabbitmq_url, b"one", b"two", b"three")
    async with open_administration(rabbitmq_url) as administration:
        office = administration.dead_letters
        for _ in range(3):
            letters = await office.show(WORK, 10)
            assert {letter.body: letter.reason for letter in letters} == {
                b"one": "unreadable: one",
                b"two": "unreadable: two",
                b"three": "unreadable: three",
            }
        assert len(await office.show(WORK, 2)) == 2
        assert len(await office.show(WORK, 10)) == 3


async def test_a_replayed_letter_is_delivered_again(rabbitmq_url: str) -> None:
    """It reaches the queue that it came from, and is a dead letter no more."""
    body = encode(BatchSubmitted(batch_id="b"))
    await bury(rabbitmq_url, body)
    async with open_administration(rabbitmq_url) as administration:
        assert await administration.dead_letters.replay(WORK, 10) == 1
        depths = {depth.queue: depth for depth in await administration.queue_depths.depths()}
        assert (depths[WORK].dead_letters, depths[WORK].ready) == (0, 1)
    async with (
        open_broker(rabbitmq_url, "test", Readiness()) as broker,
        broker.subscriber.subscribe(WORK, 10) as subscription,
    ):
        delivery = await asyncio.wait_for(subscription.next(), 10)
        assert delivery is not None
        assert delivery.body == body
        await delivery.ack()


def test_the_command_lists_shows_and_drops(rabbitmq_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an operator types at 3 a.m."""
    asyncio.run(bury(rabbitmq_url, b"one", b"two"))
    monkeypatch.setenv("DARKROOM_RABBITMQ_URL", rabbitmq_url)
    run = CliRunner().invoke
    assert "chunker.work" in run(app, ["dead", "list"]).output
    assert "unreadable: two" in run(app, ["dead", "show", "chunker.work"]).output
    assert "1 of chunker.work thrown away" in run(
        app, ["dead", "drop", "chunker.work.dead", "--most", "1", "--yes"]
    ).output.replace("\n", " ")
    assert run(app, ["dead", "show", "chunker.work"]).output.count("unreadable:") == 1
    assert run(app, ["dead", "show", "no.such"]).exit_code == 2
    assert "1 sent to chunker.work again" in run(app, ["dead", "replay", "chunker.work"]).output
    assert "chunker.work has no dead letters" in run(app, ["dead", "show", "chunker.work"]).output


async def test_rabbitmqs_own_reason_is_shown_for_what_it_gave_up(rabbitmq_url: str) -> None:
    """A message that its consumers always give back is dead in the end."""
    async with (
        open_broker(rabbitmq_url, "test", Readiness()) as broker,
        broker.subscriber.subscribe(WORK, 10) as subscription,
        open_administration(rabbitmq_url) as administration,
    ):
        office = administration.dead_letters
        await broker.publisher.publish(BatchSubmitted(batch_id="b"))
        async with asyncio.timeout(30):
            while not (letters := await office.show(WORK, 10)):
                if (delivery := await _next_within(subscription, 0.2)) is not None:
                    await delivery.reject()
    assert [letter.reason for letter in letters] == ["delivery_limit"]


async def _next_within(subscription: Subscription, seconds: float) -> Delivery | None:
    with contextlib.suppress(TimeoutError):
        return await asyncio.wait_for(subscription.next(), seconds)
    return None
