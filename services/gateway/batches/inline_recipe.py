"""A recipe that a request brings along, read; what is wrong with it is told in the reader's language."""

from collections.abc import Sequence

from services.gateway.answers.errors import ApiError
from services.gateway.answers.recipe_codes import RecipeCode
from shared.recipes import Recipe, RecipeInvalidError, RecipeProblem, read_recipe
from shared.recipes.problem_sentences import problem_sentence


def inline_recipe(data: bytes) -> Recipe:
    """The recipe in this JSON; raises `ApiError` naming the step or output and the field."""
    try:
        return read_recipe(data)
    except RecipeInvalidError as error:
        raise recipe_refusal(error.problems) from None


def recipe_refusal(problems: Sequence[RecipeProblem]) -> ApiError:
    """The refusal of a recipe with these problems: the first in a sentence, all of them for programs."""
    details = [problem.for_programs() for problem in problems]
    return ApiError(RecipeCode.RECIPE_INVALID, problem=problem_sentence(problems[0]), details=details)
