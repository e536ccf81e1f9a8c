"""The JSON that the gateway answers with about many images at once: small pictures and what has become of each."""

from collections import Counter
from typing import Any

from pydantic import Field

from services.gateway.answers.envelope import Body
from services.gateway.collecting.image_pages import ImagePage, ListedImage, OutcomeFilter
from shared.failure_codes import FailureCode


class Tile(Body):
    """An image in brief. A field without a value is left out."""

    index: int = Field(examples=[0])
    """Its place in the upload, from 0."""

    name: str = Field(examples=["IMG_2041.jpg"])
    state: OutcomeFilter = Field(examples=["completed"])

    width: int | None = Field(default=None, examples=[320])
    """Of its smallest print."""

    height: int | None = Field(default=None, examples=[240])
    """Of its smallest print."""

    output: str | None = Field(default=None, examples=[None])
    """The smallest print's name in the recipe where it is not the list's `output`."""

    generation: int | None = Field(default=None, examples=[None])
    """The generation in which that print was made, after the first."""

    placeholder: str | None = Field(default=None, examples=["LEHV6nWB2yk8pyo0adR*.7kCMdnj"])
    """Its BlurHash, if the recipe asks for it."""

    colour: str | None = Field(default=None, examples=[None])
    """Its largest colour, if the recipe asks for colours and not for a BlurHash."""

    code: str | None = Field(
        default=None, examples=[None], description=f"Why it failed, for programs: {', '.join(FailureCode)}."
    )

    @classmethod
    def of(cls, image: ListedImage, output: str | None) -> "Tile":
        made, outcome = image.smallest_print, image.outcome
        shown: dict[str, Any] = {"code": outcome.code if outcome else None}
        if made is not None:
            own = None if made.output == output else made.output
            shown |= {"width": made.width, "height": made.height, "output": own, "generation": made.generation or None}
        if outcome and outcome.original and (readings := outcome.original.readings):
            largest = next(iter(readings.colours), None)
            shown["placeholder"] = readings.blurhash
            shown["colour"] = largest.colour if largest and not readings.blurhash else None
        # What is not set is left out of the answer.
        given = {name: value for name, value in shown.items() if value is not None}
        return cls(index=image.entry.index, name=image.entry.name, state=image.state, **given)


class TileList(Body):
    """One page of a batch's images in brief."""

    output: str | None = Field(examples=["thumbnail"])
    """The name of the smallest print of most of these images. Together with `links.images` of the batch it is the
    print's address: `{images}/{index}/{output}`. Null if no image here has a print."""

    images: tuple[Tile, ...]

    next_cursor: str | None = Field(examples=["1000"])
    """Send it as `cursor` for the next page, which may be empty under a filter; null at the end."""

    @classmethod
    def of(cls, page: ImagePage) -> "TileList":
        outputs = Counter(image.smallest_print.output for image in page.images if image.smallest_print)
        output = outputs.most_common(1)[0][0] if outputs else None
        return cls(
            output=output,
            images=tuple(Tile.of(image, output) for image in page.images),
            next_cursor=page.next_cursor,
        )
