from datetime import timedelta

from services.chunker.liveness_watch import KEPT_TIMES, LivenessWatch
from shared.documents import Chunk
from tests.fakes import START, SteppingClock


def claimed(number: int = 0, *, lease_seconds: float = 0) -> Chunk:
    """A chunk in a worker's hands."""
    lease_until = START + timedelta(seconds=lease_seconds)
    return Chunk(batch_id="b", number=number, indexes=(number,), worker="w", lease_until=lease_until)


def test_a_holder_that_stays_silent_counts_as_lost_after_a_while() -> None:
    """Not at first sight: perhaps it could not renew its lease."""
    watch, clock = LivenessWatch(5), SteppingClock()
    assert not watch.observe(claimed(), clock())
    clock.step(4.9)
    assert not watch.observe(claimed(), clock())
    clock.step(0.1)
    assert watch.observe(claimed(), clock())


def test_a_renewed_lease_begins_the_watch_anew() -> None:
    """It was a sign of life, even if it has run out again since."""
    watch, clock = LivenessWatch(5), SteppingClock()
    watch.observe(claimed(), clock())
    clock.step(5)
    assert not watch.observe(claimed(lease_seconds=4), clock())
    clock.step(5)
    assert watch.observe(claimed(lease_seconds=4), clock())


def test_trouble_with_the_database_begins_every_watch_anew() -> None:
    """Nobody could renew anything, and nobody could be heard."""
    watch, clock = LivenessWatch(5), SteppingClock()
    watch.observe(claimed(), clock())
    clock.step(5)
    watch.forget_all()
    assert not watch.observe(claimed(), clock())


def test_watched_are_those_that_need_not_be_looked_at_yet() -> None:
    """So that a sweep does not read the same chunks again and again."""
    watch, clock = LivenessWatch(5), SteppingClock()
    watch.observe(claimed(0), clock())
    clock.step(3)
    watch.observe(claimed(1), clock())
    assert set(watch.watched(clock())) == {"b:0", "b:1"}
    clock.step(2)
    assert set(watch.watched(clock())) == {"b:1"}


def test_what_was_watched_long_ago_is_forgotten() -> None:
    """However many holders are watched in a process's life, few are remembered."""
    watch, clock = LivenessWatch(5), SteppingClock()
    for number in range(100):
        watch.observe(claimed(number), clock())
    clock.step(5 * KEPT_TIMES)
    watch.watched(clock())
    assert not watch._seen
