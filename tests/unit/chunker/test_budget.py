"""How much the broker may hold: by what workers there are, and by what they really settle."""

from datetime import timedelta

import pytest

from services.chunker.budget import MIN_CHUNKS_PER_PROCESS, Budget
from services.chunker.capacity import Capacity
from shared.documents import Batch, HeldChunks
from tests.fakes import START, SteppingClock, new_batch

HORIZON = 2.0


def a_budget(slots: int = 4, processes: int = 2) -> Budget:
    """The budget of workers `w1`, `w2` … that have so many slots together."""
    budget = Budget(HORIZON)
    ids = frozenset(f"w{number}" for number in range(processes))
    budget.capacity = Capacity(slots, processes, takes_express=True, worker_ids=ids)
    return budget


def settled(chunks: int, batch_id: str = "b") -> Batch:
    """A batch of which so many chunks have settled."""
    return new_batch(batch_id, total_images=10_000).model_copy(update={"completed_chunks": chunks})


def test_the_room_is_what_the_slots_do_within_the_horizon() -> None:
    """Whatever is out is taken off, of all batches."""
    budget = a_budget(slots=4)
    assert budget.room_ms(START) == 8000
    budget.hold(settled(0), 10, 3000)
    budget.hold(settled(0, "other"), 1, 6000)
    assert budget.room_ms(START) == -1000


def test_a_few_chunks_for_each_process_are_released_whatever_they_cost() -> None:
    """Where one image takes longer than the horizon, nobody may wait for it with idle hands."""
    budget = a_budget(processes=3)
    assert budget.missing_chunks == 3 * MIN_CHUNKS_PER_PROCESS
    budget.hold(settled(0), 5, 1e6)
    assert budget.missing_chunks == 1
    budget.hold(settled(0), 5, 1e6)
    assert budget.missing_chunks == 0


def test_what_settles_makes_room() -> None:
    """Which chunks it were is not said, so each counts as a mean one; a count that comes again makes none."""
    budget = a_budget()
    budget.settled(settled(0), 0, START)
    budget.hold(settled(0), 4, 8000)
    assert budget.room_ms(START) == 0
    later = START + timedelta(seconds=HORIZON)
    assert budget.settled(settled(1), 0, START) == 1
    assert budget.room_ms(later) == 2000
    assert budget.settled(settled(0), 1, START) == 1
    assert budget.room_ms(later) == 2000
    assert budget.settled(settled(2), 4, START) == 4
    assert budget.room_ms(later) == 8000


def test_a_chunker_that_takes_over_supposes_nothing_settled_just_now() -> None:
    """It sees a batch far advanced for the first time, before or after it has looked at the documents."""
    for looks_first in (True, False):
        budget = a_budget()
        if looks_first:
            budget.correct([HeldChunks("b", None, 3, 3000)])
        assert budget.settled(settled(500), 0, START) == 500
        assert budget.room_ms(START) == (5000 if looks_first else 8000)
        budget.settled(settled(501), 0, START)
        assert budget.room_ms(START + timedelta(seconds=HORIZON)) == (6000 if looks_first else 8000)


def test_a_new_generation_counts_from_its_beginning() -> None:
    """The chunks that settled before its retry are no news."""
    budget = a_budget()
    budget.settled(settled(9), 0, START)
    retried = new_batch(total_images=10_000).model_copy(update={"generation": 1})
    assert budget.settled(retried, 0, START) == 0
    budget.hold(retried, 2, 2000)
    assert budget.settled(settled(9), 0, START) == 9 or budget.room_ms(START) == 6000


def test_whatever_leaks_is_gone_with_the_next_look() -> None:
    """Chunks that failed, backed off or ended unseen would else hold up every batch for good."""
    budget = a_budget()
    for number in range(50):
        budget.hold(settled(0, f"lost-{number}"), 10, 100_000)
    assert budget.room_ms(START) < 0
    later = START + timedelta(seconds=HORIZON)
    budget.correct([HeldChunks("b", None, 2, 500)])
    assert budget.room_ms(later) == 7500
    assert budget.missing_chunks == 2 * MIN_CHUNKS_PER_PROCESS - 2


def test_chunks_of_workers_that_show_no_life_hold_nobody_up() -> None:
    """A killed worker's claims last for half a minute, in which the others must not starve."""
    budget = a_budget(slots=4, processes=2)
    alive, lost = "w1.0a0b0c0d", "w7.0a0b0c0d"
    budget.correct([HeldChunks("b", alive, 1, 1000), HeldChunks("b", lost, 4, 8000)])
    assert (budget.room_ms(START), budget.missing_chunks) == (7000, 3)


def test_a_batch_that_rests_frees_its_cost() -> None:
    """At once and at each look, until it goes on; one that is gone is forgotten."""
    budget = a_budget()
    out = [HeldChunks("b", None, 5, 5000), HeldChunks("c", None, 1, 1000)]
    budget.correct(out)
    budget.free("b")
    assert budget.room_ms(START) == 7000
    budget.keep(active={"c"})
    budget.correct(out)
    assert budget.room_ms(START + timedelta(seconds=HORIZON)) == 7000
    budget.keep(active={"b", "c"})
    budget.correct(out)
    assert budget.room_ms(START + timedelta(seconds=HORIZON)) == 2000
    budget.keep(active=set())
    budget.correct(out)
    assert budget.room_ms(START + timedelta(seconds=HORIZON)) == 8000


def test_workers_that_do_more_than_was_predicted_get_more() -> None:
    """Images without work in them: what settled within the last horizon is the budget, up to the window.

    A loop of 0.4 s between two releases then never leaves a worker without chunks.
    """
    clock, budget = SteppingClock(), a_budget(slots=2)
    done, loop_seconds = 0, 0.4
    budget.settled(settled(0), 0, clock())
    for _ in range(12):
        # Ten images each, of which a hundred milliseconds are predicted, and all done by the next release.
        chunks = round(max(budget.room_ms(clock()), 0)) // 1000
        budget.hold(settled(done), chunks, chunks * 1000)
        clock.step(loop_seconds)
        done += chunks
        budget.settled(settled(done), 0, clock())
    assert chunks >= 400
    clock.step(2 * HORIZON)
    assert budget.room_ms(clock()) == 4000


@pytest.mark.parametrize("seconds", [-3600.0, 1e7])
def test_a_clock_that_leaps_ends_nothing(seconds: float) -> None:
    """The room is what the slots do, as in the beginning."""
    clock, budget = SteppingClock(), a_budget(slots=2)
    budget.hold(settled(0), 9, 900_000)
    budget.settled(settled(9), 0, clock())
    assert budget.room_ms(clock()) == 900_000 or budget.room_ms(clock()) == 4000
    clock.step(seconds)
    assert budget.room_ms(clock()) == 4000
