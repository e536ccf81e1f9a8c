"""The tracker's sweep: adds up every unfinished batch again, in case whoever folded last died before adding up."""

from services.tracker.handlers import TrackerHandlers
from shared.ports import BatchStore

PAGE = 100


class TrackerReconciler:
    """Finds batches whose counters are out of step with their chunks."""

    def __init__(self, handlers: TrackerHandlers, batches: BatchStore) -> None:
        self._handlers = handlers
        self._batches = batches

    async def sweep(self) -> None:
        """Add up every batch that has started and not finished."""
        after = ""
        while page := await self._batches.unfinished(PAGE, after):
            for batch in page:
                if batch.released_chunks:
                    await self._handlers.roll_up(batch.id)
            after = page[-1].id
