"""What trackers learn of how true the time left was."""

from datetime import timedelta

from services.tracker.range_learning import MAX_NOTED, RangeLearning
from shared.documents import Certainty
from tests.unit.tracker.stage import Stage


async def ended_batch(stage: Stage) -> None:
    """Develop the stage's batch image by image, one a second."""
    await stage.release()
    for index in range(stage.recorded.total_images):
        await stage.handlers.results([stage.completed(index)])
        stage.clock.step(1)


async def test_a_batch_that_ends_teaches_how_true_its_estimates_were() -> None:
    """All trackers know it then."""
    stage = Stage(total_images=40)
    await ended_batch(stage)
    batch = await stage.batch()
    assert (batch.status, len(batch.marks) > 4) == ("SUCCESS", True)
    await stage.handlers.ranges.teach()
    other = RangeLearning(stage.documents.cost_models, stage.clock)
    await other.teach()
    assert other.certainty == stage.handlers.ranges.certainty != Certainty()
    assert all(abs(off) < 0.1 for scores in other.certainty.scores for off in scores.offs)


async def test_stopped_batches_and_pauses_teach_nothing() -> None:
    """Their time says nothing of estimates."""
    stage = Stage(total_images=40)
    await stage.release()
    for index in range(30):
        await stage.handlers.results([stage.completed(index)])
        stage.clock.step(1)
    await stage.change(lambda batch: batch.with_pause(stage.clock()).resumed(stage.clock()))
    assert (await stage.batch()).marks == ()
    await stage.cancel()
    stage.clock.step(100)
    await stage.endings.end_due()
    await stage.handlers.ranges.teach()
    assert stage.handlers.ranges.certainty == Certainty()


async def test_what_is_noted_between_two_lessons_is_bounded() -> None:
    """However many batches end."""
    stage = Stage(total_images=40)
    await ended_batch(stage)
    batch, ranges = await stage.batch(), stage.handlers.ranges
    for _ in range(3 * MAX_NOTED):
        ranges.note(batch)
    assert len(ranges._ended) == MAX_NOTED
    assert batch.marks[0].at < (batch.finished_at or batch.created_at) - timedelta(seconds=1)
