import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from services.worker.chunks.claims import FOLDED_WITHIN_SECONDS, SILENT_HEARTBEATS, Claims
from shared.adapters.memory_chunks import MemoryChunks
from shared.documents import Chunk, Outcome
from shared.errors import DocumentsUnavailableError
from tests.fakes import START, SteppingClock
from tests.unit.worker.stage import COMPLETED, LEASE_SECONDS, ChunksOnStage, database_away

HEARTBEAT_SECONDS = 0.01
FAILED = Outcome(state="failed", code="unreadable", message="No image.")


class Stage:
    """Chunks 0 to 2 of two images each, one worker, and another that holds chunk 0."""

    def __init__(self) -> None:
        self.chunks = ChunksOnStage([])
        self.clock = SteppingClock()
        self.claims = self.another("w")
        self.holder = self.another("holder")

    def another(self, worker_id: str) -> Claims:
        """Another process."""
        return Claims(
            self.chunks, worker_id, self.clock, lease_seconds=LEASE_SECONDS, heartbeat_seconds=HEARTBEAT_SECONDS
        )

    async def set_up(self) -> None:
        """Record the chunks and have one claimed."""
        for number in range(3):
            indexes = (2 * number, 2 * number + 1)
            await self.chunks.add([Chunk(batch_id="b", number=number, indexes=indexes, lease_until=START)])
        assert await self.holder.claim("b:0") is not None
        self.chunks.calls.clear()

    async def chunk(self, number: int = 0) -> Chunk:
        """A chunk as recorded."""
        chunk = await MemoryChunks.get(self.chunks, f"b:{number}")
        assert chunk is not None
        return chunk

    async def lease_ends(self) -> list[float]:
        """Seconds from the start until each chunk's lease ends."""
        return [((await self.chunk(number)).lease_until - START).total_seconds() for number in range(3)]

    def meanwhile(self, happens: Callable[[], Awaitable[object]]) -> None:
        """Let something happen while somebody is watching the holder: the first look is the one that found it."""
        self.chunks.before["get", 2] = happens


@pytest.fixture
async def stage() -> Stage:
    """Nobody is watching anybody yet."""
    stage = Stage()
    await stage.set_up()
    return stage


def test_each_process_has_a_name_of_its_own(stage: Stage) -> None:
    """Two lives of one worker must not pass for each other, but people find the worker's id in it."""
    names = {stage.another("w").holder for _ in range(100)}
    assert len(names) == 100
    assert all(name.startswith("w.") for name in names)


async def test_a_free_chunk_is_taken_at_once(stage: Stage) -> None:
    """Nobody is watched; the claim is in the document."""
    taken = await stage.claims.claim("b:1")
    assert taken == await stage.chunk(1)
    assert (taken.worker, taken.attempts, taken.losses) == (stage.claims.holder, 1, 0)
    assert taken.lease_until == START + timedelta(seconds=LEASE_SECONDS)
    assert stage.chunks.calls["get"] == 0


async def test_ones_own_chunk_is_taken_again_at_once(stage: Stage) -> None:
    """A redelivery to the same process loses nobody."""
    taken = await stage.holder.claim("b:0")
    assert taken is not None
    assert (taken.attempts, taken.losses, stage.chunks.calls["get"]) == (2, 0, 0)


async def test_another_life_of_the_same_worker_is_another_holder(stage: Stage) -> None:
    """A process that was restarted under its old id takes over only what the dead one shows no life for."""
    taken = await stage.another("holder").claim("b:0")
    assert taken is not None
    assert (taken.attempts, taken.losses) == (2, 1)


async def test_a_lease_that_has_run_out_is_no_sign_of_a_loss(stage: Stage) -> None:
    """The database may have been away, and its holder renews it as soon as it can: it is watched like any other."""
    stage.clock.step(2 * LEASE_SECONDS)

    async def renew() -> None:
        with stage.holder.held("b:0"):
            await stage.holder.renew()

    stage.meanwhile(renew)
    assert await stage.claims.claim("b:0") is None
    chunk = await stage.chunk()
    assert (chunk.worker, chunk.losses) == (stage.holder.holder, 0)
    taken = await stage.claims.claim("b:0")
    assert taken is not None
    assert taken.losses == 1


async def test_a_holder_that_stays_silent_is_lost(stage: Stage) -> None:
    """After two heartbeats left out, and not before, whatever its lease; its suspect is remembered."""
    await stage.holder.suspect("b:0", 1)
    began = asyncio.get_running_loop().time()
    taken = await stage.claims.claim("b:0")
    assert asyncio.get_running_loop().time() - began >= SILENT_HEARTBEATS * HEARTBEAT_SECONDS
    assert taken == await stage.chunk()
    assert (taken.worker, taken.losses, taken.suspicions) == (stage.claims.holder, 1, {"1": 1})
    assert stage.chunks.calls["get"] > 2


def test_a_single_heartbeat_that_fails_or_comes_late_is_forgiven() -> None:
    """The next one is there before anybody's patience ends."""
    assert 2 < SILENT_HEARTBEATS < 3


async def test_a_holder_that_shows_life_keeps_its_chunk(stage: Stage) -> None:
    """The duplicate's message is done with: the results are on their way."""

    async def renew() -> None:
        stage.clock.step(1)
        with stage.holder.held("b:0"):
            await stage.holder.renew()

    stage.meanwhile(renew)
    assert await stage.claims.claim("b:0") is None
    chunk = await stage.chunk()
    assert (chunk.worker, chunk.attempts, chunk.losses) == (stage.holder.holder, 1, 0)
    assert stage.chunks.calls["get"] == 2  # nobody is watched on who has shown it


async def test_a_chunk_that_comes_free_meanwhile_is_taken(stage: Stage) -> None:
    """Its holder parted with it, and that is no loss."""
    stage.meanwhile(lambda: stage.holder.release_claim("b:0"))
    taken = await stage.claims.claim("b:0")
    assert taken is not None
    assert (taken.worker, taken.attempts, taken.losses) == (stage.claims.holder, 2, 0)


async def test_a_chunk_that_comes_free_before_the_first_look_is_taken(stage: Stage) -> None:
    """The holder parted with it just before: there is nobody to be watched."""
    stage.chunks.before["get", 1] = lambda: stage.holder.release_claim("b:0")
    taken = await stage.claims.claim("b:0")
    assert taken is not None
    assert (taken.worker, taken.losses, stage.chunks.calls["get"]) == (stage.claims.holder, 0, 1)


@pytest.mark.parametrize("look", [1, 2])
async def test_a_chunk_that_settles_meanwhile_is_not_taken(stage: Stage, look: int) -> None:
    """There is nothing left to do, also when it had settled before the first look."""
    stage.chunks.before["get", look] = lambda: stage.holder.keep("b:0", {0: COMPLETED, 1: FAILED})
    assert await stage.claims.claim("b:0") is None
    assert (await stage.chunk()).attempts == 1


async def test_a_chunk_that_is_removed_meanwhile_is_not_taken(stage: Stage) -> None:
    """Its batch was deleted."""
    stage.meanwhile(lambda: stage.chunks.remove("b"))
    assert await stage.claims.claim("b:0") is None


async def test_an_unknown_chunk_is_not_taken(stage: Stage) -> None:
    """And nobody is watched for it."""
    assert await stage.claims.claim("b:77") is None
    assert stage.chunks.calls["get"] == 1


async def test_a_chunk_that_changes_hands_meanwhile_is_not_taken(stage: Stage) -> None:
    """Of two who watch the same holder the faster gets the chunk, and only one loss is counted."""
    takes = await asyncio.gather(stage.claims.claim("b:0"), stage.another("rival").claim("b:0"))
    assert sum(taken is not None for taken in takes) == 1
    chunk = await stage.chunk()
    assert (chunk.attempts, chunk.losses) == (2, 1)


async def test_a_holder_that_renews_at_the_last_moment_keeps_its_chunk(stage: Stage) -> None:
    """The claim compares the lease once more with the one that was watched."""

    async def renew() -> None:
        stage.clock.step(1)
        await stage.chunks.renew(["b:0"], stage.holder.holder, START + timedelta(seconds=99))

    stage.chunks.before["claim", 2] = renew
    assert await stage.claims.claim("b:0") is None
    assert (await stage.chunk()).worker == stage.holder.holder


@pytest.mark.parametrize("call", [("claim", 1), ("get", 1), ("get", 2), ("claim", 2)])
async def test_database_trouble_while_watching_is_told_and_nobody_is_lost(stage: Stage, call: tuple[str, int]) -> None:
    """The holder may have had the same trouble with its heartbeat."""
    stage.chunks.before[call] = database_away
    with pytest.raises(DocumentsUnavailableError):
        await stage.claims.claim("b:0")
    chunk = await stage.chunk()
    assert (chunk.worker, chunk.losses) == (stage.holder.holder, 0)


async def test_what_is_in_hand_is_renewed_and_nothing_else(stage: Stage) -> None:
    """Neither another's chunk nor one that this worker has let go of."""
    for number in (1, 2):
        await stage.claims.claim(f"b:{number}")
    with stage.claims.held("b:0"), stage.claims.held("b:1"):
        stage.clock.step(10)
        await stage.claims.renew()
    assert await stage.lease_ends() == [30, 40, 30]
    stage.clock.step(10)
    await stage.claims.renew()
    assert await stage.lease_ends() == [30, 40, 30]


async def test_a_chunk_is_let_go_of_even_when_its_work_fails(stage: Stage) -> None:
    """Or a dead chunk would be renewed for ever."""
    await stage.claims.claim("b:1")
    with pytest.raises(ZeroDivisionError), stage.claims.held("b:1"):
        raise ZeroDivisionError
    stage.clock.step(10)
    await stage.claims.renew()
    assert await stage.lease_ends() == [30, 30, 0]


async def test_nothing_in_hand_asks_nothing_of_the_database(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """An idle worker's heartbeat costs no write."""
    monkeypatch.setattr(stage.chunks, "renew", database_away)
    monkeypatch.setattr(stage.chunks, "unsettled_among", database_away)
    await stage.claims.renew()


async def test_what_was_told_is_renewed_until_it_is_folded(stage: Stage) -> None:
    """While trackers are behind, nobody takes the chunk for lost and develops it again."""
    await stage.claims.claim("b:1")
    stage.claims.remember_published("b:1", {2: COMPLETED, 3: FAILED})
    for _ in range(2):
        stage.clock.step(4)
        await stage.claims.renew()
    assert await stage.lease_ends() == [30, 38, 0]
    assert stage.claims.published_outcomes("b:1") == {2: COMPLETED, 3: FAILED}
    assert not (await stage.chunk(1)).outcomes


async def test_what_trackers_do_not_fold_in_time_the_worker_folds_itself(stage: Stage) -> None:
    """Exactly what it told, after the time and not before; then it is forgotten."""
    await stage.claims.claim("b:1")
    stage.claims.remember_published("b:1", {2: COMPLETED, 3: FAILED})
    stage.clock.step(FOLDED_WITHIN_SECONDS - 0.001)
    await stage.claims.renew()
    assert not (await stage.chunk(1)).settled
    stage.clock.step(0.001)
    await stage.claims.renew()
    chunk = await stage.chunk(1)
    assert (chunk.settled, chunk.outcomes) == (True, {"2": COMPLETED, "3": FAILED})
    assert stage.claims.published_outcomes("b:1") == {}


async def test_what_trackers_have_folded_is_only_forgotten(stage: Stage) -> None:
    """The rule: a worker's own fold is for when they are away."""
    await stage.claims.claim("b:1")
    stage.claims.remember_published("b:1", {2: COMPLETED, 3: FAILED})
    await stage.holder.keep("b:1", {2: COMPLETED, 3: FAILED})
    stage.chunks.calls.clear()
    stage.clock.step(FOLDED_WITHIN_SECONDS)
    await stage.claims.renew()
    assert (stage.chunks.calls["fold"], stage.claims.published_outcomes("b:1")) == (0, {})


async def test_what_could_not_be_folded_is_tried_again_with_the_next_heartbeat(stage: Stage) -> None:
    """Nothing is forgotten before it is in the document, and the lease goes on meanwhile."""
    await stage.claims.claim("b:1")
    stage.claims.remember_published("b:1", {2: COMPLETED, 3: FAILED})
    stage.clock.step(FOLDED_WITHIN_SECONDS)
    stage.chunks.before["fold", 1] = database_away
    with pytest.raises(DocumentsUnavailableError):
        await stage.claims.renew()
    assert (await stage.lease_ends())[1] == FOLDED_WITHIN_SECONDS + LEASE_SECONDS
    await stage.claims.renew()
    assert (await stage.chunk(1)).settled


async def test_a_chunk_told_again_waits_for_its_trackers_again(stage: Stage) -> None:
    """A duplicate was handled, and its chunk's last result is a new message."""
    await stage.claims.claim("b:1")
    stage.claims.remember_published("b:1", {2: COMPLETED, 3: FAILED})
    stage.clock.step(FOLDED_WITHIN_SECONDS - 1)
    stage.claims.remember_published("b:1", {2: COMPLETED, 3: FAILED})
    stage.clock.step(1)
    await stage.claims.renew()
    assert not (await stage.chunk(1)).settled


def test_nothing_is_known_of_a_chunk_that_was_not_told(stage: Stage) -> None:
    """Whoever asks gets an empty answer."""
    assert stage.claims.published_outcomes("b:1") == {}


async def test_a_suspect_is_noted_only_by_the_holder(stage: Stage) -> None:
    """Whoever lost its claim hears so before it begins the image."""
    assert await stage.holder.suspect("b:0", 1)
    assert not await stage.claims.suspect("b:0", 0)
    assert (await stage.chunk()).suspect == 1
    assert await stage.holder.suspect("b:0", None)
    assert (await stage.chunk()).suspect is None


async def test_what_is_known_is_kept_without_a_claim(stage: Stage) -> None:
    """A result is a result, whoever has the chunk by now; nothing known asks nothing of the database."""
    await stage.claims.keep("b:0", {1: COMPLETED})
    chunk = await stage.chunk()
    assert (chunk.outcomes, chunk.worker) == ({"1": COMPLETED}, stage.holder.holder)
    await stage.claims.keep("b:0", {})
    assert stage.chunks.calls["fold"] == 1


async def test_a_chunk_handed_back_is_due_when_said(stage: Stage) -> None:
    """At once, or when its retry should have come back; how often it was retried is in the document."""
    stage.clock.step(5)
    await stage.holder.release_claim("b:0")
    chunk = await stage.chunk()
    assert (chunk.worker, chunk.lease_until, chunk.retries, chunk.not_before) == (None, stage.clock(), 0, None)
    await stage.holder.claim("b:0")
    not_before = stage.holder.later(9)
    await stage.holder.release_claim("b:0", due_in_seconds=25, retries=2, not_before=not_before)
    chunk = await stage.chunk()
    assert (chunk.worker, chunk.lease_until, chunk.retries) == (None, stage.clock() + timedelta(seconds=25), 2)
    assert chunk.not_before == not_before


async def test_a_chunk_in_a_backoff_is_not_taken_before_its_time(stage: Stage) -> None:
    """Not even by the worker that had it; nobody is watched for it, and nobody is lost."""
    await stage.holder.release_claim("b:0", due_in_seconds=25, retries=1, not_before=stage.holder.later(9))
    before = await stage.chunk()
    stage.clock.step(8.999)
    assert [await claims.claim("b:0") for claims in (stage.claims, stage.holder)] == [None, None]
    assert (await stage.chunk(), stage.chunks.calls["get"]) == (before, 2)
    stage.clock.step(0.001)
    taken = await stage.claims.claim("b:0")
    assert taken is not None
    assert (taken.attempts, taken.losses, taken.not_before) == (2, 0, None)


async def test_a_chunk_that_is_anothers_by_now_is_not_handed_back(stage: Stage) -> None:
    """Its holder would lose it."""
    await stage.claims.release_claim("b:0")
    assert (await stage.chunk()).worker == stage.holder.holder


async def test_parting_keeps_what_is_known_first(stage: Stage) -> None:
    """Whoever gets the chunk next must not make the same images again."""
    seen: list[Chunk] = []

    async def look() -> None:
        seen.append(await stage.chunk())

    stage.chunks.before["release_claim", 1] = look
    await stage.holder.keep_and_release("b:0", {1: COMPLETED})
    assert [chunk.unfinished_indexes for chunk in seen] == [(0,)]
    chunk = await stage.chunk()
    assert (chunk.worker, chunk.lease_until, chunk.outcomes) == (None, START, {"1": COMPLETED})
