import asyncio

import pytest

from tests.fakes import START
from tests.simulation.virtual_time import DeadlockError, VirtualLoop


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
