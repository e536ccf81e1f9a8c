"""What the workers that are seen can take."""

from services.chunker.capacity import Capacity
from shared.documents import TAKES_EXPRESS, WorkerRecord
from tests.fakes import START


def a_worker(id_: str, slots: int = 2, *capabilities: str) -> WorkerRecord:
    """A worker that has just reported itself."""
    return WorkerRecord(
        id=id_,
        host="h",
        slots=slots,
        developed_images=0,
        capabilities=capabilities,
        started_at=START,
        seen_at=START,
    )


def test_slots_and_processes_add_up() -> None:
    """Of all workers that are seen."""
    capacity = Capacity.of([a_worker("a", 2), a_worker("b", 6)])
    assert (capacity.slots, capacity.processes) == (8, 2)


def test_before_a_worker_is_seen_there_is_work_for_a_first_one() -> None:
    """And one without slots counts as having one."""
    nobody = Capacity.of([])
    assert nobody.slots > 0
    assert nobody.processes == 1
    assert not nobody.takes_express
    assert Capacity.of([a_worker("a", 0)]).slots == 1


def test_express_chunks_are_for_workers_that_all_know_of_them() -> None:
    """One of an earlier version would leave them in their queue."""
    assert Capacity.of([a_worker("a", 2, TAKES_EXPRESS), a_worker("b", 2, "other", TAKES_EXPRESS)]).takes_express
    assert not Capacity.of([a_worker("a", 2, TAKES_EXPRESS), a_worker("old")]).takes_express


def test_a_holder_is_a_worker_s_id_and_a_mark_of_its_life() -> None:
    """Ids may have dots themselves."""
    capacity = Capacity.of([a_worker("web-1.local")])
    assert capacity.shows_life("web-1.local.0a1b2c3d")
    assert not capacity.shows_life("web-1.0a1b2c3d")
    assert not capacity.shows_life("web-1.local")
