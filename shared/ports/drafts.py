"""What the gateway needs of drafts, and of the appends that they are made of."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from shared.documents import Append, AppendedFiles, Draft, DraftTotals


class DraftWriter(Protocol):
    """Drafts as people make and extend them."""

    async def add(self, draft: Draft) -> bool:
        """Record a new draft; False if the id or the idempotency key is taken."""

    async def get(self, draft_id: str) -> Draft | None:
        """The draft as last confirmed."""

    async def of_key(self, idempotency_key: str) -> Draft | None:
        """The draft that was recorded with this idempotency key."""

    async def change(self, draft_id: str, change: Callable[[Draft], Draft]) -> Draft:
        """As in `BatchWriter`; raises `DraftUnknownError`."""

    async def newest_open(self, limit: int, after: tuple[datetime, str] | None = None) -> Sequence[Draft]:
        """Up to `limit` open drafts, the newest first, behind the one that was begun at `after[0]` with id `after[1]`.

        Of several that were begun at the same moment, the smaller id comes first.
        """


class DraftSweeps(Protocol):
    """Drafts as they are tidied up."""

    async def all(self, limit: int, after: str = "") -> Sequence[Draft]:
        """Up to `limit` drafts in the order of their ids, from the one after id `after`."""

    async def remove(self, draft_id: str) -> None:
        """Forget a draft; nothing happens if there is none."""


class DraftStore(DraftWriter, DraftSweeps, Protocol):
    """The drafts as a whole; a user takes the part that it needs."""


class AppendReader(Protocol):
    """Appends as a draft is looked at and committed; only what nothing can take back is read."""

    async def page(self, draft_id: str, limit: int, after: tuple[int, int] | None = None) -> Sequence[Append]:
        """Up to `limit` appends in the order of position and number, behind those of `after`."""

    async def files(self, draft_id: str, limit: int, after: tuple[int, int] | None = None) -> Sequence[AppendedFiles]:
        """The files of the appends that `page` would give, for a small part of what the appends cost."""

    async def numbers(self, draft_id: str, first: int, count: int) -> Sequence[int]:
        """Which of the numbers from `first` on, `count` of them, are taken."""

    async def totals(self, draft_id: str) -> DraftTotals:
        """Sums over all appends."""


class AppendWriter(Protocol):
    """Appends as requests make them."""

    async def add(self, append: Append) -> bool:
        """Record an append; False if its number or its key is taken in the draft."""

    async def of_key(self, draft_id: str, key: str) -> Append | None:
        """The append that was recorded with this key."""

    async def remove(self, draft_id: str) -> None:
        """Forget every append of a draft."""


class AppendStore(AppendReader, AppendWriter, Protocol):
    """The appends as a whole; a user takes the part that it needs."""
