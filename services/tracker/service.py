"""The tracker's loops: results, ends of stopped batches, and the reconciler."""

import asyncio
from collections.abc import Sequence

from services.tracker.endings import Endings
from services.tracker.forecasts import Forecasts
from services.tracker.handlers import TrackerHandlers
from services.tracker.learning import CostLearning
from services.tracker.metrics import BatchEnds, CountedFacts
from services.tracker.range_learning import RangeLearning
from services.tracker.reconciler import TrackerReconciler
from services.tracker.settings import TrackerSettings
from shared.messaging.messages import RESULT_MESSAGES, ResultMessage
from shared.messaging.topology import RESULTS
from shared.metrics.observed import observed
from shared.metrics.stages import StageSeconds
from shared.ports import Ports
from shared.running.clock import Clock, utc_now
from shared.running.consuming import consume_in_batches
from shared.running.lifecycle import Readiness, Stopping, repeat

ENDINGS_PAUSE_SECONDS = 0.2
"""Between two looks at which stopped batches are to be ended; a look at nothing costs nothing."""

LEARNING_PAUSE_SECONDS = 5.0


async def run_tracker(
    ports: Ports, settings: TrackerSettings, stopping: Stopping, readiness: Readiness, clock: Clock = utc_now
) -> None:
    """Keep progress until stopping. Stopped batches that have not ended by then are left to other trackers."""
    max_settling = settings.max_settling_seconds
    statistics = CountedFacts(ports.statistics, ports.metrics.of(BatchEnds))
    endings = Endings(
        ports.batches, ports.chunks, ports.publisher, statistics, clock, max_settling_seconds=max_settling
    )
    chunks = observed(ports.chunks, ports.metrics.of(StageSeconds).of_calls({"fold": "fold"}))
    ranges = RangeLearning(ports.cost_models, clock)
    handlers = TrackerHandlers(ports.batches, chunks, ports.publisher, statistics, endings, ranges, clock)
    forecasts = Forecasts(ports.batches, ports.workers, ports.publisher, clock)
    reconciler = TrackerReconciler(handlers, endings, forecasts, ports.batches)
    learning = CostLearning(ports.batches, ports.cost_models, clock)

    async def fold(messages: Sequence[ResultMessage]) -> None:
        await handlers.results(messages)
        learning.note(messages)

    async with (
        # Read ahead by one batch, so that the next is there when this one is written.
        ports.subscriber.subscribe(RESULTS, 2 * settings.fold_max_results) as results,
        asyncio.TaskGroup() as tasks,
    ):
        tasks.create_task(
            consume_in_batches(
                results,
                RESULT_MESSAGES,
                fold,
                limit=settings.fold_max_results,
                wait_seconds=settings.fold_wait_seconds,
                stopping=stopping,
            ),
            name="results",
        )
        repeat(tasks, "endings", ENDINGS_PAUSE_SECONDS, endings.end_due, stopping, readiness)
        repeat(tasks, "learning", LEARNING_PAUSE_SECONDS, learning.teach, stopping)
        repeat(tasks, "ranges", LEARNING_PAUSE_SECONDS, ranges.teach, stopping)
        repeat(tasks, "reconciler", settings.roll_up_seconds, reconciler.sweep, stopping, readiness)
