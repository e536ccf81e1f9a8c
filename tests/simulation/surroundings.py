"""What a simulated run changes around the services: logs, limits and names drawn at random."""

import contextlib
import itertools
import logging
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import NoReturn
from unittest.mock import patch

import structlog

from services.chunker.reconciler import ChunkerReconciler
from services.chunker.scheduler import Scheduler
from services.tracker.handlers import TrackerHandlers
from services.tracker.reconciler import TrackerReconciler
from shared.errors import DarkroomError
from tests.simulation.chance import is_aimed
from tests.simulation.rules import UNFORESEEN, Report

LIMITS = (
    "services.gateway.background.janitor.SWEPT_AT_ONCE",
    "services.gateway.background.relay.SWEPT_AT_ONCE",
)
PARAMETERS: tuple[tuple[Callable[..., None], str], ...] = (
    (Scheduler.__init__, "max_chunks"),
    (ChunkerReconciler.__init__, "page"),
    (TrackerHandlers.__init__, "chunks_per_seal"),
    (TrackerReconciler.__init__, "page"),
)
"""Limits that only huge batches reach."""


@contextlib.contextmanager
def surroundings(seed: int) -> Iterator[None]:
    """Be silent, let what the services name at random repeat exactly, and let small batches reach some limits."""
    numbers = itertools.count()
    with contextlib.ExitStack() as stack:
        stack.enter_context(_silent_logs())
        stack.enter_context(patch("services.gateway.uploading.submissions.uuid4", lambda: f"b{next(numbers)}"))
        stack.enter_context(patch("services.gateway.uploading.drafts.uuid4", lambda: f"b{next(numbers)}"))
        appends = (SimpleNamespace(hex=f"a{number}") for number in itertools.count())
        stack.enter_context(patch("services.gateway.uploading.append_upload.uuid4", lambda: next(appends)))
        # Most of a tracker's looks at stopped batches are at nothing.
        pause = 0.1 if is_aimed(seed) else 0.5
        stack.enter_context(patch("services.tracker.service.ENDINGS_PAUSE_SECONDS", pause))
        if is_aimed(seed):
            stack.enter_context(patch("services.tracker.endings.SETTLING_SECONDS", 0.0))
        for limit in LIMITS if seed % 3 else ():
            stack.enter_context(patch(limit, seed % 3))
        for function, parameter in PARAMETERS if seed % 3 else ():
            assert parameter in (function.__kwdefaults__ or {})  # another name would limit nothing, and not be noticed
            stack.enter_context(patch.dict(function.__kwdefaults__, {parameter: seed % 3}))
        yield


@contextlib.contextmanager
def unforeseen_errors(report: Report) -> Iterator[None]:
    """Report an error in the log that is none of Darkroom's own: whoever made it goes on, and tries again."""

    def look(_logger: object, _method: str, entry: structlog.typing.EventDict) -> NoReturn:
        error = sys.exc_info()[1] if entry.get("exc_info") is True else None
        foreign = BaseExceptionGroup("", [error]).split(DarkroomError)[1] if error else None
        if foreign:
            report(f"{UNFORESEEN} {foreign.exceptions!r} ({entry['event']})")
        raise structlog.DropEvent

    with _silent_logs():
        structlog.configure(processors=[look], wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
        yield


@contextlib.contextmanager
def _silent_logs() -> Iterator[None]:
    config = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**config)
