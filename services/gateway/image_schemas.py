"""The JSON that the gateway answers with about images, field by field."""

from pydantic import Field

from services.gateway.failure_sentences import failure_codes, failure_sentence
from services.gateway.image_pages import ListedImage, OutcomeFilter
from services.gateway.language import Language
from services.gateway.schemas import EXAMPLE_ID, Body, batch_path
from shared.documents import Print


class PrintLink(Body):
    """One stored print of an image."""

    output: str = Field(examples=["thumbnail"])
    """Its name in the recipe."""

    url: str = Field(examples=[f"{batch_path(EXAMPLE_ID)}/images/0/thumbnail"])
    media_type: str = Field(examples=["image/jpeg"])
    width: int = Field(examples=[320])
    height: int = Field(examples=[240])
    size_bytes: int = Field(examples=[18211])

    @classmethod
    def of(cls, batch_id: str, index: int, made: Print) -> "PrintLink":
        """The link to a print."""
        url = f"{batch_path(batch_id)}/images/{index}/{made.output}"
        return cls(url=url, **made.model_dump(exclude={"extension", "generation"}))


class ImageStatus(Body):
    """What was uploaded as one image, and what has become of it."""

    index: int = Field(examples=[0])
    """Its place in the upload, from 0."""

    name: str = Field(examples=["IMG_2041.jpg"])
    """The client's name for it."""

    size_bytes: int = Field(examples=[3120455])

    outcome: OutcomeFilter = Field(examples=["completed"])
    """`revoked` when the batch was stopped before it was developed."""

    prints: tuple[PrintLink, ...] = ()

    code: str | None = Field(
        default=None, examples=[None], description=f"Why it failed, for programs: {', '.join(failure_codes())}."
    )

    message: str | None = Field(default=None, examples=[None])
    """Why it failed, for its owner."""

    @classmethod
    def of(cls, batch_id: str, image: ListedImage, language: Language) -> "ImageStatus":
        """The status of an image, with the reason of a failure in the language."""
        entry, outcome = image.entry, image.outcome
        return cls(
            index=entry.index,
            name=entry.name,
            size_bytes=entry.size_bytes,
            outcome=image.state,
            prints=tuple(PrintLink.of(batch_id, entry.index, made) for made in outcome.prints) if outcome else (),
            code=outcome.code if outcome else None,
            message=failure_sentence(outcome.code, outcome.message, language) if outcome else None,
        )


class ImageList(Body):
    """One page of a batch's images."""

    images: tuple[ImageStatus, ...]

    next_cursor: str | None = Field(examples=["100"])
    """Send it as `cursor` for the next page, which may be empty under a filter; null at the end."""
