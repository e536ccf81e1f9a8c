"""A recipe: what becomes of one image, as ordered steps and named outputs made from a single decode."""

from typing import Literal, Self

from pydantic import Field, model_validator

from shared.recipes.outputs import OutputSpec
from shared.recipes.readouts import Readouts
from shared.recipes.step import Step
from shared.recipes.steps import AutoOrient
from shared.recipes.values import Name, RecipePart

MAX_STEPS = 20
MAX_OUTPUTS = 10
"""Steps and outputs are bounded so that one small upload cannot ask for an hour's work."""


class Recipe(RecipePart):
    """Steps in their order, then the outputs; of the original's metadata nothing reaches a print unless asked for."""

    name: Name
    steps: tuple[Step, ...] = Field(default=(), max_length=MAX_STEPS)
    outputs: tuple[OutputSpec, ...] = Field(min_length=1, max_length=MAX_OUTPUTS)

    metadata: Literal["strip", "copyright"] = "strip"
    """`copyright` keeps the EXIF fields Artist and Copyright, and nothing else."""

    readouts: Readouts = Readouts()

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
