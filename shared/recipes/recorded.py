"""A recipe as it stands in a document."""

from typing import Annotated, Any

from pydantic import BeforeValidator

from shared.recipes.recipe import Recipe
from shared.recipes.values import STORED


def _as_recorded(value: Any) -> Any:
    return value if isinstance(value, Recipe) else Recipe.model_validate(value, context=STORED, extra="ignore")


RecordedRecipe = Annotated[Recipe, BeforeValidator(_as_recorded)]
"""A recipe in a document, which a newer version may have written: fields that this one does not know are ignored.

It was accepted when it came, and is read whichever custom steps are installed here and now.

In a recipe that is sent, an unknown field is a mistake.
"""
