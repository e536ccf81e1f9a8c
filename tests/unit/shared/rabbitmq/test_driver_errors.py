import asyncio

import pytest
from aio_pika.exceptions import AMQPConnectionError, ChannelInvalidStateError

from shared.adapters.rabbitmq.driver_errors import translated
from shared.errors import BrokerUnavailableError


@pytest.mark.parametrize(
    "error",
    [
        AMQPConnectionError("reset"),
        ChannelInvalidStateError("closed"),
        TimeoutError(),
        ConnectionResetError(),
        Exception(),  # what the driver rejects waiters with when a connection ends without a reason
        asyncio.CancelledError(),  # what it does to those who wait on a connection that dies
    ],
    ids=repr,
)
async def test_whatever_the_driver_raises_means_that_the_broker_is_unavailable(error: BaseException) -> None:
    """Handlers know how to wait for a broker, and for nothing else."""
    with pytest.raises(BrokerUnavailableError, match="publish"), translated("publish"):
        raise error


async def test_our_own_mistakes_keep_their_names() -> None:
    """A programming error must not look like an outage."""
    with pytest.raises(ValueError, match="mistake"), translated("publish"):
        raise ValueError("mistake")


async def test_a_cancelled_task_is_cancelled() -> None:
    """Whoever ends a service does not have to wait for its broker."""

    async def publish() -> None:
        with translated("publish"):
            await asyncio.Event().wait()

    publishing = asyncio.create_task(publish())
    await asyncio.sleep(0)
    publishing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await publishing


async def test_a_deadline_around_it_is_a_deadline() -> None:
    """The caller's timeout is not the broker's fault."""

    async def publish() -> None:
        with translated("publish"):
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(publish(), 0.01)
