"""Those who follow all batches or the system live: one slot each, in which what is newer replaces what is older."""

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Literal

from services.gateway.answers.addresses import root_path
from services.gateway.answers.schemas import BatchDeleted, BatchStatus
from shared.documents import Batch

Topic = Literal["batches", "system"]

MAX_CHANGES = 200
"""Most batches in one event: when more have changed, the list is to be read again instead."""


class ChangedBatch:
    """A batch's new state; None for one that is gone."""

    def __init__(self, batch_id: str, batch: Batch | None) -> None:
        self.batch_id = batch_id
        self._batch = batch if batch is not None and batch.deleted_at is None else None
        self._encoded: dict[str, str] = {}

    def encoded(self) -> str:
        """The status of the batch, or that it was deleted, as JSON.

        It is encoded once for each path under which proxies publish the gateway, as its links begin with that.
        """
        prefix = root_path.get()
        if prefix not in self._encoded:
            body = BatchDeleted(batch_id=self.batch_id) if self._batch is None else BatchStatus.of(self._batch)
            self._encoded[prefix] = body.model_dump_json()
        return self._encoded[prefix]


class FollowerSlot:
    """What one follower has not been sent yet; a slow reader costs no more than a quick one."""

    def __init__(self, topics: Collection[Topic]) -> None:
        self.topics = frozenset(topics)
        self._changed: dict[str, ChangedBatch] = {}
        self._reload = False
        self._system: str | None = None
        self._woken = asyncio.Event()
        self._closed = False

    def offer_changes(self, changed: Sequence[ChangedBatch]) -> None:
        """Take new states of batches, each in the place of an older one."""
        self._changed.update({change.batch_id: change for change in changed})
        if len(self._changed) > MAX_CHANGES:
            self.offer_reload()
        self._woken.set()

    def offer_reload(self) -> None:
        """Have the list of batches read again, which shows all that has changed until then."""
        self._changed.clear()
        self._reload = True
        self._woken.set()

    def offer_system(self, figures: str) -> None:
        """Take the system's figures, as JSON."""
        self._system = figures
        self._woken.set()

    def close(self) -> None:
        """Nothing more will come."""
        self._closed = True
        self._woken.set()

    async def take(self) -> Mapping[str, str] | None:
        """Events by their names, as JSON, once there are any since the last call; None when none will come."""
        await self._woken.wait()
        if self._closed:
            return None
        self._woken.clear()
        events: dict[str, str] = {}
        if self._changed or self._reload:
            batches = ",".join(change.encoded() for change in self._changed.values())
            events["batches"] = f'{{"batches":[{batches}],"reload":{"true" if self._reload else "false"}}}'
        if self._system is not None:
            events["system"] = self._system
        self._changed, self._reload, self._system = {}, False, None
        return events


class Followers:
    """All slots of a gateway."""

    def __init__(self) -> None:
        self._slots: set[FollowerSlot] = set()
        self._closed = False

    @contextmanager
    def follow(self, topics: Collection[Topic]) -> Iterator[FollowerSlot]:
        """A slot that gets what is new of these topics while the context lasts."""
        slot = FollowerSlot(topics)
        if self._closed:
            slot.close()
        self._slots.add(slot)
        try:
            yield slot
        finally:
            self._slots.discard(slot)

    def of(self, topic: Topic) -> Sequence[FollowerSlot]:
        """The slots of those who follow a topic."""
        return [slot for slot in self._slots if topic in slot.topics]

    def close(self) -> None:
        """End all streams, and refuse new ones."""
        self._closed = True
        for slot in self._slots:
            slot.close()
