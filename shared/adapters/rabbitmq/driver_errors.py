"""Where every error of the driver becomes `BrokerUnavailableError`."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from aio_pika.exceptions import CONNECTION_EXCEPTIONS

from shared.errors import BrokerUnavailableError

DRIVER_ERRORS = (*CONNECTION_EXCEPTIONS, TimeoutError)
"""What aio-pika documents: its own errors, closed channels (a `RuntimeError`), sockets, malformed frames, timeouts."""


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Raise `BrokerUnavailableError`, saying what was being done, for every error of the driver."""
    task = asyncio.current_task()
    cancellations = task.cancelling() if task else 0
    try:
        yield
    except asyncio.CancelledError as error:
        # The driver cancels what waits on a connection that dies, although this task was not cancelled.
        if task is None or task.cancelling() > cancellations:
            raise
        raise BrokerUnavailableError(f"{doing}: the connection was lost") from error
    except DRIVER_ERRORS as error:
        raise BrokerUnavailableError(f"{doing}: {str(error) or type(error).__name__}") from error
    except Exception as error:
        # When the broker ends a connection without a reason, the driver rejects what waits on it with a bare Exception.
        if type(error) is not Exception:
            raise
        raise BrokerUnavailableError(f"{doing}: the connection was ended") from error
