"""Which batch's chunks are next."""

from collections import Counter
from itertools import pairwise

import pytest

from services.chunker.fair import MAX_BATCHES, FairRelease, Room
from shared.documents import Batch, Priority
from tests.fakes import new_batch

WINDOW = 400
EVERYTHING = Room(1e12)
CHUNK_MS = 1000
"""Ten images in a chunk, of which nothing is known."""

QUANTUM_MS = 4 * CHUNK_MS


def a_batch(batch_id: str, chunks: int = 100_000, priority: Priority = "normal", **fields: object) -> Batch:
    """A batch of so many chunks of ten images."""
    batch = new_batch(batch_id, total_images=10 * chunks, chunk_size=10, priority=priority)
    return batch.model_copy(update=fields)


class Release:
    """Batches whose chunks never settle are released round by round, and each release is noted."""

    def __init__(self, *batches: Batch, quantum_ms: float = 0.0, window: int = 10**9) -> None:
        self.fair = FairRelease()
        self.batches = {batch.id: batch for batch in batches}
        self._quantum_ms = quantum_ms
        self._window = window
        for batch in batches:
            self.note(batch)

    def note(self, batch: Batch) -> None:
        """Have the batch known as it is."""
        self.batches[batch.id] = batch
        self.fair.note(batch, batch.settled_chunks, self._window, self._quantum_ms)

    def round(self, room: Room) -> dict[str, tuple[int, int]]:
        """Release a round, and remember it in the batches: how many chunks of each, and how many of them go ahead."""
        shares = {share.flow.batch_id: (share.chunks, share.express) for share in self.fair.round(room)}
        for batch_id, (chunks, _) in shares.items():
            batch = self.batches[batch_id]
            self.note(batch.model_copy(update={"released_chunks": batch.released_chunks + chunks}))
        return shares

    def rounds(self, count: int, room: Room) -> Counter[str]:
        """How many chunks of each batch so many rounds release."""
        released: Counter[str] = Counter()
        for _ in range(count):
            released.update({batch_id: chunks for batch_id, (chunks, _) in self.round(room).items()})
        return released


def test_a_round_takes_what_there_is_room_for() -> None:
    """And the chunk with which the room is full."""
    release = Release(a_batch("b"))
    assert release.round(Room(3.5 * CHUNK_MS)) == {"b": (4, 0)}
    assert release.round(Room(0)) == {}
    assert release.round(Room(-5000)) == {}
    assert release.round(Room(-5000, chunks=2)) == {"b": (2, 0)}


def test_a_batch_alone_gets_everything_up_to_its_window() -> None:
    """A hundred chunks in a round: they are recorded together, and the next round sees what has changed."""
    release = Release(a_batch("b"), window=WINDOW)
    assert [release.round(EVERYTHING) for _ in range(4)] == [{"b": (100, 0)}] * 4
    assert not release.fair.has_waiting
    assert release.round(EVERYTHING) == {}
    release.note(release.batches["b"].model_copy(update={"completed_chunks": 3}))
    assert release.round(EVERYTHING) == {"b": (3, 0)}


def test_lanes_share_by_their_weights() -> None:
    """High, normal and low as 4 : 2 : 1 of the cost, while all of them wait; low always gets its seventh."""
    release = Release(a_batch("h", priority="high"), a_batch("n"), a_batch("l", priority="low"))
    released = release.rounds(100, Room(6.5 * CHUNK_MS))
    assert released == {"h": 400, "n": 200, "l": 100}


def test_owners_of_a_lane_share_alike_however_many_batches_they_have() -> None:
    """And the batches of an owner share what is the owner's."""
    mine = [a_batch(f"mine-{number}", owner="me") for number in range(9)]
    release = Release(*mine, a_batch("yours", owner="you"))
    released = release.rounds(90, Room(1.5 * CHUNK_MS))
    assert released["yours"] == 90
    assert {released[batch.id] for batch in mine} == {10}


def test_what_waits_alone_has_the_whole_room() -> None:
    """Weights share out what is wanted by several."""
    release = Release(a_batch("l", priority="low"))
    assert release.round(Room(50 * CHUNK_MS)) == {"l": (50, 0)}


def test_a_batch_with_large_chunks_gets_as_much_work_as_one_with_small_ones() -> None:
    """Cost counts, and not how it is cut."""
    large = new_batch("large", total_images=10**6, chunk_size=50)
    small = new_batch("small", total_images=10**6, chunk_size=5)
    released = Release(large, small).rounds(200, Room(2000))
    assert released["small"] == pytest.approx(10 * released["large"], abs=20)


def test_the_first_work_of_a_batch_goes_ahead_of_a_full_broker() -> None:
    """A quantum of it, then it waits for its turn as all others do."""
    release = Release(a_batch("giant", released_chunks=5000), a_batch("small", 2), quantum_ms=QUANTUM_MS)
    full = Room(-100, express_ms=QUANTUM_MS)
    assert release.round(full) == {"small": (2, 2)}
    assert release.round(full) == {}
    release.note(a_batch("another"))
    assert [release.round(full), release.round(full)] == [{"another": (4, 4)}, {}]


def test_what_goes_ahead_is_within_its_share() -> None:
    """The first of many new batches do; the others wait for their turn, and are not forgotten."""
    new = [a_batch(f"new-{number}", 1) for number in range(10)]
    release = Release(a_batch("giant", released_chunks=5000), *new, quantum_ms=QUANTUM_MS)
    assert list(release.round(Room(-100, express_ms=3 * CHUNK_MS))) == ["new-0", "new-1", "new-2"]
    rest = {f"new-{number}": (1, 0) for number in range(3, 10)}
    assert release.round(Room(8 * CHUNK_MS)) == {"giant": (1, 0), **rest}


def test_going_ahead_is_charged() -> None:
    """A batch that has had its quantum does not get it a second time in its turn."""
    old, new = a_batch("old", released_chunks=5000), a_batch("new")
    release = Release(old, new, quantum_ms=QUANTUM_MS)
    release.round(Room(-1, express_ms=QUANTUM_MS))
    released = release.rounds(4, Room(0.5 * CHUNK_MS))
    assert released == {"old": 4}
    assert release.rounds(10, Room(1.5 * CHUNK_MS)) == {"old": 10, "new": 10}


def test_low_batches_do_not_go_ahead() -> None:
    """Who asks for low is in no hurry, and many of them must not slow down those who are."""
    release = Release(a_batch("low", priority="low"), quantum_ms=QUANTUM_MS)
    assert release.round(Room(0, express_ms=QUANTUM_MS)) == {}
    assert release.round(Room(2 * CHUNK_MS, express_ms=QUANTUM_MS)) == {"low": (2, 0)}


def test_a_batch_goes_ahead_with_one_chunk_at_least() -> None:
    """Though it be larger than a quantum."""
    large = new_batch("large", total_images=10**6, chunk_size=1000)
    release = Release(large, quantum_ms=QUANTUM_MS)
    assert release.round(Room(-1, express_ms=1)) == {"large": (1, 1)}


def test_another_priority_acts_with_the_next_round() -> None:
    """What it had in its old lane is not held against it in the new one."""
    release = Release(a_batch("a"), a_batch("b"))
    assert release.rounds(50, Room(1.5 * CHUNK_MS)) == {"a": 50, "b": 50}
    release.note(release.batches["a"].model_copy(update={"priority": "high"}))
    released = release.rounds(50, Room(2.5 * CHUNK_MS))
    assert released == {"a": 100, "b": 50}


def test_who_comes_later_gets_no_credit_for_the_time_before() -> None:
    """It shares from then on, and does not make up for what it slept through."""
    release = Release(a_batch("a"))
    release.rounds(100, Room(1.5 * CHUNK_MS))
    release.note(a_batch("b"))
    released = release.rounds(20, Room(1.5 * CHUNK_MS))
    assert abs(released["a"] - released["b"]) <= 2


def test_a_batch_that_rests_or_ends_is_forgotten() -> None:
    """And one that is noted again while it waits does not lose its turn."""
    release = Release(a_batch("a"), a_batch("b"))
    release.note(a_batch("a", paused=True))
    assert list(release.rounds(2, Room(1.5 * CHUNK_MS))) == ["b"]
    release.note(a_batch("b", status="SUCCESS"))
    assert not release.fair.has_waiting
    release.fair.forget("nobody")


def test_a_round_is_of_so_many_batches_at_most() -> None:
    """The others come in the next."""
    release = Release(*(a_batch(f"b-{number:03}", 1) for number in range(MAX_BATCHES + 5)))
    first, second = release.round(EVERYTHING), release.round(EVERYTHING)
    assert (len(first), len(second)) == (MAX_BATCHES, 5)
    assert not first.keys() & second.keys()


def test_chunks_of_a_batch_keep_their_order() -> None:
    """A share continues where the last one ended: what goes ahead is always its beginning."""
    release = Release(a_batch("b", 50), quantum_ms=QUANTUM_MS)
    ahead = [release.round(Room(1.5 * CHUNK_MS, express_ms=1.5 * CHUNK_MS))["b"][1] for _ in range(10)]
    assert all(before >= after for before, after in pairwise(ahead))
    assert sum(ahead) == 4
