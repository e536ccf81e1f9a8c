import asyncio

import pytest

from tests.fakes import START
from tests.simulation.virtual_time import DeadlockError, LivelockError, VirtualLoop


def test_time_jumps_to_the_next_timer() -> None:
    """A day passes in no time, on the loop and on the clock."""
    loop = VirtualLoop()
    loop.run_until_complete(asyncio.sleep(86_400))
    assert loop.time() == pytest.approx(86_400)
    assert (loop.clock() - START).total_seconds() == pytest.approx(86_400, abs=0.001)
    loop.close()


def test_waiting_for_nothing_is_an_error() -> None:
    """A simulation in which nothing can happen any more ends at once instead of hanging."""
    loop = VirtualLoop()
    waiting = loop.create_task(asyncio.Event().wait())
    with pytest.raises(DeadlockError):
        loop.run_until_complete(waiting)
    waiting.cancel()
    loop.run_until_complete(asyncio.wait([waiting]))
    loop.close()


def test_going_round_in_circles_is_an_error() -> None:
    """A simulation in which time cannot pass ends as well."""
    loop = VirtualLoop()

    async def circle() -> None:
        while True:  # noqa: ASYNC110 - going round in circles is the point
            await asyncio.sleep(0)

    with pytest.raises(LivelockError):
        loop.run_until_complete(circle())
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.wait(tasks))
    loop.close()
