"""A recipe: what becomes of one image, as ordered steps and named outputs made from a single decode."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from shared.recipes.outputs import OutputSpec
from shared.recipes.readouts import Readouts
from shared.recipes.step import Step
from shared.recipes.steps import AutoOrient
from shared.recipes.values import STORED, Name, RecipePart, rule_broken

MAX_STEPS = 20
MAX_OUTPUTS = 10
"""Steps and outputs are bounded so that one small upload cannot ask for an hour's work."""

UNNAMED = "custom"
"""What a recipe is called that was given without a name."""

EXAMPLE: JsonDict = {
    "name": "shop",
    "steps": [
        {"op": "auto_orient"},
        {"op": "crop", "aspect": "4:3", "gravity": "smart"},
        {"op": "watermark_text", "text": "© 제주 사진관", "opacity": 0.4},
    ],
    "outputs": [
        {"name": "large", "format": "webp", "fit": {"width": 1600, "height": 1600}, "quality": 80},
        {"name": "small", "format": "jpeg", "cover": {"width": 320, "height": 240}},
    ],
    "metadata": "copyright",
}


class Recipe(RecipePart):
    """Steps in their order, then the outputs; of the original's metadata nothing reaches a print unless asked for.

    Colours become sRGB, by the original's ICC profile if it has one. An AVIF that names its colours in numbers only
    (`nclx`), such as Display P3, is taken for sRGB: the decoder does not tell them.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    name: Name = UNNAMED
    """What it is called: lower-case letters, digits, _ and -."""

    steps: tuple[Step, ...] = Field(default=(), max_length=MAX_STEPS)
    """What is done to the decoded image before any output is made, in this order; `op` says what each is."""

    outputs: tuple[OutputSpec, ...] = Field(min_length=1, max_length=MAX_OUTPUTS)
    """The prints, each with a name of its own; `format` says what each is."""

    metadata: Literal["strip", "copyright"] = "strip"
    """`copyright` keeps the EXIF fields Artist and Copyright, and nothing else: what only XMP or IPTC says is gone."""

    readouts: Readouts = Field(default=Readouts(), description="What is found out about each original.")

    @model_validator(mode="after")
    def _outputs_have_names_of_their_own(self) -> Self:
        names = [output.name for output in self.outputs]
        for number, output in enumerate(self.outputs):
            if output.name in names[:number]:
                raise rule_broken("each output needs a name of its own", "outputs", number, output.format, "name")
        return self

    @model_validator(mode="after")
    def _auto_orient_comes_first(self) -> Self:
        # Widths and heights in later steps then always mean the upright image.
        for number, step in enumerate(self.steps):
            if number and isinstance(step, AutoOrient):
                raise rule_broken("auto_orient can only be the first step", "steps", number, step.op)
        return self


def _as_recorded(value: Any) -> Any:
    return value if isinstance(value, Recipe) else Recipe.model_validate(value, context=STORED, extra="ignore")


RecordedRecipe = Annotated[Recipe, BeforeValidator(_as_recorded)]
"""A recipe in a document. Any custom steps are taken, and fields that a newer version added are ignored."""
