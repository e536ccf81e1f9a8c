"""How every service consumes: decode, handle, then ack; dead-letter what cannot be read, give back what failed."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import structlog

from shared.errors import DocumentsUnavailableError, TransientError, UndecodableMessageError
from shared.messaging.encoding import decode
from shared.messaging.messages import Message
from shared.ports import Delivery, Subscription
from shared.running.backoff import Backoff
from shared.running.lifecycle import Stopping

log = structlog.get_logger()

M = TypeVar("M", bound=Message)


Handle = Callable[[M], Awaitable[None]]
"""Handles one message. On return all its effects are durable; it raises to have the message handled again."""

HandleMany = Callable[[Sequence[M]], Awaitable[None]]
"""Handles some messages in one go. On return all their effects are durable."""


Patience = type[TransientError] | tuple[type[TransientError], ...]
"""Kinds of trouble that are waited out with the message in hand."""


async def consume_each(
    subscription: Subscription,
    expected: type[M],
    handle: Handle[M],
    *,
    concurrency: int,
    stopping: Stopping,
    patient_with: Patience = DocumentsUnavailableError,
) -> None:
    """Handle up to `concurrency` messages at a time until stopping, then finish those in hand.

    What `patient_with` names, by default a database that does not answer, is waited out, which costs no delivery. The
    broker should not be among it: it has lost the delivery as well then, and will come with another. A message whose
    handler fails otherwise goes back to the queue after a pause, and the queue's delivery limit ends that.
    """
    slots = asyncio.Semaphore(concurrency)

    async def handle_one(delivery: Delivery) -> None:
        try:
            await _handle_one(delivery, expected, handle, stopping, patient_with)
        finally:
            slots.release()

    async with asyncio.TaskGroup() as tasks:
        stopper = tasks.create_task(_stop_when_stopping(subscription, stopping), name="stop-consuming")
        while True:
            # Before the next delivery is taken, so that none waits here that another process could handle.
            await slots.acquire()
            delivery = await subscription.next()
            if delivery is None:
                break
            tasks.create_task(handle_one(delivery), name=f"handle-{expected.__name__}")
        stopper.cancel()


async def consume_in_batches(
    subscription: Subscription,
    expected: type[M] | tuple[type[M], ...],
    handle: HandleMany[M],
    *,
    limit: int,
    wait_seconds: float,
    stopping: Stopping,
) -> None:
    """Handle messages in batches of at most `limit`, none waiting longer than `wait_seconds` for company."""
    backoff = Backoff(stopping.sleep)
    async with asyncio.TaskGroup() as tasks:
        stopper = tasks.create_task(_stop_when_stopping(subscription, stopping), name="stop-consuming")
        while deliveries := await _collect(subscription, limit, wait_seconds):
            await _handle_batch(subscription, deliveries, expected, handle, backoff, stopping)
        stopper.cancel()


async def _stop_when_stopping(subscription: Subscription, stopping: Stopping) -> None:
    await stopping.wait()
    await subscription.stop()


async def _handle_one(
    delivery: Delivery, expected: type[M], handle: Handle[M], stopping: Stopping, patient_with: Patience
) -> None:
    message = await _decode_or_dead_letter(delivery, expected)
    if message is None:
        return
    backoff = Backoff(stopping.sleep)

    async def handle_it(_messages: Sequence[M]) -> None:
        await handle(message)

    try:
        await _handle_patiently([message], handle_it, backoff, stopping, patient_with)
    except Exception as error:  # noqa: BLE001 - the consume loop survives whatever a handler meets; logged
        _log_failure(error, [message])
        await backoff.pause()
        await _give_back(delivery, error, stopping)
    else:
        await delivery.ack()


async def _collect(subscription: Subscription, limit: int, wait_seconds: float) -> list[Delivery]:
    first = await subscription.next()
    if first is None:
        return []
    deliveries = [first]
    try:
        async with asyncio.timeout(wait_seconds):
            while len(deliveries) < limit and (delivery := await subscription.next()) is not None:
                deliveries.append(delivery)
    except TimeoutError:
        pass
    return deliveries


async def _handle_batch(
    subscription: Subscription,
    deliveries: Sequence[Delivery],
    expected: type[M] | tuple[type[M], ...],
    handle: HandleMany[M],
    backoff: Backoff,
    stopping: Stopping,
) -> None:
    decoded = [(delivery, await _decode_or_dead_letter(delivery, expected)) for delivery in deliveries]
    readable = [(delivery, message) for delivery, message in decoded if message is not None]
    if not readable:
        return
    messages = [message for _, message in readable]
    try:
        await _handle_patiently(messages, handle, backoff, stopping)
    except TransientError:
        # Only once stopping: until then transient trouble is waited out.
        for delivery, _ in readable:
            await delivery.hand_back()
    except Exception as error:  # noqa: BLE001 - one bad message must not hold up the others; logged
        _log_failure(error, messages)
        await _handle_one_by_one(readable, handle, backoff, stopping)
    else:
        # One ack for all: those that could not be read are settled already.
        await subscription.ack_through(deliveries[-1])


async def _handle_patiently(
    messages: Sequence[M],
    handle: HandleMany[M],
    backoff: Backoff,
    stopping: Stopping,
    patient_with: Patience = TransientError,
) -> None:
    """Handle, and wait out what is transient: that costs no delivery. Raises the rest, and once stopping everything."""
    while True:
        try:
            await handle(messages)
        except patient_with as error:
            _log_failure(error, messages)
            if stopping.is_set:
                # The caller hands it back for a process that stays.
                raise
            await backoff.pause()
        else:
            backoff.reset()
            return


async def _handle_one_by_one(
    readable: Sequence[tuple[Delivery, M]], handle: HandleMany[M], backoff: Backoff, stopping: Stopping
) -> None:
    failed: list[tuple[Delivery, Exception]] = []
    for delivery, message in readable:
        try:
            await _handle_patiently([message], handle, backoff, stopping)
        except Exception as error:  # noqa: BLE001 - as in _handle_one
            _log_failure(error, [message])
            failed.append((delivery, error))
        else:
            await delivery.ack()
    if failed:
        await backoff.pause()
        for delivery, problem in failed:
            await _give_back(delivery, problem, stopping)


async def _give_back(delivery: Delivery, error: Exception, stopping: Stopping) -> None:
    """Have a message delivered again that was not handled; only a failure may end in a dead letter."""
    if stopping.is_set and isinstance(error, TransientError):
        # A process that stops, maybe one of many, has found nothing wrong with the message.
        await delivery.hand_back()
    else:
        await delivery.reject()


async def _decode_or_dead_letter(delivery: Delivery, expected: type[M] | tuple[type[M], ...]) -> M | None:
    try:
        message = decode(delivery.body)
        if isinstance(message, expected):
            return message
        problem = f"a {message.type} message does not belong into this queue"
    except UndecodableMessageError as error:
        problem = str(error)
    log.error("message_dead_lettered", reason=problem)
    try:
        await delivery.dead_letter(problem)
    except Exception:  # the consume loop survives it; the queue's delivery limit ends the round
        log.warning("dead_letter_failed", exc_info=True)
        await delivery.reject()
    return None


def _log_failure(error: Exception, messages: Sequence[Message]) -> None:
    ids = sorted({message.batch_id for message in messages})[:5]
    known = isinstance(error, TransientError)
    log.warning("handling_failed", messages=len(messages), batch_ids=ids, error=str(error), exc_info=not known)
