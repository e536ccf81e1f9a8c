import asyncio
from datetime import timedelta

import pytest

from services.worker.handlers import (
    BACKOFF_TOLERANCE_SECONDS,
    CRASHED_CHUNK_SENTENCE,
    MAX_UNEXPLAINED_LOSSES,
    RETRY_SLACK_SECONDS,
)
from services.worker.imaging.failures import ImageRejected
from shared.errors import StorageUnavailableError, TransientError
from shared.failure_codes import FailureCode
from shared.messaging.encoding import encode
from shared.messaging.messages import ChunkFailed, ChunkReady, ImageCompleted, ImageFailed, Message
from shared.messaging.topology import RETRY_STEPS, RetryStep
from shared.object_keys import STORE_MARKER_KEY, original_key
from tests.fakes import DEADLINE_SECONDS, START, until
from tests.unit.worker.stage import LAST, LEASE_SECONDS, READY, Stage

DOWN = StorageUnavailableError("the store is down")


async def test_a_chunk_is_claimed_developed_and_told_image_by_image(stage: Stage) -> None:
    """One result for each image, and the claim is in the chunk's document."""
    await stage.handlers.chunk_ready(READY)
    assert stage.completed() == [0, 1, 2, 3]
    assert stage.publisher.later == []
    chunk = await stage.chunk()
    assert (chunk.worker, chunk.attempts) == (stage.claims.holder, 1)
    assert chunk.lease_until == START + timedelta(seconds=LEASE_SECONDS)


async def test_images_with_an_outcome_are_not_developed_again(stage: Stage) -> None:
    """A retry or a redelivery does only what is missing."""
    await stage.fold(0, 2)
    await stage.handlers.chunk_ready(READY)
    assert stage.completed() == [1, 3]
    assert sorted(stage.engine.developed) == [b"original 1", b"original 3"]


async def test_a_settled_chunk_is_not_developed_again(stage: Stage) -> None:
    """Handled twice is handled once, as soon as the results are folded."""
    await stage.handlers.chunk_ready(READY)
    await stage.fold(0, 1, 2, 3)
    await stage.handlers.chunk_ready(READY)
    assert stage.completed() == [0, 1, 2, 3]
    assert (await stage.chunk()).attempts == 1


async def test_a_duplicate_after_completion_and_before_the_fold_develops_nothing_again(stage: Stage) -> None:
    """The worker remembers what it told, and does not tell it twice either."""
    await stage.handlers.chunk_ready(READY)
    await stage.handlers.chunk_ready(READY)
    assert (len(stage.engine.developed), stage.completed()) == (4, [0, 1, 2, 3])
    assert not (await stage.chunk()).outcomes


async def test_a_duplicate_at_another_worker_before_the_fold_develops_nothing_again(stage: Stage) -> None:
    """The heartbeat of the worker that told it shows that the results are on their way."""
    await stage.handlers.chunk_ready(READY)
    stage.clock.step(1)
    stage.chunks.before["get", 2] = stage.claims.renew
    await stage.another("other").handlers.chunk_ready(READY)
    assert (len(stage.engine.developed), stage.completed()) == (4, [0, 1, 2, 3])
    assert (await stage.chunk()).losses == 0


async def test_the_siblings_of_a_rejected_image_are_completed(stage: Stage) -> None:
    """Bad input is named and the rest goes on; nothing is retried for it."""
    stage.engine.instead[b"original 1"] = ImageRejected(FailureCode.UNREADABLE, "This is not an image.")
    await stage.handlers.chunk_ready(READY)
    assert stage.completed() == [0, 2, 3]
    (failed,) = stage.publisher.of(ImageFailed)
    assert (failed.index, failed.code) == (1, "unreadable")
    assert (stage.publisher.later, stage.publisher.of(ChunkFailed)) == ([], [])


@pytest.mark.parametrize("attempt", range(len(RETRY_STEPS)))
async def test_transient_trouble_is_retried_on_the_step_of_its_attempt(stage: Stage, attempt: int) -> None:
    """The siblings are told and kept now, the chunk comes back later, and nobody holds or misses it meanwhile."""
    stage.engine.instead[b"original 1"] = DOWN
    message = READY.model_copy(update={"attempt": attempt})
    await stage.handlers.chunk_ready(message)
    assert stage.completed() == [0, 2, 3]
    step = RETRY_STEPS[attempt]
    assert stage.publisher.later == [(READY.model_copy(update={"attempt": attempt + 1}), step)]
    assert stage.log[-3:] == ["[0, 2, 3] kept", f"retry in {step.name}", "handed back"]
    chunk = await stage.chunk()
    assert (chunk.worker, chunk.retries, chunk.unfinished_indexes) == (None, attempt + 1, (1,))
    assert chunk.lease_until == stage.clock() + timedelta(seconds=step.delay_seconds + RETRY_SLACK_SECONDS)
    assert chunk.not_before == stage.clock() + timedelta(seconds=step.delay_seconds - BACKOFF_TOLERANCE_SECONDS)
    assert stage.publisher.of(ChunkFailed) == []


@pytest.mark.parametrize("attempt", range(len(RETRY_STEPS)))
async def test_whatever_comes_during_a_backoff_is_dropped_and_the_retry_is_not(stage: Stage, attempt: int) -> None:
    """A duplicate, or what a resumed batch sent, costs no retry; the retry may come a little early by this clock."""
    stage.engine.instead[b"original 1"] = DOWN
    message = READY.model_copy(update={"attempt": attempt})
    await stage.handlers.chunk_ready(message)
    ((retry, step),) = stage.publisher.later
    assert isinstance(retry, ChunkReady)
    before = await stage.chunk()
    for seconds in (0, step.delay_seconds - BACKOFF_TOLERANCE_SECONDS - 0.001):
        stage.clock.step(seconds)
        for duplicate in (READY, message, retry):
            await stage.another("other").handlers.chunk_ready(duplicate)
            await stage.handlers.chunk_ready(duplicate)
    assert (await stage.chunk(), len(stage.publisher.later)) == (before, 1)
    del stage.engine.instead[b"original 1"]
    stage.clock.step(0.001)
    await stage.another("other").handlers.chunk_ready(retry)
    assert stage.completed() == [0, 1, 2, 3]
    assert ((await stage.chunk()).attempts, (await stage.chunk()).not_before) == (2, None)


async def test_a_retry_of_an_express_chunk_goes_to_its_lane(stage: Stage) -> None:
    """It is not the first work of its batch any more, and every worker of the release before takes it."""
    stage.engine.instead = {b"original 1": DOWN}
    await stage.handlers.chunk_ready(READY.model_copy(update={"express": True, "owner": "o", "cost_ms": 400}))
    ((retry, _),) = stage.publisher.later
    assert retry == READY.model_copy(update={"attempt": 1, "owner": "o", "cost_ms": 400})


async def test_a_slow_confirm_does_not_have_the_chunk_refused_to_its_retry(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broker may have begun to count long before it is known to have the message."""
    publish_later, step = stage.publisher.publish_later, RETRY_STEPS[0]

    async def slow(message: Message, step: RetryStep) -> None:
        await publish_later(message, step)
        stage.clock.step(step.delay_seconds)

    monkeypatch.setattr(stage.publisher, "publish_later", slow)
    stage.engine.instead[b"original 1"] = DOWN
    await stage.handlers.chunk_ready(READY)
    assert stage.retries() == [(1, step.delay_seconds)]
    assert not (await stage.chunk()).backs_off(stage.clock())


async def test_retries_are_counted_whichever_message_comes(stage: Stage) -> None:
    """A duplicate of the first message, or one that the reconciler sent, does not begin the count again."""
    stage.engine.instead[b"original 1"] = DOWN
    for _ in range(len(RETRY_STEPS) + 1):
        await stage.handlers.chunk_ready(READY)
        stage.clock.step(30)
    assert stage.retries() == [(number + 1, step.delay_seconds) for number, step in enumerate(RETRY_STEPS)]
    (failed,) = stage.publisher.of(ChunkFailed)
    assert failed.code == "storage_unavailable"


async def test_an_old_message_does_not_set_the_count_back(stage: Stage) -> None:
    """Nor does a late one: the higher of both counts is the count."""
    stage.engine.instead[b"original 1"] = DOWN
    for attempt in (1, 0, 1):
        await stage.handlers.chunk_ready(READY.model_copy(update={"attempt": attempt}))
        stage.clock.step(30)
    assert [attempt for attempt, _ in stage.retries()] == [2, 3]
    assert len(stage.publisher.of(ChunkFailed)) == 1
    assert (await stage.chunk()).retries == 3


async def test_after_the_last_attempt_the_chunk_fails_with_the_last_cause(stage: Stage) -> None:
    """Retried at most three times; then what is known is kept, and the rest ends with a code that says why."""
    stage.engine.instead[b"original 1"] = DOWN
    await stage.handlers.chunk_ready(LAST)
    assert stage.completed() == [0, 2, 3]
    (failed,) = stage.publisher.of(ChunkFailed)
    assert (failed.batch_id, failed.chunk, failed.code) == ("b", 0, "storage_unavailable")
    assert failed.message == FailureCode.STORAGE_UNAVAILABLE.text.english
    assert stage.publisher.later == []
    assert stage.log[-2:] == ["[0, 2, 3] kept", "given up"]


async def test_an_unexpected_exception_is_retried_like_trouble_and_then_internal(stage: Stage) -> None:
    """A bug of ours costs retries, then the one image."""
    stage.engine.instead[b"original 1"] = KeyError("a bug")
    await stage.handlers.chunk_ready(READY)
    assert [step for _, step in stage.publisher.later] == [RETRY_STEPS[0]]
    stage.clock.step(2)
    await stage.handlers.chunk_ready(LAST)
    (failed,) = stage.publisher.of(ChunkFailed)
    assert failed.code == "internal_error"


async def test_a_chunk_whose_store_is_found_empty_is_retried_and_completed_once_it_is_back(stage: Stage) -> None:
    """An empty folder is there, and nothing of it is true: no image fails because of it."""
    await stage.objects.remove_under("originals/b/")
    await stage.objects.remove(STORE_MARKER_KEY)
    await stage.handlers.chunk_ready(READY)
    assert [step for _, step in stage.publisher.later] == [RETRY_STEPS[0]]
    assert not stage.publisher.of(ImageFailed)
    await stage.objects.mark()
    for index in range(4):
        await stage.objects.put(original_key("b", index), b"original %d" % index)
    ((again, step),) = stage.publisher.later
    assert isinstance(again, ChunkReady)
    stage.clock.step(step.delay_seconds)
    await stage.handlers.chunk_ready(again)
    assert stage.completed() == [0, 1, 2, 3]


async def test_a_cause_however_long_and_strange_fits_into_a_message(stage: Stage) -> None:
    """Larger than 64 KiB it could not be read, and the chunk would never end."""
    strange = "down \udcff " + "x" * 100_000
    stage.engine.instead[b"original 1"] = StorageUnavailableError(strange, for_owner=strange)
    await stage.handlers.chunk_ready(LAST)
    (failed,) = stage.publisher.of(ChunkFailed)
    assert len(encode(failed)) < 2000


async def test_a_duplicate_is_dropped_while_another_worker_has_the_chunk(stage: Stage) -> None:
    """It shows life, so the results are on their way."""
    stage.engine.go_on.clear()
    first = asyncio.create_task(stage.handlers.chunk_ready(READY))
    await until(lambda: stage.engine.at_work > 0)
    stage.clock.step(1)
    stage.chunks.before["get", 2] = stage.claims.renew
    async with asyncio.timeout(DEADLINE_SECONDS):
        await stage.another("other").handlers.chunk_ready(READY)
    stage.engine.go_on.set()
    await first
    assert stage.completed() == [0, 1, 2, 3]
    assert {message.worker for message in stage.publisher.of(ImageCompleted)} == {"w"}


async def test_a_silent_holder_is_replaced_however_long_its_lease(stage: Stage) -> None:
    """The broker gave the message to another, who need not wait for the lease to run out."""
    await stage.hold_for("gone", seconds=3600)
    await stage.handlers.chunk_ready(READY)
    assert stage.completed() == [0, 1, 2, 3]
    assert (await stage.chunk()).losses == 1


async def test_a_chunk_that_lost_too_many_workers_for_no_known_reason_is_given_up(stage: Stage) -> None:
    """Nobody touches its images again, so that the batch can end."""
    await stage.lose(MAX_UNEXPLAINED_LOSSES)
    await stage.fold(2)
    await stage.handlers.chunk_ready(READY)
    (failed,) = stage.publisher.of(ChunkFailed)
    assert (failed.code, failed.message) == ("crashed", CRASHED_CHUNK_SENTENCE)
    assert stage.engine.developed == []


async def test_losses_that_an_image_explains_do_not_give_the_chunk_up(stage: Stage) -> None:
    """They count against the image; the limit is exact."""
    await stage.lose(MAX_UNEXPLAINED_LOSSES + 1, 1, 3)
    await stage.handlers.chunk_ready(READY)
    assert stage.publisher.of(ChunkFailed) == []
    assert stage.completed() == [0, 1, 2, 3]


async def test_a_chunk_that_is_given_up_is_given_up_again_until_it_settles(stage: Stage) -> None:
    """Its message may be lost; a second one changes nothing."""
    await stage.lose(MAX_UNEXPLAINED_LOSSES)
    for _ in range(2):
        await stage.handlers.chunk_ready(READY)
    first, second = stage.publisher.of(ChunkFailed)
    assert first == second


async def test_chunks_of_finished_or_unknown_batches_are_passed_over(stage: Stage) -> None:
    """A revoked batch's chunks are still in the queues."""
    await stage.documents.batches.change("b", lambda b: b.changed(START, status="REVOKED"))
    await stage.handlers.chunk_ready(READY)
    await stage.handlers.chunk_ready(ChunkReady(batch_id="nobody", chunk=0))
    assert stage.publisher.published == []
    assert (await stage.chunk()).attempts == 0


async def test_a_chunk_that_nobody_recorded_is_passed_over(stage: Stage) -> None:
    """It was removed, or its message is older than the database's last backup."""
    await stage.handlers.chunk_ready(READY.model_copy(update={"chunk": 77}))
    assert stage.publisher.published == []


async def test_leases_are_renewed_while_a_chunk_is_in_hand(stage: Stage) -> None:
    """A long chunk does not count as lost; one that is done is renewed until it settles."""
    stage.engine.go_on.clear()
    working = asyncio.create_task(stage.handlers.chunk_ready(READY))
    await until(lambda: stage.engine.at_work > 0)
    stage.clock.step(20)
    await stage.claims.renew()
    assert (await stage.chunk()).lease_until == START + timedelta(seconds=20 + LEASE_SECONDS)
    stage.engine.go_on.set()
    await working
    stage.clock.step(5)
    await stage.claims.renew()
    renewed = START + timedelta(seconds=25 + LEASE_SECONDS)
    assert (await stage.chunk()).lease_until == renewed
    await stage.fold(0, 1, 2, 3)
    stage.clock.step(5)
    await stage.claims.renew()
    assert (await stage.chunk()).lease_until == renewed


async def test_a_chunk_that_waits_for_its_retry_is_not_renewed(stage: Stage) -> None:
    """Nobody has it, and its lease says when it counts as lost."""
    stage.engine.instead[b"original 1"] = DOWN
    await stage.handlers.chunk_ready(READY)
    due = (await stage.chunk()).lease_until
    stage.clock.step(20)
    await stage.claims.renew()
    assert (await stage.chunk()).lease_until == due


async def test_a_handler_returns_only_when_every_result_is_confirmed(stage: Stage) -> None:
    """The consume loop acks on return, so a result must not be under way then."""
    stage.publisher.go_on.clear()
    working = asyncio.create_task(stage.handlers.chunk_ready(READY))
    await until(lambda: len(stage.engine.developed) == 4)
    assert not working.done()
    stage.publisher.go_on.set()
    await working
    assert stage.completed() == [0, 1, 2, 3]


async def test_a_redelivery_to_the_same_worker_ends_with_the_first_delivery(stage: Stage) -> None:
    """After a lost connection the chunk is still in hand: it is developed once, and claimed once."""
    stage.engine.go_on.clear()
    first = asyncio.create_task(stage.handlers.chunk_ready(READY))
    await until(lambda: stage.engine.at_work > 0)
    again = asyncio.create_task(stage.handlers.chunk_ready(READY))
    await asyncio.sleep(0)
    assert not again.done()
    stage.engine.go_on.set()
    await asyncio.gather(first, again)
    assert stage.completed() == [0, 1, 2, 3]
    assert (await stage.chunk()).attempts == 1


async def test_a_redelivery_outlives_a_first_delivery_that_failed(stage: Stage) -> None:
    """It goes back to the queue, and the next delivery starts afresh."""
    stage.engine.go_on.clear()
    first = asyncio.create_task(stage.handlers.chunk_ready(READY))
    await until(lambda: stage.engine.at_work > 0)
    again = asyncio.create_task(stage.handlers.chunk_ready(READY))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(TransientError):
        await again
    stage.engine.go_on.set()
    await stage.handlers.chunk_ready(READY)
    assert stage.completed() == [0, 1, 2, 3]


async def test_a_redelivery_that_is_cancelled_leaves_the_first_delivery_alone(stage: Stage) -> None:
    """Its connection may be lost once more."""
    stage.engine.go_on.clear()
    first = asyncio.create_task(stage.handlers.chunk_ready(READY))
    await until(lambda: stage.engine.at_work > 0)
    again = asyncio.create_task(stage.handlers.chunk_ready(READY))
    await asyncio.sleep(0)
    again.cancel()
    stage.engine.go_on.set()
    await first
    assert stage.completed() == [0, 1, 2, 3]
