"""Work that is finished in any case."""

import asyncio
import gc

import pytest

from shared.running.shielding import shielded
from tests.fakes import until


async def test_work_is_finished_before_its_cancellation_is_passed_on() -> None:
    """The waiter is cancelled, however often; the work is not."""
    go_on, done = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        await go_on.wait()
        done.set()

    waiter = asyncio.create_task(shielded(work()))
    for _ in range(3):
        await asyncio.sleep(0)
        waiter.cancel()
        await asyncio.sleep(0)
        assert not waiter.done()
    go_on.set()
    await until(waiter.done)
    assert waiter.cancelled()
    assert done.is_set()


async def test_work_that_fails_after_its_waiter_was_cancelled_is_named_by_the_cancellation() -> None:
    """And the event loop has no unread exception to report."""
    reports: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reports.append(context["message"]))
    go_on = asyncio.Event()

    async def work() -> None:
        await go_on.wait()
        raise OSError("the disk is full")

    waiter = asyncio.create_task(shielded(work()))
    await asyncio.sleep(0)
    waiter.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError) as cancelled:
        await waiter
    assert str(cancelled.value.__cause__) == "the disk is full"
    del waiter, cancelled
    gc.collect()
    assert reports == []
