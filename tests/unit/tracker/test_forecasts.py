"""What trackers say of batches that have no news."""

from datetime import timedelta

import pytest

from services.gateway.answers.schemas import BatchStatus
from services.tracker.forecasts import SEEN_SECONDS, Forecasts
from shared.adapters.memory_documents import MemoryDocuments
from shared.costs import CostProfile
from shared.documents import Batch, ChunkTotals, WorkerRecord
from shared.messaging.messages import BatchProgressed
from shared.running.sweeping import SweepFailures
from tests.fakes import START, RecordingPublisher, SteppingClock, new_batch


class Stage:
    """Some batches of ten seconds of work each, and two workers with a slot each."""

    def __init__(self) -> None:
        self.documents = MemoryDocuments()
        self.publisher = RecordingPublisher()
        self.clock = SteppingClock()
        self.forecasts = Forecasts(self.documents.batches, self.documents.workers, self.publisher, self.clock)

    async def add(self, batch_id: str) -> None:
        """Record one more batch."""
        profile = CostProfile(images=10, cell_images=10, sums_ms=(10_000,))
        await self.documents.batches.add(new_batch(batch_id).model_copy(update={"cost_profile": profile}))

    async def heartbeat(self) -> None:
        """Have the workers show life."""
        for name in ("w1", "w2"):
            record = WorkerRecord(
                id=name, host="h", slots=1, developed_images=0, started_at=START, seen_at=self.clock()
            )
            await self.documents.workers.report(record)

    async def count(self, batch_id: str, ended: int) -> Batch:
        """Add up a batch of which so many images have ended."""
        totals = ChunkTotals(completed_images=ended)
        return await self.documents.batches.change(batch_id, lambda batch: batch.rolled_up(totals, self.clock()))

    async def renew(self) -> dict[str, Batch]:
        """Have forecasts renewed, and answer all batches."""
        failures = SweepFailures()
        await self.forecasts.renew(await self.documents.batches.unfinished(100), failures)
        failures.raise_all()
        return {batch.id: batch for batch in await self.documents.batches.unfinished(100)}


async def test_a_batch_that_waits_its_turn_shows_the_time_to_its_end() -> None:
    """By its share of the slots; gateways are told."""
    stage = Stage()
    await stage.heartbeat()
    await stage.add("a")
    assert BatchStatus.of((await stage.renew())["a"]).estimated_time_remaining == 5
    await stage.add("b")
    statuses = [BatchStatus.of(batch) for batch in (await stage.renew()).values()]
    assert max(status.estimated_time_remaining or 0 for status in statuses) == 10
    assert {status.estimate_state for status in statuses} == {"waiting"}
    assert {hint.batch_id for hint in stage.publisher.of(BatchProgressed)} == {"a", "b"}
    told = len(stage.publisher.published)
    await stage.renew()
    assert len(stage.publisher.published) == told, "what is the same is not said again"


async def test_batches_under_way_say_what_slots_really_get_done() -> None:
    """A machine of half the speed makes everybody wait twice as long."""
    stage = Stage()
    await stage.heartbeat()
    await stage.add("a")
    for count in (1, 2, 3):
        batch = await stage.count("a", count)
        stage.clock.step(1)
    assert batch.pace.work_per_second == pytest.approx(1000)
    await stage.heartbeat()
    await stage.add("b")
    assert BatchStatus.of((await stage.renew())["b"]).estimated_time_remaining == pytest.approx(17, abs=0.5)


async def test_without_workers_nothing_is_promised() -> None:
    """They were there, and are seen no more; then one comes back."""
    stage = Stage()
    await stage.heartbeat()
    await stage.add("a")
    await stage.renew()
    stage.clock.step(SEEN_SECONDS + 1)
    status = BatchStatus.of((await stage.renew())["a"])
    assert (status.estimate_state, status.estimated_time_remaining) == ("stalled", None)
    await stage.heartbeat()
    assert BatchStatus.of((await stage.renew())["a"]).estimate_state == "waiting"


async def test_paused_and_stopping_batches_take_no_share() -> None:
    """And nothing is said of them."""
    stage = Stage()
    await stage.heartbeat()
    for name in ("a", "paused", "stopping"):
        await stage.add(name)
    await stage.documents.batches.change("paused", lambda b: b.with_pause(stage.clock()))
    await stage.documents.batches.change("stopping", lambda b: b.stopped("cancelled", stage.clock()))
    batches = await stage.renew()
    assert BatchStatus.of(batches["a"]).estimated_time_remaining == 5
    assert batches["paused"].estimate is batches["stopping"].estimate is None


async def test_a_batch_that_stands_still_is_found_by_the_sweep() -> None:
    """It has no news that would say so."""
    stage = Stage()
    await stage.add("a")
    for count in (1, 2):
        await stage.count("a", count)
        stage.clock.step(1)
    stage.clock.step(timedelta(minutes=1).total_seconds())
    await stage.heartbeat()
    assert BatchStatus.of((await stage.renew())["a"]).estimate_state == "stalled"


async def test_a_batch_that_is_gone_meanwhile_holds_up_no_other() -> None:
    """It was deleted between the sweep's look and its word."""
    stage = Stage()
    await stage.heartbeat()
    for name in ("a", "b"):
        await stage.add(name)
    unfinished, failures = await stage.documents.batches.unfinished(100), SweepFailures()
    await stage.documents.batches.remove("a")
    await stage.forecasts.renew(unfinished, failures)
    with pytest.raises(ExceptionGroup):
        failures.raise_all()
    batch = await stage.documents.batches.get("b")
    assert batch is not None
    assert batch.estimate is not None
