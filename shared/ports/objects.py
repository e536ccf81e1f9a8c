"""What services need of the object store."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class StoredObject:
    """An object as a listing shows it; `modified_at` is the store's own time in UTC."""

    key: str
    modified_at: datetime


class ObjectReader(Protocol):
    """Objects as they are read; keys are made from ids by `shared.object_keys`."""

    async def get(self, key: str) -> bytes:
        """A whole object.

        Raises `ObjectMissingError` only when the store is there, and `ObjectRejectedError` for what can never be read.
        """

    async def stream(self, key: str, size_bytes: int | None = None) -> AsyncIterator[bytes]:
        """An object piece by piece; raises what `get` raises, before the first piece.

        Also raises `ObjectDamagedError` if it has not the size that is given.
        """

    def listed(self, prefix: str) -> AsyncIterator[StoredObject]:
        """Every object whose key starts with `prefix`, which ends in `/`, in no order, read page by page."""


class ObjectWriter(Protocol):
    """Objects as they are stored and removed."""

    async def put(self, key: str, data: bytes | AsyncIterator[bytes]) -> None:
        """Store an object under the key, replacing another. A stream need not fit into memory.

        On return it is stored in the store that holds the marker, if `check` has ever found that one. Raises
        `ObjectRejectedError` for what can never be stored.
        """

    async def remove_under(self, prefix: str) -> None:
        """Remove every object whose key starts with `prefix`, which ends in `/`; there may be none."""

    async def remove(self, key: str) -> None:
        """Remove one object; nothing happens if there is none."""


class StoreMarker(Protocol):
    """The mark of the right object store."""

    async def check(self) -> None:
        """Return if the store is there: it answers and holds its marker; raises `StorageUnavailableError`."""

    async def mark(self) -> None:
        """Leave the marker; leaving it again changes nothing. Only for a caller that knows this is the right store."""


class ObjectStore(ObjectReader, ObjectWriter, StoreMarker, Protocol):
    """Where bytes live, as a whole; a user takes the part that it needs.

    A store can be away in two ways: it does not answer, or what answers is an empty folder or bucket in its place, such
    as a folder whose volume is not mounted. Its marker tells the second from a store that never held an object, so
    every method raises `StorageUnavailableError` for both.
    """
