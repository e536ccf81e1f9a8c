"""How old the oldest batch may become that the chunker could not be told of."""

from datetime import timedelta

import pytest

from services.gateway.answers.errors import ApiError
from services.gateway.background.backlog import MAX_NOTED, Backlog, owed
from shared.documents import Batch
from shared.running.lifecycle import Readiness
from tests.fakes import START, SteppingClock, new_batch

MAX_SECONDS = 30.0


class Debt:
    """A backlog, its clock, and where it reports."""

    def __init__(self, max_noted: int = MAX_NOTED) -> None:
        self.clock = SteppingClock()
        self.readiness = Readiness()
        self.backlog = Backlog(self.clock, MAX_SECONDS, self.readiness, max_noted)

    def is_too_old(self) -> bool:
        """Whether uploads are refused; the readiness says the same."""
        try:
            self.backlog.refuse_if_too_old()
        except ApiError as refused:
            is_refused = refused.code == "backlog_too_old"
        else:
            is_refused = False
        self.backlog.report()
        assert set(self.readiness.problems) == ({"backlog"} if is_refused else set())
        return is_refused


def waiting(batch_id: str, seconds: float = 0) -> Batch:
    """A batch that has waited for so long at the start."""
    return new_batch(batch_id, now=START - timedelta(seconds=seconds))


def test_a_batch_may_wait_for_a_while() -> None:
    """For as long as the setting says, then no more are taken until it is told of."""
    debt = Debt()
    assert not debt.is_too_old()
    debt.backlog.note(waiting("a"))
    debt.clock.step(MAX_SECONDS)
    assert not debt.is_too_old()
    debt.clock.step(0.1)
    assert debt.is_too_old()
    debt.backlog.settle(waiting("a"))
    assert not debt.is_too_old()


def test_the_oldest_counts() -> None:
    """Whichever order they were noted in, and until it is dropped."""
    debt = Debt()
    for batch in (waiting("young"), waiting("old", 31), waiting("middle", 20)):
        debt.backlog.note(batch)
    assert debt.is_too_old()
    debt.backlog.forget({owed(waiting("old")), ("stranger", 0)})
    assert not debt.is_too_old()


def test_uploads_are_taken_while_batches_are_published() -> None:
    """However long the oldest has waited: the broker takes messages, and a flood is no failure."""
    debt = Debt()
    for batch in (waiting("old", 31), waiting("young")):
        debt.backlog.note(batch)
    debt.backlog.settle(waiting("young"))
    assert not debt.is_too_old()
    debt.clock.step(MAX_SECONDS)
    assert not debt.is_too_old()
    debt.clock.step(0.1)
    assert debt.is_too_old()


def test_a_retry_of_an_old_batch_is_young() -> None:
    """It waits since it was asked for; publishing an earlier generation does not settle it."""
    debt = Debt()
    old = waiting("a", 5000).changed(START, status="FAILURE", failed_images=10)
    debt.backlog.note(old.retried(START))
    assert not debt.is_too_old()
    debt.backlog.settle(old)
    debt.clock.step(31)
    assert debt.is_too_old()


def test_who_is_refused_is_told_how_old_it_is() -> None:
    """For whoever looks into it."""
    debt = Debt()
    debt.backlog.note(waiting("a", 41.4))
    with pytest.raises(ApiError) as refused:
        debt.backlog.refuse_if_too_old()
    assert refused.value.details == {"oldest_seconds": 41, "max_seconds": 30.0}
    debt.backlog.report()
    assert "41 s" in debt.readiness.problems["backlog"]


def test_what_is_noted_is_bounded() -> None:
    """However long the broker is away."""
    debt = Debt(max_noted=3)
    for number in range(10):
        debt.backlog.note(waiting(str(number), 40 - number))
    assert len(debt.backlog.noted) == 3
    assert debt.is_too_old()
