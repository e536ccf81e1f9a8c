"""The JSON that the gateway answers with about drafts, field by field."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Self

from pydantic import Field

from services.gateway.answers.addresses import batch_path
from services.gateway.answers.envelope import Body, Envelope, Instant
from services.gateway.answers.schemas import EXAMPLE_ID
from shared.documents import Append, Draft, DraftState, DraftTotals, ManifestEntry, Priority
from shared.failure_codes import failure_sentence
from shared.translated import Language


class DraftLinks(Body):
    """Where a draft is extended, looked at and committed. A DELETE of `batch` gives it up."""

    batch: str = Field(examples=[batch_path(EXAMPLE_ID)])
    """The batch, from the commit on."""

    draft: str = Field(examples=[f"{batch_path(EXAMPLE_ID)}/draft"])
    """How much has been appended."""

    images: str = Field(examples=[f"{batch_path(EXAMPLE_ID)}/images"])
    """Files are POSTed here, some hundreds at a time."""

    missing: str = Field(examples=[f"{batch_path(EXAMPLE_ID)}/missing"])
    """Says which of a list of files have not been received."""

    commit: str = Field(examples=[f"{batch_path(EXAMPLE_ID)}/commit"])
    """A POST makes the draft a batch."""

    @classmethod
    def of(cls, draft_id: str) -> Self:
        path = batch_path(draft_id)
        return cls(batch=path, **{name: f"{path}/{name}" for name in cls.model_fields if name != "batch"})


class DraftBegun(Body):
    """A draft that was begun."""

    draft_id: str = Field(examples=[EXAMPLE_ID])

    batch_id: str = Field(examples=[EXAMPLE_ID])
    """The id of the batch to be: the same."""

    expires_at: Instant
    """When it is given up unless something is appended before."""

    links: DraftLinks

    @classmethod
    def of(cls, draft: Draft, lifetime: timedelta) -> Self:
        expires_at = draft.updated_at + lifetime
        return cls(draft_id=draft.id, batch_id=draft.id, expires_at=expires_at, links=DraftLinks.of(draft.id))


class UnfitFile(Body):
    """Why a file cannot be developed."""

    code: str = Field(examples=["unsupported_format"])
    message: str


class ReceivedFile(Body):
    """One file that was appended."""

    name: str = Field(examples=["IMG_2041.jpg"])
    size_bytes: int = Field(examples=[3120455])

    sha256: str | None = Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
    """Of the received bytes."""

    unfit: UnfitFile | None = None
    """Why it cannot be developed: it will be in the batch as a failed image."""

    @classmethod
    def of(cls, entry: ManifestEntry, language: Language) -> Self:
        unfit = None
        if entry.unfit is not None:
            message = failure_sentence(entry.unfit.code, entry.unfit.message, language) or ""
            unfit = UnfitFile(code=entry.unfit.code, message=message)
        return cls(name=entry.name, size_bytes=entry.size_bytes, sha256=entry.sha256, unfit=unfit)


class FilesAppended(Body):
    """What was appended to a draft."""

    received: Sequence[ReceivedFile]
    """The files of this request, in their order."""

    received_images: int = Field(examples=[300])
    """How many the draft holds by now."""

    @classmethod
    def of(cls, append: Append, received_images: int, language: Language) -> Self:
        received = [ReceivedFile.of(entry, language) for entry in append.entries]
        return cls(received=received, received_images=received_images)


class FilesMissing(Body):
    """Which of a client's files a draft does not hold."""

    missing: Sequence[int] = Field(examples=[[2, 17]])
    """Places in the list that was sent, from 0."""


class DraftSummary(Body):
    """A draft in the list."""

    draft_id: str = Field(examples=[EXAMPLE_ID])
    batch_name: str = Field(examples=["제주 여행"])
    recipe: str = Field(examples=["web"])
    priority: Priority
    chunk_size: int = Field(examples=[10])
    failure_threshold: float | None = None
    failure_sample: int | None = None

    state: DraftState
    """`committing` if a commit was begun and not answered yet: it completes by itself, or when it is repeated."""

    received_images: int = Field(examples=[300])
    created_at: Instant

    expires_at: Instant | None
    """When it is given up unless something is appended before; null once it is not open any more."""

    links: DraftLinks

    @classmethod
    def of(cls, draft: Draft, lifetime: timedelta, **counts: int) -> Self:
        threshold = draft.failure_threshold
        fields = {
            "draft_id": draft.id,
            "batch_name": draft.name,
            "recipe": draft.recipe.name,
            "failure_threshold": threshold.percent if threshold else None,
            "failure_sample": threshold.sample if threshold else None,
            "received_images": draft.claimed_images,
            "expires_at": _expires_at(draft, lifetime),
            "links": DraftLinks.of(draft.id),
        }
        same = draft.model_dump(include={"priority", "chunk_size", "state", "created_at"})
        return cls.model_validate({**same, **fields, **counts})


class DraftListEnvelope(Envelope[list[DraftSummary]]):
    """A page of the list of drafts."""

    next_cursor: str | None = None


class DraftStatus(DraftSummary):
    """A draft, and what it holds."""

    received_bytes: int = Field(examples=[936136500])
    unfit_images: int = Field(examples=[2])

    @classmethod
    def counted(cls, draft: Draft, lifetime: timedelta, totals: DraftTotals) -> Self:
        return cls.of(
            draft,
            lifetime,
            received_images=totals.images,
            received_bytes=totals.size_bytes,
            unfit_images=totals.unfit_images,
        )


def _expires_at(draft: Draft, lifetime: timedelta) -> datetime | None:
    return draft.updated_at + lifetime if draft.state == "open" else None
