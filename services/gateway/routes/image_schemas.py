"""The JSON that the gateway answers with about images, field by field."""

from collections.abc import Mapping

from pydantic import Field

from services.gateway.answers.addresses import batch_path
from services.gateway.answers.batch_codes import BatchNote
from services.gateway.answers.envelope import Body
from services.gateway.answers.schemas import EXAMPLE_ID
from services.gateway.collecting.image_pages import ListedImage, OutcomeFilter
from services.gateway.collecting.near_duplicates import Alike
from shared.documents import Batch, Original, Print, StageTimes
from shared.failure_codes import FailureCode, failure_sentence
from shared.note_codes import note_sentences
from shared.translated import Language


class PrintLink(Body):
    """One stored print of an image."""

    output: str = Field(examples=["thumbnail"])
    """Its name in the recipe."""

    url: str = Field(examples=[f"{batch_path(EXAMPLE_ID)}/images/0/thumbnail"])
    media_type: str = Field(examples=["image/jpeg"])
    width: int = Field(examples=[320])
    height: int = Field(examples=[240])
    size_bytes: int = Field(examples=[18211])

    sha256: str | None = Field(
        default=None, examples=["60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"]
    )
    """Of its bytes; null for prints of earlier versions."""

    @classmethod
    def of(cls, batch_id: str, index: int, made: Print) -> "PrintLink":
        url = f"{batch_path(batch_id)}/images/{index}/{made.output}"
        return cls(url=url, **made.model_dump(exclude={"extension", "generation"}))


class ImageStatus(Body):
    """What was uploaded as one image, and what has become of it."""

    index: int = Field(examples=[0])
    """Its place in the upload, from 0."""

    name: str = Field(examples=["IMG_2041.jpg"])
    """The client's name for it."""

    size_bytes: int = Field(examples=[3120455])

    sha256: str | None = Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
    """Of the uploaded bytes; null where they were read in place."""

    outcome: OutcomeFilter = Field(examples=["completed"])
    """`revoked` when the batch was stopped before it was developed."""

    prints: tuple[PrintLink, ...] = ()

    notes: Mapping[str, str] = Field(default={}, examples=[{}])
    """What it was developed in spite of, for its owner: a sentence for each code in `original.notes`."""

    original: Original | None = None
    """What was found out about it, once it is completed: as much as the recipe's readouts ask for."""

    timings_ms: StageTimes = Field(default={}, examples=[{"decode": 41, "0:auto_orient": 6, "print:web": 38}])
    """How long each stage of a completed image took: `number:step` for the recipe's steps, `print:name` for outputs.
    Stages of less than half a millisecond are left out; empty for images of earlier versions."""

    code: str | None = Field(
        default=None, examples=[None], description=f"Why it failed, for programs: {', '.join(FailureCode)}."
    )

    message: str | None = Field(default=None, examples=[None])
    """Why it failed, for its owner."""

    @classmethod
    def of(cls, batch_id: str, image: ListedImage, language: Language) -> "ImageStatus":
        entry, outcome = image.entry, image.outcome
        return cls(
            index=entry.index,
            name=entry.name,
            size_bytes=entry.size_bytes,
            sha256=entry.sha256,
            outcome=image.state,
            prints=tuple(PrintLink.of(batch_id, entry.index, made) for made in outcome.prints) if outcome else (),
            notes=note_sentences(outcome.original.notes, language) if outcome and outcome.original else {},
            original=outcome.original if outcome else None,
            timings_ms=outcome.timings_ms if outcome else {},
            code=outcome.code if outcome else None,
            message=failure_sentence(outcome.code, outcome.message, language) if outcome else None,
        )


class ImageList(Body):
    """One page of a batch's images."""

    images: tuple[ImageStatus, ...]

    next_cursor: str | None = Field(examples=["100"])
    """Send it as `cursor` for the next page, which may be empty under a filter; null at the end."""


class Note(Body):
    """What an answer has to explain."""

    code: str = Field(examples=["hashes_not_taken"])
    """Stable, for programs."""

    message: str = Field(examples=[BatchNote.HASHES_NOT_TAKEN.text.english])
    """A sentence for people."""

    @classmethod
    def of(cls, note: BatchNote, language: Language) -> "Note":
        return cls(code=note.value, message=note.text.in_language(language))


class NearDuplicates(Body):
    """Images of a batch that look alike; up to 10,000 are compared with each other."""

    groups: tuple[tuple[int, ...], ...] = Field(examples=[[[0, 7, 31], [4, 5]]])
    """Their places in the upload, from 0; an image that looks like no other is in no group."""

    hashed_images: int = Field(examples=[60])
    """Those that were compared: completed ones with a `perceptual_hash`, if the recipe asks for it, other than 0."""

    complete: bool = Field(examples=[True])
    """False when so many hashes were nearly the same that not all could be compared."""

    next_cursor: str | None = Field(examples=[None])
    """Send it as `cursor` for the next 10,000; null at the end."""

    note: Note | None = Field(default=None, examples=[None])
    """Why nothing was compared, and how to change that; null when something was, or may be later."""

    @classmethod
    def of(cls, batch: Batch, found: Alike, language: Language) -> "NearDuplicates":
        """What was found in a batch, with a note in the language."""
        missing = not (found.hashed or batch.recipe.readouts.perceptual_hash)
        return cls(
            groups=tuple(tuple(group) for group in found.groups),
            hashed_images=found.hashed,
            complete=found.complete,
            next_cursor=None if found.next_first is None else str(found.next_first),
            note=Note.of(BatchNote.HASHES_NOT_TAKEN, language) if missing else None,
        )
