"""A recipe as it is kept in a document."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import ValidatorFunctionWrapHandler, WrapValidator

from shared.recipes.recipe import Recipe
from shared.recipes.step import STORED


def _read(value: Any, otherwise: ValidatorFunctionWrapHandler) -> Any:
    return Recipe.model_validate(value, context=STORED) if isinstance(value, Mapping) else otherwise(value)


StoredRecipe = Annotated[Recipe, WrapValidator(_read)]
"""Was accepted when it came, and is read whichever own steps are installed here and now."""
