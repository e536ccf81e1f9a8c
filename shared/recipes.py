"""Recipes: what becomes of one image, as ordered steps and named outputs made from a single decode."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

MAX_STEPS = 20
MAX_OUTPUTS = 10
# WebP's own limit; no other format that we write has a lower one.
MAX_OUTPUT_SIDE = 16_383

Name = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,32}$", description="Lower-case letters, digits, _ and -.")]
Side = Annotated[int, Field(ge=1, le=MAX_OUTPUT_SIDE, description="Pixels.")]
Quality = Annotated[int, Field(ge=1, le=100, description="The encoder's quality, 1 to 100.")]


class RecipePart(BaseModel):
    """Anything in a recipe: immutable, and closed to fields that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Box(RecipePart):
    """A width and a height in pixels that an upright image has to fit into."""

    width: Side
    height: Side


class AutoOrient(RecipePart):
    """Turn the image upright, as its EXIF orientation says."""

    op: Literal["auto_orient"] = "auto_orient"


class Resize(RecipePart):
    """Shrink the image to fit a box, keeping its proportions; a smaller image stays as it is."""

    op: Literal["resize"] = "resize"
    mode: Literal["fit"] = "fit"
    width: Side
    height: Side


Step = Annotated[AutoOrient | Resize, Field(discriminator="op")]


class Output(RecipePart):
    """One named print of the developed image, shrunk to fit `fit` or, without it, in full size."""

    name: Name
    fit: Box | None = None


class JpegOutput(Output):
    """A JPEG; transparency becomes white. Chroma is 4:2:0, from quality 90 on 4:4:4."""

    format: Literal["jpeg"] = "jpeg"
    quality: Quality = 82


class WebpOutput(Output):
    """A lossy WebP that keeps transparency."""

    format: Literal["webp"] = "webp"
    quality: Quality = 80


class PngOutput(Output):
    """A lossless PNG that keeps transparency."""

    format: Literal["png"] = "png"


OutputSpec = Annotated[JpegOutput | WebpOutput | PngOutput, Field(discriminator="format")]


class Recipe(RecipePart):
    """Steps in their order, then the outputs; nothing of the original's metadata reaches a print."""

    name: Name
    steps: tuple[Step, ...] = Field(default=(), max_length=MAX_STEPS)
    outputs: tuple[OutputSpec, ...] = Field(min_length=1, max_length=MAX_OUTPUTS)
    metadata: Literal["strip"] = "strip"

    @model_validator(mode="after")
    def _outputs_have_names_of_their_own(self) -> Self:
        names = [output.name for output in self.outputs]
        if len(set(names)) < len(names):
            raise ValueError("each output needs a name of its own")
        return self

    @model_validator(mode="after")
    def _auto_orient_comes_first(self) -> Self:
        # Widths and heights in later steps then always mean the upright image.
        if any(isinstance(step, AutoOrient) for step in self.steps[1:]):
            raise ValueError("auto_orient can only be the first step")
        return self


_WEB_BOX = Box(width=1600, height=1600)
_THUMBNAIL_BOX = Box(width=320, height=320)

_BUILT_IN = MappingProxyType(
    {
        recipe.name: recipe
        for recipe in (
            Recipe(
                name="web",
                steps=(AutoOrient(),),
                outputs=(JpegOutput(name="web", fit=_WEB_BOX), JpegOutput(name="thumbnail", fit=_THUMBNAIL_BOX)),
            ),
            Recipe(
                name="web-webp",
                steps=(AutoOrient(),),
                outputs=(WebpOutput(name="web", fit=_WEB_BOX), WebpOutput(name="thumbnail", fit=_THUMBNAIL_BOX)),
            ),
        )
    }
)


def built_in_recipes() -> Mapping[str, Recipe]:
    """Give the recipes that Darkroom brings along, by name."""
    return _BUILT_IN


def find_recipe(name: str) -> Recipe | None:
    """Give the built-in recipe of that name, or None."""
    return _BUILT_IN.get(name)
