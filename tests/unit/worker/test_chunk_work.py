import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

import pytest
import structlog
from structlog.testing import capture_logs

from services.worker.chunks import work as chunk_work
from services.worker.chunks.admission import BatchInactiveError, WorkerStoppingError
from services.worker.chunks.recent_batches import FRESH_SECONDS
from services.worker.chunks.work import (
    CRASHED_SENTENCE,
    MAX_SUSPICIONS,
    SUSPICIOUS_LOSSES,
    ChunkWork,
    ClaimLostError,
)
from services.worker.imaging.failures import ImageRejected
from shared.documents import Batch
from shared.errors import BrokerUnavailableError, DocumentsUnavailableError, StorageUnavailableError
from shared.failure_codes import FailureCode
from shared.messaging.messages import ImageCompleted, ImageFailed
from tests.fakes import DEADLINE_SECONDS, START, until
from tests.unit.worker.stage import COMPLETED, SLOTS, TURN, Stage, database_away

SIDE_BY_SIDE = "side by side"
ONE_BY_ONE = "one by one"
BOTH_WAYS = pytest.mark.parametrize("way", [SIDE_BY_SIDE, ONE_BY_ONE])


async def taken(stage: Stage, way: str) -> ChunkWork:
    """The chunk in hand, by its losses to be developed in this way."""
    if way == ONE_BY_ONE:
        await stage.lose(SUSPICIOUS_LOSSES)
    return await stage.worker.take()


def alone(*indexes: int) -> list[str]:
    """The log of a stage on which these images were suspects, one after the other."""
    return [line for i in indexes for line in (f"{i} is the suspect", f"{i} begins", "nobody is the suspect")]


@BOTH_WAYS
async def test_every_image_is_developed_told_and_known(stage: Stage, way: str) -> None:
    """What the work knows afterwards is what the messages say."""
    work = await taken(stage, way)
    assert await stage.developing.develop(work) is None
    assert stage.completed() == [0, 1, 2, 3]
    assert work.outcomes == {message.index: message.outcome for message in stage.publisher.of(ImageCompleted)}
    assert work.unfinished_indexes == []


@BOTH_WAYS
async def test_what_is_in_the_document_or_known_besides_is_not_developed_again(stage: Stage, way: str) -> None:
    """A retry or a duplicate does only what is missing."""
    await stage.fold(1)
    work = await taken(stage, way)
    work.outcomes[2] = COMPLETED
    assert work.unfinished_indexes == [0, 3]
    assert await stage.developing.develop(work) is None
    assert sorted(stage.engine.developed) == [b"original 0", b"original 3"]


async def test_images_go_side_by_side_as_far_as_there_are_places(stage: Stage) -> None:
    """Also those of several chunks together: the slots bound what is in memory. Nobody is suspected."""
    stage.engine.go_on.clear()
    other = await stage.add_chunk(1)
    works = [await stage.worker.take(), await stage.worker.take(other.id)]
    developing = asyncio.gather(*(stage.developing.develop(work) for work in works))
    await until(lambda: stage.engine.at_work == SLOTS)
    stage.engine.go_on.set()
    await developing
    assert (stage.engine.most_at_work, len(stage.engine.developed)) == (SLOTS, 8)
    assert stage.chunks.calls["suspect"] == 0


async def test_one_loss_makes_no_suspects(stage: Stage) -> None:
    """Workers are restarted and killed for reasons of their own; the limit is exact."""
    await stage.lose(SUSPICIOUS_LOSSES - 1)
    stage.engine.go_on.clear()
    developing = asyncio.create_task(stage.developing.develop(await stage.worker.take()))
    await until(lambda: stage.engine.at_work == SLOTS)
    stage.engine.go_on.set()
    assert await developing is None
    assert stage.chunks.calls["suspect"] == 0


async def test_a_suspicious_chunk_goes_one_by_one_each_image_noted_before_and_cleared_after(stage: Stage) -> None:
    """If the worker is lost now, the document says with which image."""
    work = await taken(stage, ONE_BY_ONE)
    with capture_logs() as logs:
        await stage.developing.develop(work)
    assert stage.log == alone(0, 1, 2, 3)
    (entry,) = [entry for entry in logs if entry["event"] == "chunk_suspected"]
    assert (entry["batch_id"], entry["chunk_id"], entry["losses"]) == ("b", "b:0", SUSPICIOUS_LOSSES)


async def test_nothing_is_developed_beside_a_suspect_not_even_of_other_chunks(stage: Stage) -> None:
    """Or an innocent image would be taken for its neighbour: it waits for those in hand, and the next wait for it."""
    neighbour = await stage.worker.take((await stage.add_chunk(1)).id)
    suspicious = await taken(stage, ONE_BY_ONE)
    stage.engine.held[b"original 7"] = asyncio.Event()
    first = asyncio.create_task(stage.developing.develop(neighbour))
    await until(lambda: len(stage.engine.developed) == 3)
    second = asyncio.create_task(stage.developing.develop(suspicious))
    await until(lambda: stage.worker.slots.all_wanted == 1)
    third = asyncio.create_task(stage.developing.develop(await stage.worker.take((await stage.add_chunk(2)).id)))
    stage.engine.held[b"original 7"].set()
    assert set(await asyncio.gather(first, second, third)) == {None}
    assert stage.completed() == list(range(12))
    assert all(stage.engine.beside[b"original %d" % index] == set() for index in range(4))
    assert stage.worker.slots.all_wanted == 4


@pytest.mark.parametrize(
    "trouble", [ImageRejected(FailureCode.UNREADABLE, "No image."), StorageUnavailableError("down"), KeyError("a bug")]
)
async def test_a_suspect_is_cleared_however_its_image_ends(stage: Stage, trouble: Exception) -> None:
    """Only the end of the worker leaves it in the document."""
    stage.engine.instead[b"original 1"] = trouble
    await stage.developing.develop(await taken(stage, ONE_BY_ONE))
    assert stage.log == alone(0, 1, 2, 3)
    assert (await stage.chunk()).suspect is None


async def test_a_suspect_is_cleared_when_the_work_is_cancelled(stage: Stage) -> None:
    """The drain's deadline is nobody's crash."""
    stage.engine.go_on.clear()
    work = await taken(stage, ONE_BY_ONE)
    developing = asyncio.create_task(stage.developing.develop(work))
    await until(lambda: stage.engine.at_work == 1)
    assert (await stage.chunk()).suspect == 0
    developing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await developing
    assert (await stage.chunk()).suspect is None
    assert stage.log == alone(0)


@BOTH_WAYS
@pytest.mark.parametrize(
    "rest", [lambda b: b.with_pause(START), lambda b: b.stopped("cancelled", START)], ids=["paused", "stopped"]
)
async def test_a_resting_batch_begins_no_image_and_has_no_suspect(
    stage: Stage, way: str, rest: Callable[[Batch], Batch]
) -> None:
    """A worker that is lost while it waits has lost nothing to an image."""
    work = await taken(stage, way)
    await stage.change(rest)
    assert isinstance(await stage.developing.develop(work), BatchInactiveError)
    assert (stage.log, work.outcomes) == ([], {})


@BOTH_WAYS
async def test_a_stopping_worker_begins_no_image_and_has_no_suspect(stage: Stage, way: str) -> None:
    """The rest is another worker's."""
    work = await taken(stage, way)
    stage.stopping.set()
    assert isinstance(await stage.developing.develop(work), WorkerStoppingError)
    assert (stage.log, work.outcomes) == ([], {})


@pytest.mark.parametrize("free", [0, 1])
async def test_images_of_a_stopped_batch_wait_for_no_place(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, free: int
) -> None:
    """Those of other batches may be slow; what has its place is finished, and every place is there afterwards."""
    monkeypatch.setattr(chunk_work, "WAITING_CHECK_SECONDS", 0.001)
    stage.engine.go_on.clear()
    slots = stage.worker.slots
    async with AsyncExitStack() as others:
        for _ in range(SLOTS - free):
            await others.enter_async_context(slots.one(TURN))
        work = await stage.worker.take()
        developing = asyncio.create_task(stage.developing.develop(work))
        await until(lambda: stage.engine.at_work == free)
        await stage.documents.batches.change("b", lambda batch: batch.stopped("cancelled", stage.clock()))
        stage.clock.step(FRESH_SECONDS)
        if free:
            stage.engine.go_on.set()
        async with asyncio.timeout(DEADLINE_SECONDS):
            assert isinstance(await developing, BatchInactiveError)
        assert len(work.outcomes) == free
    async with asyncio.timeout(DEADLINE_SECONDS), slots.all(TURN):
        pass


async def test_cancelling_ends_the_waiting_for_a_place(stage: Stage) -> None:
    """As a cancellation, and no place is lost by it."""
    slots = stage.worker.slots
    async with slots.all(TURN):
        developing = asyncio.create_task(stage.developing.develop(await stage.worker.take()))
        await until(lambda: bool(slots._line))
        developing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await developing
    async with asyncio.timeout(DEADLINE_SECONDS), slots.all(TURN):
        pass


async def test_a_batch_that_is_paused_between_two_suspects_rests_from_there(stage: Stage) -> None:
    """What was developed is told and known."""
    work = await taken(stage, ONE_BY_ONE)

    async def pause() -> None:
        await stage.change(lambda b: b.with_pause(START))

    stage.chunks.before["suspect", 4] = pause
    assert isinstance(await stage.developing.develop(work), BatchInactiveError)
    assert stage.log == alone(0, 1)
    assert stage.completed() == sorted(work.outcomes) == [0, 1]


async def test_an_image_that_ended_its_workers_fails_by_name_while_its_siblings_complete(stage: Stage) -> None:
    """It is not begun once more; its owner reads why."""
    await stage.lose(MAX_SUSPICIONS, *[2] * MAX_SUSPICIONS)
    work = await stage.worker.take()
    with capture_logs() as logs:
        assert await stage.developing.develop(work) is None
    assert stage.log == alone(0, 1, 3)
    assert stage.completed() == [0, 1, 3]
    (failed,) = stage.publisher.of(ImageFailed)
    assert (failed.batch_id, failed.chunk, failed.index) == ("b", 0, 2)
    assert (failed.code, failed.message, failed.worker) == ("crashed", CRASHED_SENTENCE, "w")
    assert work.outcomes[2] == failed.outcome
    assert [(entry["image_index"], entry["code"]) for entry in logs if entry["event"] == "image_failed"] == [
        (2, "crashed")
    ]


@BOTH_WAYS
async def test_a_failed_image_is_one_line_in_the_log_and_a_completed_one_none(stage: Stage, way: str) -> None:
    """With its code and where it is; a batch of a million images would otherwise fill the disk."""
    stage.engine.instead[b"original 1"] = ImageRejected(FailureCode.UNREADABLE, "It is torn.")
    work = await taken(stage, way)
    with capture_logs() as logs:
        assert await stage.developing.develop(work) is None
    assert [entry for entry in logs if entry["event"] != "chunk_suspected"] == [
        {
            "event": "image_failed",
            "log_level": "info",
            "batch_id": "b",
            "chunk_id": "b:0",
            "image_index": 1,
            "code": "unreadable",
            "error": "It is torn.",
        }
    ]


@BOTH_WAYS
async def test_what_the_engine_logs_carries_the_image(stage: Stage, way: str) -> None:
    """It knows bytes only; each image's lines have its own ids, though images go side by side."""
    await stage.developing.develop(await taken(stage, way))
    assert stage.engine.log_contexts == {
        b"original %d" % index: {"batch_id": "b", "chunk_id": "b:0", "image_index": index} for index in range(4)
    }
    assert "image_index" not in structlog.contextvars.get_contextvars()


async def test_an_image_gets_its_last_chance(stage: Stage) -> None:
    """One suspicion fewer, or as many spread over two images, and each is developed."""
    await stage.lose(2 * (MAX_SUSPICIONS - 1), *[2, 3] * (MAX_SUSPICIONS - 1))
    assert await stage.developing.develop(await stage.worker.take()) is None
    assert stage.completed() == [0, 1, 2, 3]


async def test_several_images_that_ended_their_workers_all_fail_by_name(stage: Stage) -> None:
    """A hostile upload ends too."""
    await stage.lose(4 * MAX_SUSPICIONS, *[0, 1, 2, 3] * MAX_SUSPICIONS)
    assert await stage.developing.develop(await stage.worker.take()) is None
    assert [(failed.index, failed.code) for failed in stage.publisher.of(ImageFailed)] == [
        (index, "crashed") for index in range(4)
    ]
    assert stage.engine.developed == []


async def test_a_claim_lost_in_the_middle_ends_the_work_before_the_next_image(stage: Stage) -> None:
    """The new holder develops the rest; what is known by then stays known."""
    work = await taken(stage, ONE_BY_ONE)

    stage.chunks.before["suspect", 5] = lambda: stage.hold_for("another")
    cause = await stage.developing.develop(work)
    assert isinstance(cause, ClaimLostError)
    assert [line for line in stage.log if line.endswith("begins")] == ["0 begins", "1 begins"]
    assert sorted(work.outcomes) == stage.completed() == [0, 1]
    assert (await stage.chunk()).suspect is None


@BOTH_WAYS
async def test_trouble_with_one_image_lets_its_siblings_go_on(stage: Stage, way: str) -> None:
    """They are told and known, and it is neither."""
    stage.engine.instead[b"original 1"] = StorageUnavailableError("down")
    work = await taken(stage, way)
    with capture_logs() as logs:
        cause = await stage.developing.develop(work)
    assert isinstance(cause, StorageUnavailableError)
    assert stage.completed() == sorted(work.outcomes) == [0, 2, 3]
    (entry,) = [entry for entry in logs if entry["event"] == "image_postponed"]
    assert (entry["batch_id"], entry["chunk_id"], entry["image_index"]) == ("b", "b:0", 1)
    assert (entry["code"], entry["error"]) == ("storage_unavailable", "down")


@BOTH_WAYS
async def test_a_bug_is_logged_with_its_traceback_and_costs_no_sibling(stage: Stage, way: str) -> None:
    """The log says whose image it was."""
    stage.engine.instead[b"original 1"] = KeyError("a bug")
    work = await taken(stage, way)
    with capture_logs() as logs:
        assert isinstance(await stage.developing.develop(work), KeyError)
    (entry,) = [entry for entry in logs if entry["log_level"] == "error"]
    assert (entry["batch_id"], entry["chunk_id"], entry["image_index"], entry["exc_info"]) == ("b", "b:0", 1, True)
    assert stage.completed() == [0, 2, 3]


@BOTH_WAYS
@pytest.mark.parametrize(
    "troubles",
    [
        [DocumentsUnavailableError("down"), BrokerUnavailableError("down")],
        [BrokerUnavailableError("down"), BatchInactiveError("paused")],
        [BatchInactiveError("paused"), WorkerStoppingError("stopping")],
        [ClaimLostError("another's"), WorkerStoppingError("stopping")],
        [WorkerStoppingError("stopping"), StorageUnavailableError("down")],
        [DocumentsUnavailableError("down"), KeyError("a bug")],
    ],
    ids=lambda troubles: " before ".join(type(trouble).__name__ for trouble in troubles),
)
@pytest.mark.parametrize("turned", [False, True])
async def test_the_gravest_trouble_is_the_cause(
    stage: Stage,
    troubles: list[Exception],
    way: str,
    turned: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """What is no fault of the images comes before what is, in whichever order they fail; one by one it also ends them.

    A chunk must not use up its retries because a server was away when one of its images had trouble of its own.
    """
    graver, lesser = troubles
    first, last = (lesser, graver) if turned else (graver, lesser)
    stage.engine.instead = {b"original 1": first, b"original 2": last}
    cause = await stage.developing.develop(await taken(stage, way))
    ends_at_once = way == ONE_BY_ONE and isinstance(
        first, DocumentsUnavailableError | BrokerUnavailableError | BatchInactiveError | WorkerStoppingError
    )
    assert cause is (first if ends_at_once else graver)
    assert len(stage.engine.developed) == (2 if ends_at_once else 3 if way == ONE_BY_ONE else 4)


@BOTH_WAYS
async def test_a_result_that_is_not_confirmed_is_known_all_the_same(stage: Stage, way: str) -> None:
    """Whoever parts with the chunk keeps it, so the image is not developed again."""
    stage.publisher.errors.append(BrokerUnavailableError("no confirm"))
    work = await taken(stage, way)
    assert isinstance(await stage.developing.develop(work), BrokerUnavailableError)
    known = [0, 1, 2, 3] if way == SIDE_BY_SIDE else [0]
    assert sorted(work.outcomes) == known
    assert len(stage.completed()) == len(known) - 1


@BOTH_WAYS
async def test_a_result_that_waits_for_its_confirm_holds_no_place(stage: Stage, way: str) -> None:
    """A slow broker must not keep images from being developed, those of other chunks in particular."""
    stage.publisher.go_on.clear()
    other = await stage.worker.take((await stage.add_chunk(1)).id)
    work = await taken(stage, way)
    developing = asyncio.gather(stage.developing.develop(work), stage.developing.develop(other))
    expected = 8 if way == SIDE_BY_SIDE else 5
    await until(lambda: len(stage.engine.developed) == expected)
    assert not developing.done()
    stage.publisher.go_on.set()
    assert list(await developing) == [None, None]
    assert stage.completed() == list(range(8))


async def test_a_suspect_is_cleared_before_anything_else_begins_though_the_database_is_away(stage: Stage) -> None:
    """Or it would be suspected of what another image does. Nobody else has a place meanwhile."""
    tries = 5
    for number in range(tries):
        stage.chunks.before["suspect", 2 + number] = database_away
    neighbour = await stage.worker.take((await stage.add_chunk(1)).id)
    work = await taken(stage, ONE_BY_ONE)
    suspects: list[int | None] = []

    async def look() -> None:
        suspects.append((await stage.chunk()).suspect)
        assert stage.log == alone(0)[:2]

    stage.chunks.before["suspect", 2 + tries] = look
    causes = await asyncio.gather(stage.developing.develop(work), stage.developing.develop(neighbour))
    assert list(causes) == [None, None]
    assert suspects == [0]
    assert stage.engine.beside[b"original 0"] == set()
    assert stage.completed() == list(range(8))


async def test_a_stopping_worker_does_not_wait_for_the_database_to_clear_a_suspect(stage: Stage) -> None:
    """Its last result is told; the chunk is handed back or taken back, which clears it as well."""
    work = await taken(stage, ONE_BY_ONE)

    async def stop() -> None:
        stage.stopping.set()
        await database_away()

    stage.chunks.before["suspect", 2] = stop
    assert isinstance(await stage.developing.develop(work), WorkerStoppingError)
    assert stage.completed() == [0]
    assert stage.chunks.calls["suspect"] == 2


async def test_a_suspect_that_cannot_be_noted_is_not_begun(stage: Stage) -> None:
    """The next time it is: a database that is away is waited out with the whole chunk."""
    work = await taken(stage, ONE_BY_ONE)
    stage.chunks.before["suspect", 3] = database_away
    assert isinstance(await stage.developing.develop(work), DocumentsUnavailableError)
    assert stage.log == alone(0)
    assert sorted(work.outcomes) == [0]
