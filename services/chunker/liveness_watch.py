"""Holders of chunks whose leases have run out: watched for a while before they count as lost."""

from collections.abc import Collection
from datetime import datetime, timedelta

from shared.documents import Chunk

KEPT_TIMES = 10
"""What was seen is forgotten after so many times the patience: its holder has spoken, or was dealt with, long ago."""


class LivenessWatch:
    """Remembers since when each overdue claim has been seen without a sign of life.

    A lease that has run out may only say that the database was away and no lease could be renewed. Then every holder
    has a lease that has run out, and renews it within a heartbeat of the database's return.
    """

    def __init__(self, seconds: float) -> None:
        self._patience = timedelta(seconds=seconds)
        self._seen: dict[str, tuple[datetime, datetime]] = {}

    def observe(self, chunk: Chunk, now: datetime) -> bool:
        """Watch the holder of this overdue chunk; whether it was watched for long enough to be lost."""
        lease_until, since = self._seen.get(chunk.id, (chunk.lease_until, now))
        if lease_until != chunk.lease_until:
            since = now
        self._seen[chunk.id] = chunk.lease_until, since
        return now - since >= self._patience

    def watched(self, now: datetime) -> Collection[str]:
        """The chunks that need not be looked at yet."""
        forgotten = now - KEPT_TIMES * self._patience
        self._seen = {chunk_id: seen for chunk_id, seen in self._seen.items() if seen[1] > forgotten}
        return [chunk_id for chunk_id, (_, since) in self._seen.items() if now - since < self._patience]

    def forget_all(self) -> None:
        """Watch every holder anew, as none could be heard."""
        self._seen.clear()
