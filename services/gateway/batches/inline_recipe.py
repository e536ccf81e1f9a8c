"""A recipe that a request brings along, read; what is wrong with it is said in the reader's language."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from services.gateway.answers.errors import ApiError
from services.gateway.answers.recipe_codes import RecipeCode
from shared.recipes import Recipe, RecipeInvalidError, RecipeProblem, read_recipe, recipe_problems
from shared.recipes.problem_sentences import field_sentence, problem_sentence


def inline_recipe(data: bytes) -> Recipe:
    """The recipe in this JSON; raises `ApiError` naming the step or output and the field."""
    try:
        return read_recipe(data)
    except RecipeInvalidError as error:
        raise _recipe_invalid(error.problems) from None


def _checked_recipe(value: object, check: ValidatorFunctionWrapHandler) -> Recipe:
    # FastAPI hands on what is not called JSON as bytes: curl calls it a form.
    if isinstance(value, bytes):
        return inline_recipe(value)
    try:
        recipe: Recipe = check(value)
    except ValidationError as error:
        raise _recipe_invalid(recipe_problems(error)) from None
    return recipe


InlineRecipe = Annotated[Recipe, WrapValidator(_checked_recipe)]
"""A recipe in a request's body, whose mistakes are `ApiError`s like those of `inline_recipe`."""


def _recipe_invalid(problems: Sequence[RecipeProblem]) -> ApiError:
    """The first problem in a sentence, all of them for programs."""
    details = [{**problem.for_programs(), "sentence": field_sentence(problem)} for problem in problems]
    return ApiError(RecipeCode.RECIPE_INVALID, problem=problem_sentence(problems[0]), details=details)
