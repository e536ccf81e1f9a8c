"""The drafts and their appends in this process's memory."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime

from shared.adapters.yielding import yielding
from shared.documents import Append, AppendedFiles, Draft, DraftTotals
from shared.errors import DraftUnknownError


@yielding
class MemoryDrafts:
    """The drafts by id; they are few."""

    def __init__(self) -> None:
        self._drafts: dict[str, Draft] = {}

    async def add(self, draft: Draft) -> bool:
        is_taken = draft.id in self._drafts or self._of_key(draft.idempotency_key) is not None
        if not is_taken:
            self._drafts[draft.id] = draft
        return not is_taken

    async def get(self, draft_id: str) -> Draft | None:
        return self._drafts.get(draft_id)

    async def of_key(self, idempotency_key: str) -> Draft | None:
        return self._of_key(idempotency_key)

    async def change(self, draft_id: str, change: Callable[[Draft], Draft]) -> Draft:
        draft = self._drafts.get(draft_id)
        if draft is None:
            raise DraftUnknownError(f"no draft has the id {draft_id}")
        changed = change(draft)
        if changed != draft:
            self._drafts[draft_id] = changed.model_copy(update={"version": draft.version + 1})
        return self._drafts[draft_id]

    async def newest_open(self, limit: int, after: tuple[datetime, str] | None = None) -> Sequence[Draft]:
        ages = {_age(draft.created_at, draft.id): draft for draft in self._drafts.values() if draft.state == "open"}
        behind = [ages[age] for age in sorted(ages) if after is None or age > _age(*after)]
        return behind[: max(limit, 0)]

    async def all(self, limit: int, after: str = "") -> Sequence[Draft]:
        ids = sorted(draft_id for draft_id in self._drafts if draft_id > after)
        return [self._drafts[draft_id] for draft_id in ids[: max(limit, 0)]]

    async def remove(self, draft_id: str) -> None:
        self._drafts.pop(draft_id, None)

    def _of_key(self, idempotency_key: str | None) -> Draft | None:
        if idempotency_key is None:
            return None
        return next((draft for draft in self._drafts.values() if draft.idempotency_key == idempotency_key), None)


@yielding
class MemoryAppends:
    """The appends of each draft by number, and their numbers by key."""

    def __init__(self) -> None:
        self._appends: defaultdict[str, dict[int, Append]] = defaultdict(dict)
        self._keys: dict[tuple[str, str], int] = {}

    async def add(self, append: Append) -> bool:
        key = None if append.key is None else (append.draft_id, append.key)
        appends = self._appends[append.draft_id]
        if append.number in appends or key in self._keys:
            return False
        appends[append.number] = append
        if key is not None:
            self._keys[key] = append.number
        return True

    async def of_key(self, draft_id: str, key: str) -> Append | None:
        number = self._keys.get((draft_id, key))
        return None if number is None else self._appends[draft_id][number]

    async def page(self, draft_id: str, limit: int, after: tuple[int, int] | None = None) -> Sequence[Append]:
        found = sorted(self._appends.get(draft_id, {}).values(), key=_place)
        return [append for append in found if after is None or _place(append) > after][: max(limit, 0)]

    async def files(self, draft_id: str, limit: int, after: tuple[int, int] | None = None) -> Sequence[AppendedFiles]:
        return [
            AppendedFiles(
                position=append.position,
                number=append.number,
                names=tuple(entry.name for entry in append.entries),
                sizes=tuple(entry.size_bytes for entry in append.entries),
            )
            for append in await self.page(draft_id, limit, after)
        ]

    async def numbers(self, draft_id: str, first: int, count: int) -> Sequence[int]:
        return [number for number in range(first, first + count) if number in self._appends.get(draft_id, {})]

    async def totals(self, draft_id: str) -> DraftTotals:
        appends = self._appends.get(draft_id, {}).values()
        return DraftTotals(
            appends=len(appends),
            images=sum(append.images for append in appends),
            unfit_images=sum(append.unfit_images for append in appends),
            size_bytes=sum(append.size_bytes for append in appends),
        )

    async def remove(self, draft_id: str) -> None:
        for append in self._appends.pop(draft_id, {}).values():
            if append.key is not None:
                del self._keys[draft_id, append.key]


def _age(created_at: datetime, draft_id: str) -> tuple[float, str]:
    return -created_at.timestamp(), draft_id


def _place(append: Append) -> tuple[int, int]:
    return append.position, append.number
