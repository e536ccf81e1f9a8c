"""The hints that batches have moved, read once by each gateway for all that follow batches."""

from collections.abc import Callable, Sequence

import structlog

from shared.errors import TransientError, UndecodableMessageError
from shared.messaging.encoding import decode
from shared.messaging.messages import BatchProgressed
from shared.ports import Subscriber
from shared.running.backoff import Backoff
from shared.running.lifecycle import Stopping

log = structlog.get_logger()


class ProgressHints:
    """Passes the id of each batch that a hint names on to every listener, which has other ways to find lost ones."""

    def __init__(self, subscriber: Subscriber, listeners: Sequence[Callable[[str], None]]) -> None:
        self._subscriber = subscriber
        self._listeners = listeners

    async def run(self, stopping: Stopping) -> None:
        """Listen until cancelled; hints that cannot be had are asked for again until stopping."""
        backoff = Backoff(stopping.sleep)
        while not stopping.is_set:
            try:
                async with self._subscriber.subscribe_progress() as subscription:
                    backoff.reset()
                    while (delivery := await subscription.next()) is not None:
                        self._take_hint(delivery.body)
            except TransientError:
                # Watched batches are read every few seconds meanwhile, so people still see them move.
                log.warning("progress_hints_lost", exc_info=True)
            await backoff.pause()

    def _take_hint(self, body: bytes) -> None:
        try:
            hint = decode(body)
        except UndecodableMessageError as error:
            log.warning("progress_hint_dropped", reason=str(error))  # people have no use for it
            return
        if isinstance(hint, BatchProgressed):
            for listener in self._listeners:
                listener(hint.batch_id)
