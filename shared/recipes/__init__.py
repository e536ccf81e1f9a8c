"""Recipes: what becomes of one image, as ordered steps and named outputs made from a single decode."""

from shared.recipes.built_in import BUILT_IN_RECIPES
from shared.recipes.custom_steps import CustomStep
from shared.recipes.outputs import AvifOutput, GifOutput, JpegOutput, Output, OutputSpec, PngOutput, WebpOutput
from shared.recipes.problems import (
    MAX_RECIPE_BYTES,
    RecipeInvalidError,
    RecipeProblem,
    read_recipe,
    recipe_problems,
)
from shared.recipes.readouts import Readouts
from shared.recipes.recipe import EXAMPLE, MAX_OUTPUTS, MAX_STEPS, Recipe, RecordedRecipe
from shared.recipes.values import MAX_OUTPUT_SIDE, Box, Colour, Gravity, Name, Position, RecipePart

__all__ = [
    "BUILT_IN_RECIPES",
    "EXAMPLE",
    "MAX_OUTPUTS",
    "MAX_OUTPUT_SIDE",
    "MAX_RECIPE_BYTES",
    "MAX_STEPS",
    "AvifOutput",
    "Box",
    "Colour",
    "CustomStep",
    "GifOutput",
    "Gravity",
    "JpegOutput",
    "Name",
    "Output",
    "OutputSpec",
    "PngOutput",
    "Position",
    "Readouts",
    "Recipe",
    "RecipeInvalidError",
    "RecipePart",
    "RecipeProblem",
    "RecordedRecipe",
    "WebpOutput",
    "read_recipe",
    "recipe_problems",
]
