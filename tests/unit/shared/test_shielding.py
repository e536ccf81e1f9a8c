"""Work that is finished in any case."""

import asyncio

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
