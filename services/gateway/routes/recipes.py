"""Recipes over HTTP: list and look at those that there are, store and delete one's own."""

from functools import cache
from typing import Annotated, Any

from fastapi import Body, Path, Request
from starlette.responses import Response

from services.gateway.answers.entity_tags import IfMatch, IfNoneMatch, Preconditions, not_modified, tag_of
from services.gateway.answers.envelope import Envelope
from services.gateway.answers.recipe_codes import RecipeCode
from services.gateway.answers.request_codes import RequestCode
from services.gateway.batches.inline_recipe import InlineRecipe
from services.gateway.batches.recipe_book import tag_of_recipe
from services.gateway.routes.dependencies import RecipesDep
from services.gateway.routes.documented_router import DocumentedRouter, raises
from services.gateway.routes.recipe_schemas import RecipeAnswer, RecipeDeleted, RecipeSummary
from shared.documents import StoredRecipe
from shared.recipes import BUILT_IN_RECIPES, Name, Recipe

router = DocumentedRouter(prefix="/pipeline/recipes", tags=["recipes"])

RecipeName = Annotated[Name, Path(description="Lower-case letters, digits, _ and -.", examples=["shop"])]


@router.get("", summary="The recipes that there are / 레시피 목록")
async def list_recipes(recipes: RecipesDep) -> Envelope[list[RecipeSummary]]:
    """Darkroom's own recipes, then the stored ones by name."""
    found: list[Recipe | StoredRecipe] = [*BUILT_IN_RECIPES.values(), *await recipes.stored()]
    return Envelope(data=[RecipeSummary.of(recipe) for recipe in found])


@cache
def _schema() -> str:
    return Envelope(data=Recipe.model_json_schema()).model_dump_json()


@router.get(
    "/schema",
    summary="What a recipe may hold / 레시피의 JSON 스키마",
    response_model=Envelope[dict[str, Any]],
    responses={304: {"description": "The schema is still the one that If-None-Match names"}},
)
@raises(RequestCode.INVALID_REQUEST)
async def show_recipe_schema(request: Request, _if_none_match: IfNoneMatch = None) -> Response:
    """The JSON schema of recipes, for forms and editors: steps that were installed on this server included."""
    schema = _schema()
    headers = {"ETag": tag_of(schema), "Cache-Control": "private, no-cache"}
    return not_modified(request, headers) or Response(schema, headers=headers, media_type="application/json")


@router.get("/{name}", summary="A recipe / 레시피 보기")
@raises(RecipeCode.RECIPE_NOT_FOUND)
async def show_recipe(response: Response, recipes: RecipesDep, name: RecipeName) -> Envelope[RecipeAnswer]:
    """All of a recipe, every default written out. Its `ETag` says later whether it is still the same."""
    return _tagged(response, await recipes.get(name))


@router.put("/{name}", summary="Store a recipe / 레시피 저장")
@raises(
    RecipeCode.RECIPE_INVALID,
    RecipeCode.RECIPE_BUILT_IN,
    RecipeCode.RECIPE_NAME_RESERVED,
    RecipeCode.RECIPE_CHANGED,
    RecipeCode.TOO_MANY_RECIPES,
)
async def save_recipe(
    request: Request,
    response: Response,
    recipes: RecipesDep,
    name: RecipeName,
    recipe: Annotated[InlineRecipe, Body()],
    _if_match: IfMatch = None,
    _if_none_match: IfNoneMatch = None,
) -> Envelope[RecipeAnswer]:
    """Store a recipe under a name, or replace the one that is stored there; repeating it changes nothing.

    The name in the address counts, and not the recipe's own. With the `ETag` of what was read in `If-Match`, a recipe
    that someone has changed since is not replaced, and with `If-None-Match: *` none at all.

    Uploads and retries can then name it in `recipe`. Batches that were begun keep the recipe that they were begun with.
    """
    return _tagged(response, await recipes.save(name, recipe, Preconditions.of(request)))


@router.delete("/{name}", summary="Delete a stored recipe / 레시피 삭제")
@raises(RecipeCode.RECIPE_NOT_FOUND, RecipeCode.RECIPE_BUILT_IN, RecipeCode.RECIPE_CHANGED)
async def delete_recipe(
    request: Request, recipes: RecipesDep, name: RecipeName, _if_match: IfMatch = None
) -> Envelope[RecipeDeleted]:
    """Forget a stored recipe. Batches that were begun with it keep it, at a retry as well.

    With `If-Match`, one that someone has changed since stays.
    """
    await recipes.remove(name, Preconditions.of(request))
    return Envelope(data=RecipeDeleted(name=name))


def _tagged(response: Response, found: Recipe | StoredRecipe) -> Envelope[RecipeAnswer]:
    response.headers["ETag"] = tag_of_recipe(found)
    return Envelope(data=RecipeAnswer.of(found))
