"""Results on their way out share messages, and each teller hears what became of its own."""

import asyncio
from typing import ClassVar

from services.worker.chunks.results import MAX_RESULTS, ResultOutbox
from shared.documents import Original, Print, Readings
from shared.errors import BrokerUnavailableError
from shared.messaging.encoding import MAX_BYTES, decode, encode
from shared.messaging.messages import ImageCompleted, ImageResults, Message
from shared.messaging.topology import RetryStep


def result(index: int, prints: int = 0) -> ImageCompleted:
    """One image's result."""
    made = Print(
        output="o" * 32, extension="jpeg", media_type="image/jpeg", width=16383, height=16383, size_bytes=10**9
    )
    return ImageCompleted(batch_id="b" * 36, chunk=10**6, index=index, prints=(made,) * prints, worker="w" * 64)


class CountedResult(ImageCompleted):
    """A result that counts how often it is encoded."""

    times: ClassVar[list[int]] = []

    def encoded(self) -> bytes:
        """See `MessageModel`."""
        self.times.append(self.index)
        return super().encoded()


class ConcurrencyLimit:
    """A publisher that confirms when told to."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.messages: list[Message] = []
        self.error = error
        self.open = asyncio.Event()
        self.asked = asyncio.Event()

    async def publish(self, message: Message) -> None:
        """Wait, then keep the message or fail."""
        self.asked.set()
        await self.open.wait()
        if self.error is not None:
            raise self.error
        self.messages.append(message)

    async def publish_later(self, message: Message, step: RetryStep) -> None:
        """Results are never postponed."""
        raise AssertionError(message, step)


async def test_results_of_one_moment_share_messages() -> None:
    """Forty-five results make three messages that hold each of them once."""
    gate = ConcurrencyLimit()
    gate.open.set()
    outbox = ResultOutbox(gate)
    await asyncio.gather(*(outbox.publish(result(index)) for index in range(45)))
    carried = [r.index for m in gate.messages if isinstance(m, ImageResults) for r in m.results]
    assert (len(gate.messages), sorted(carried)) == (3, list(range(45)))


async def test_a_lone_result_travels_as_itself() -> None:
    """Nothing is wrapped that has no company."""
    gate = ConcurrencyLimit()
    gate.open.set()
    await ResultOutbox(gate).publish(result(1))
    assert gate.messages == [result(1)]


async def test_results_that_share_a_message_are_encoded_once() -> None:
    """The message is made of their bytes, and the broker gets what they were measured by."""
    gate = ConcurrencyLimit()
    gate.open.set()
    outbox = ResultOutbox(gate)
    counted = [CountedResult(batch_id="b", chunk=1, index=index) for index in range(3)]
    await asyncio.gather(*(outbox.publish(one) for one in counted))
    (message,) = gate.messages
    assert decode(encode(message)) == ImageResults(results=tuple(map(plain, counted)))
    assert sorted(CountedResult.times) == [0, 1, 2]


def plain(counted: CountedResult) -> ImageCompleted:
    """The result without the counting."""
    return ImageCompleted(**counted.model_dump())


async def test_nobody_is_told_before_the_broker_has_confirmed() -> None:
    """The acknowledgement of a chunk rests on this."""
    gate = ConcurrencyLimit()
    outbox = ResultOutbox(gate)
    tellers = [asyncio.create_task(outbox.publish(result(index))) for index in range(2)]
    await asyncio.wait_for(gate.asked.wait(), 5)
    assert not any(teller.done() for teller in tellers)
    gate.open.set()
    await asyncio.wait_for(asyncio.gather(*tellers), 5)


async def test_every_teller_hears_that_publishing_failed() -> None:
    """Each image of a message that was not confirmed is tried again."""
    gate = ConcurrencyLimit(BrokerUnavailableError("gone"))
    gate.open.set()
    outbox = ResultOutbox(gate)
    answers = await asyncio.gather(*(outbox.publish(result(i)) for i in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [BrokerUnavailableError] * 3


async def test_a_publish_that_is_cancelled_cancels_its_tellers() -> None:
    """At the end of the process: nobody waits for a confirm that cannot come."""
    gate = ConcurrencyLimit(asyncio.CancelledError())
    gate.open.set()
    outbox = ResultOutbox(gate)
    telling = asyncio.gather(*(outbox.publish(result(i)) for i in range(2)), return_exceptions=True)
    answers = await asyncio.wait_for(telling, 5)
    assert [type(answer) for answer in answers] == [asyncio.CancelledError] * 2


async def test_a_cancelled_teller_takes_nobody_along() -> None:
    """Its siblings' results are published all the same."""
    gate = ConcurrencyLimit()
    outbox = ResultOutbox(gate)
    tellers = [asyncio.create_task(outbox.publish(result(index))) for index in range(3)]
    await asyncio.wait_for(gate.asked.wait(), 5)
    tellers[0].cancel()
    gate.open.set()
    answers = await asyncio.gather(*tellers, return_exceptions=True)
    assert isinstance(answers[0], asyncio.CancelledError)
    assert answers[1:] == [None, None]


async def test_results_that_carry_much_share_less() -> None:
    """Every message is below the limit, however many prints and readings its results have; none is lost."""
    gate = ConcurrencyLimit()
    gate.open.set()
    outbox = ResultOutbox(gate)
    exif = {f"Tag{number}": "한" * 66 for number in range(20)}
    original = Original(width=1, height=1, format="jpeg", readings=Readings(exif=exif))
    told = [result(i, prints=10 * (i % 2)).model_copy(update={"original": original}) for i in range(3 * MAX_RESULTS)]
    await asyncio.gather(*(outbox.publish(one) for one in told))
    carried = [r for m in gate.messages for r in (m.results if isinstance(m, ImageResults) else (m,))]
    assert max(len(encode(message)) for message in gate.messages) < MAX_BYTES
    assert carried == told
    assert len(gate.messages) < len(told) / 4
