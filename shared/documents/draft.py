"""A batch while it is uploaded in several requests: the draft, and the appends that it is made of."""

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict

from shared.costs import CostProfile
from shared.documents.batch import Batch
from shared.documents.batch_record import FailureThreshold
from shared.documents.document import Document, Priority
from shared.documents.manifest import ManifestEntry
from shared.recipes import RecordedRecipe

DraftState = Literal["open", "committing", "committed", "expired", "deleted"]


class Append(Document):
    """The files of one request, recorded once all of them are stored: that is its commit.

    `number` is its place among the draft's appends, from 0. The entries' indexes count from 0 within the append. An
    append without entries keeps a place from being taken late.
    """

    id: str
    draft_id: str
    number: int = 0
    key: str | None = None
    """The client's Idempotency-Key."""
    fingerprint: str | None = None
    position: int = 0
    """Where its first file stands in the client's order."""
    entries: tuple[ManifestEntry, ...] = ()
    images: int = 0
    """This and the two that follow are sums of the entries, added up without reading them."""
    unfit_images: int = 0
    size_bytes: int = 0

    @classmethod
    def of(cls, id_: str, draft_id: str, entries: tuple[ManifestEntry, ...]) -> Self:
        return cls(
            id=id_,
            draft_id=draft_id,
            entries=entries,
            images=len(entries),
            unfit_images=sum(entry.unfit is not None for entry in entries),
            size_bytes=sum(entry.size_bytes for entry in entries),
        )


class AppendedFiles(BaseModel):
    """Names and sizes in bytes of an append's files, in their order; `position` and `number` are the append's."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    position: int
    number: int
    names: tuple[str, ...]
    sizes: tuple[int, ...]


class DraftTotals(BaseModel):
    """Sums over the recorded appends of a draft."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    appends: int = 0
    images: int = 0
    unfit_images: int = 0
    size_bytes: int = 0


class Draft(Document):
    """A batch to be, whose id it has. Each change is pure: the answer is another draft, or itself."""

    id: str
    name: str
    recipe: RecordedRecipe
    priority: Priority = "normal"
    chunk_size: int
    failure_threshold: FailureThreshold | None = None
    idempotency_key: str | None = None
    request_fingerprint: str | None = None
    state: DraftState = "open"
    version: int = 0
    places: int = 0
    """Places that appends have taken."""
    claimed_images: int = 0
    """Images of those appends. One whose gateway was killed is never recorded, so this is an upper bound."""
    created_at: datetime
    updated_at: datetime
    """When an append took a place last."""
    closed_at: datetime | None = None
    """When the last state but `committed` was entered."""
    emptied_at: datetime | None = None

    def extended(self, images: int, now: datetime) -> Self:
        """This draft with a place for one more append."""
        return self._changed(places=self.places + 1, claimed_images=self.claimed_images + images, updated_at=now)

    def counted(self, images: int) -> Self:
        """This draft with the images of its recorded appends alone: no other that has taken a place is under way."""
        return self._changed(claimed_images=images)

    def without(self, images: int) -> Self:
        """This draft without images whose append came to nothing; its place stays taken."""
        return self._changed(claimed_images=self.claimed_images - images)

    def closed(self, state: DraftState, now: datetime) -> Self:
        """This draft as one that no append takes a place in any more; only an open one can be closed."""
        if self.state != "open":
            return self
        is_kept = state == "committing"
        key = self.idempotency_key if is_kept else None
        return self._changed(state=state, closed_at=now, idempotency_key=key)

    def committed(self) -> Self:
        """This draft once its batch is recorded."""
        return self._changed(state="committed") if self.state == "committing" else self

    def emptied(self, now: datetime) -> Self:
        """This draft with nothing stored any more that is in no batch."""
        return self._changed(emptied_at=self.emptied_at or now)

    def without_key(self) -> Self:
        """This draft with its idempotency key free for another."""
        return self._changed(idempotency_key=None)

    def batch(self, total_images: int, cost_profile: CostProfile | None = None) -> Batch:
        """The batch that this closed draft becomes, the same at each call."""
        return Batch(
            id=self.id,
            name=self.name,
            recipe=self.recipe,
            total_images=total_images,
            chunk_size=self.chunk_size,
            priority=self.priority,
            failure_threshold=self.failure_threshold,
            was_draft=True,
            cost_profile=cost_profile,
            created_at=self.closed_at or self.updated_at,
        )

    def _changed(self, **fields: object) -> Self:
        return self.model_copy(update=fields)
