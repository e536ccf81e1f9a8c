"""Those who follow all batches or the system live: one slot each, in which what is newer replaces what is older."""

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Literal, Protocol

Topic = Literal["batches", "system"]

MAX_CHANGES = 200
"""Most batches in one event: when more have changed, the list is to be read again instead."""


class ChangedItem(Protocol):
    """A batch that has changed."""

    @property
    def batch_id(self) -> str:
        """Which one."""

    def encoded(self) -> str:
        """What became of it, as JSON."""


class FollowerSlot:
    """What one follower has not been sent yet; a slow reader costs no more than a quick one."""

    def __init__(self, topics: Collection[Topic]) -> None:
        self.topics = frozenset(topics)
        self._changed: dict[str, ChangedItem] = {}
        self._reload = False
        self._system: str | None = None
        self._woken = asyncio.Event()
        self._closed = False

    def offer_changes(self, changed: Sequence[ChangedItem]) -> None:
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
