"""The tracker's sweep: work that a tracker which died may have left undone."""

from services.tracker.endings import Endings
from services.tracker.forecasts import Forecasts
from services.tracker.handlers import TrackerHandlers
from shared.documents import Batch
from shared.ports import BatchSweeps
from shared.running.sweeping import SweepFailures, unfinished_batches

PAGE = 100


class TrackerReconciler:
    """Finds batches whose counters are out of step with their chunks, and stopped ones that have not ended."""

    def __init__(
        self,
        handlers: TrackerHandlers,
        endings: Endings,
        forecasts: Forecasts,
        batches: BatchSweeps,
        *,
        page: int = PAGE,
    ) -> None:
        self._handlers = handlers
        self._endings = endings
        self._forecasts = forecasts
        self._batches = batches
        self._page = page

    async def sweep(self) -> None:
        """Add up every batch that has started and not finished; have those ended that are stopped.

        Then renew what is said of how long they will take.
        """
        failures = SweepFailures()
        unfinished: list[Batch] = []
        async for batch in unfinished_batches(self._batches, self._page):
            self._endings.expect(batch)
            unfinished.append(batch)
            if batch.released_chunks:
                with failures.put_off(batch.id):
                    await self._handlers.roll_up(batch.id)
        await self._forecasts.renew(unfinished, failures)
        failures.raise_all()
