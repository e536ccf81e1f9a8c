"""How much work may go ahead of others."""

from datetime import timedelta

import pytest

from services.chunker.capacity import Capacity
from services.chunker.express_share import ExpressShare
from tests.fakes import START, SteppingClock

CAPACITY = Capacity(slots=4, processes=2, takes_express=True)
QUANTUM_MS = 8000.0


def test_a_quantum_is_there_at_first_and_comes_again_at_half_of_the_slots_pace() -> None:
    """However many batches come, those under way keep the other half."""
    clock, share = SteppingClock(), ExpressShare()
    assert share.available_ms(CAPACITY, QUANTUM_MS, clock()) == QUANTUM_MS
    share.spend(QUANTUM_MS)
    assert share.available_ms(CAPACITY, QUANTUM_MS, clock()) == 0
    clock.step(1)
    assert share.available_ms(CAPACITY, QUANTUM_MS, clock()) == 2000
    clock.step(3600)
    assert share.available_ms(CAPACITY, QUANTUM_MS, clock()) == QUANTUM_MS


def test_a_chunk_larger_than_a_quantum_goes_ahead_and_leaves_a_debt() -> None:
    """Or it would never do so."""
    clock, share = SteppingClock(), ExpressShare()
    share.available_ms(CAPACITY, QUANTUM_MS, clock())
    share.spend(QUANTUM_MS + 4000)
    clock.step(2)
    assert share.available_ms(CAPACITY, QUANTUM_MS, clock()) == 0
    clock.step(1)
    assert share.available_ms(CAPACITY, QUANTUM_MS, clock()) == 2000


def test_over_a_long_time_no_more_than_half_of_the_slots_goes_ahead() -> None:
    """A flood of small batches takes all that there is, as soon as it is there."""
    clock, share = SteppingClock(), ExpressShare()
    ahead_ms = 0.0
    for _ in range(1000):
        while share.available_ms(CAPACITY, QUANTUM_MS, clock()) > 0:
            share.spend(700)
            ahead_ms += 700
        clock.step(0.1)
    assert ahead_ms <= 0.5 * CAPACITY.slots * 100_000 + QUANTUM_MS + 700


def test_nothing_goes_ahead_while_a_worker_does_not_know_of_it() -> None:
    """It would wait in a queue that nobody consumes."""
    old = Capacity(slots=4, processes=2, takes_express=False)
    assert ExpressShare().available_ms(old, QUANTUM_MS, START) == 0


@pytest.mark.parametrize("seconds", [-3600.0, 1e9])
def test_a_clock_that_leaps_brings_no_more_than_a_quantum(seconds: float) -> None:
    """And takes nothing away."""
    share = ExpressShare()
    share.available_ms(CAPACITY, QUANTUM_MS, START)
    share.spend(5000)
    assert 3000 <= share.available_ms(CAPACITY, QUANTUM_MS, START + timedelta(seconds=seconds)) <= QUANTUM_MS
