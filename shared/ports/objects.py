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


class ObjectStore(Protocol):
    """Where bytes live; keys are made from ids by `shared.documents`."""

    async def put(self, key: str, data: bytes | AsyncIterator[bytes]) -> None:
        """Store an object under the key, replacing another. A stream need not fit into memory."""

    async def get(self, key: str) -> bytes:
        """A whole object; raises `ObjectMissingError`."""

    async def stream(self, key: str) -> AsyncIterator[bytes]:
        """An object piece by piece; raises `ObjectMissingError` before the first piece."""

    async def remove_under(self, prefix: str) -> None:
        """Remove every object whose key starts with `prefix`, which ends in `/`."""

    async def remove(self, key: str) -> None:
        """Remove one object; nothing happens if there is none."""

    def listed(self, prefix: str) -> AsyncIterator[StoredObject]:
        """Every object whose key starts with `prefix`, which ends in `/`, in no order, read page by page."""
