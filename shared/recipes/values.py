"""What the parts of a recipe are made of: names, sides, colours, places, and the base of every part."""

from typing import Annotated, Literal, LiteralString

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

MAX_OUTPUT_SIDE = 16_383
"""WebP's own limit; no other format that is written has a lower one."""


STORED = {"recipe": "stored"}
"""The context in which a recipe is read that was accepted before.

Custom steps in it are then taken as they are, since the package that brought them along may be another version now, or
gone, and its batches must still be read; and nothing is looked at that an earlier version did not look at.
"""


def rule_broken(rule: LiteralString, *place: str | int) -> PydanticCustomError:
    """Give the error of a rule about several parts, with the place of the one that breaks it as in pydantic's `loc`."""
    return PydanticCustomError("value_error", rule, {"place": place})


class RecipePart(BaseModel):
    """Anything in a recipe: immutable, and closed to fields that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


Name = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,32}$", description="Lower-case letters, digits, _ and -.")]
Side = Annotated[int, Field(ge=1, le=MAX_OUTPUT_SIDE, description="Pixels.")]
Quality = Annotated[int, Field(ge=1, le=100, description="The encoder's quality, 1 to 100.")]
Share = Annotated[float, Field(ge=0, le=1)]
Factor = Annotated[float, Field(ge=0, le=4, description="1 changes nothing, 0 takes it all away, 4 is the most.")]
Colour = Annotated[
    str,
    # An own pattern: Pillow's parser of colour names was a denial of service once (CVE-2021-23437).
    Field(pattern=r"^#[0-9a-fA-F]{6}([0-9a-fA-F]{2})?$", description="#RRGGBB or, with opacity, #RRGGBBAA."),
]

Gravity = Literal[
    "center", "north", "south", "east", "west", "northeast", "northwest", "southeast", "southwest", "smart"
]
"""What is kept when a part is cut away: an edge, a corner, the middle, or `smart`, where the most detail is."""

Position = Literal["center", "north", "south", "east", "west", "northeast", "northwest", "southeast", "southwest"]
"""Where on the image something is put."""


class Box(RecipePart):
    """A width and a height in pixels, of the upright image."""

    width: Side
    height: Side
