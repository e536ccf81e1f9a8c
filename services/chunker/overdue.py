"""Pure judgement of chunks whose lease has run out: which are over, and which of the others were lost."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.documents import Batch, Chunk, Priority


@dataclass(frozen=True)
class Queues:
    """For each priority: the messages that wait, and the unclaimed chunks, which should have one each.

    Chunks in a backoff are in neither count: their messages wait in the queues of the retry steps.
    """

    waiting: Mapping[Priority, int]
    unclaimed: Mapping[Priority, int]


@dataclass(frozen=True)
class Lost:
    """Chunks to be sent again: those that will be `first` in their queue or nearly so, and those `behind` others."""

    first: Sequence[Chunk]
    behind: Sequence[Chunk]


def is_over(chunk: Chunk, batch: Batch | None) -> bool:
    """Whether this chunk will never be developed: its batch is gone, or its generation has ended."""
    if batch is None:
        return True
    unended = batch.generation + 1 if batch.is_finished else batch.generation
    return chunk.generation < unended


def lost_chunks(overdue: Collection[tuple[Chunk, Batch]], queues: Queues, stalled_since: datetime) -> Lost:
    """Those of the overdue chunks, each with its batch, that no worker holds and that wait in no queue.

    A batch without any change since `stalled_since` counts as one whose messages may be missing.
    """
    due = Counter(chunk.priority for chunk, _ in overdue if chunk.worker is None and not chunk.express)
    # More chunks than messages: the broker has lost some, even if newer ones wait in the same queue.
    too_few = {priority for priority in due if due[priority] > queues.waiting[priority]}
    first: list[Chunk] = []
    behind: list[Chunk] = []
    for chunk, batch in overdue:
        priority = chunk.priority
        # As many messages as unclaimed chunks: everything is there, and the backlog is just long.
        missing = queues.unclaimed[priority] > queues.waiting[priority] and batch.updated_at < stalled_since
        # A claimed chunk past its lease has lost its worker; an unclaimed one may just be waiting its turn, but not
        # where it was to go ahead.
        if chunk.worker is not None or chunk.express or priority in too_few or missing:
            is_behind = queues.waiting[priority] and priority not in too_few
            (behind if is_behind else first).append(chunk)
    return Lost(first, behind)
