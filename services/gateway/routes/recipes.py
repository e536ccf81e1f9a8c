"""Recipes over HTTP: list and look at those that there are, store and delete one's own."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from services.gateway.answers.error_responses import error_responses
from services.gateway.answers.recipe_codes import RecipeCode
from services.gateway.answers.request_body import small_body
from services.gateway.answers.request_codes import RequestCode
from services.gateway.answers.schemas import Envelope
from services.gateway.batches.inline_recipe import inline_recipe
from services.gateway.routes.dependencies import RecipesDep, SettingsDep
from services.gateway.routes.recipe_schemas import RECIPE_REFERENCE, RecipeAnswer, RecipeDeleted, RecipeSummary
from shared.documents import StoredRecipe
from shared.recipes import BUILT_IN_RECIPES, EXAMPLE, MAX_RECIPE_BYTES, Name, Recipe

router = APIRouter(prefix="/pipeline/recipes", tags=["recipes"])

RecipeName = Annotated[Name, Path(description="Lower-case letters, digits, _ and -.", examples=["shop"])]

_RECIPE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": RECIPE_REFERENCE, "example": EXAMPLE}},
    }
}


@router.get(
    "",
    summary="The recipes that there are / 레시피 목록",
    responses=error_responses(RequestCode.TEMPORARILY_UNAVAILABLE),
)
async def list_recipes(recipes: RecipesDep) -> Envelope[list[RecipeSummary]]:
    """Darkroom's own recipes, then the stored ones by name."""
    found: list[Recipe | StoredRecipe] = [*BUILT_IN_RECIPES.values(), *await recipes.stored()]
    return Envelope(data=[RecipeSummary.of(recipe) for recipe in found])


@router.get(
    "/{name}",
    summary="A recipe / 레시피 보기",
    responses=error_responses(
        RecipeCode.RECIPE_NOT_FOUND, RequestCode.INVALID_REQUEST, RequestCode.TEMPORARILY_UNAVAILABLE
    ),
)
async def show_recipe(recipes: RecipesDep, name: RecipeName) -> Envelope[RecipeAnswer]:
    """All of a recipe, every default written out."""
    return Envelope(data=RecipeAnswer.of(await recipes.get(name)))


@router.put(
    "/{name}",
    summary="Store a recipe / 레시피 저장",
    openapi_extra=_RECIPE_BODY,
    responses=error_responses(
        RecipeCode.RECIPE_INVALID,
        RecipeCode.RECIPE_NAME_DIFFERS,
        RecipeCode.RECIPE_BUILT_IN,
        RecipeCode.TOO_MANY_RECIPES,
        RequestCode.INVALID_REQUEST,
        RequestCode.REQUEST_TOO_LARGE,
        RequestCode.BODY_INCOMPLETE,
        RequestCode.UPLOAD_STALLED,
        RequestCode.TEMPORARILY_UNAVAILABLE,
    ),
)
async def save_recipe(
    request: Request, recipes: RecipesDep, settings: SettingsDep, name: RecipeName
) -> Envelope[RecipeAnswer]:
    """Store a recipe under a name, or replace the one that is stored there; repeating it changes nothing.

    Uploads and retries can then name it in `recipe`. Batches that were begun keep the recipe that they were begun with.
    """
    body = await small_body(request, MAX_RECIPE_BYTES, settings.upload_idle_timeout_seconds)
    return Envelope(data=RecipeAnswer.of(await recipes.save(name, inline_recipe(body))))


@router.delete(
    "/{name}",
    summary="Delete a stored recipe / 레시피 삭제",
    responses=error_responses(
        RecipeCode.RECIPE_NOT_FOUND,
        RecipeCode.RECIPE_BUILT_IN,
        RequestCode.INVALID_REQUEST,
        RequestCode.TEMPORARILY_UNAVAILABLE,
    ),
)
async def delete_recipe(recipes: RecipesDep, name: RecipeName) -> Envelope[RecipeDeleted]:
    """Forget a stored recipe. Batches that were begun with it keep it, at a retry as well."""
    await recipes.remove(name)
    return Envelope(data=RecipeDeleted(name=name))
