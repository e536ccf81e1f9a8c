"""The recipes that can be asked for by name: Darkroom's own, which never change, and those that people stored."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from services.gateway.answers.entity_tags import Preconditions, tag_of
from services.gateway.answers.errors import ApiError
from services.gateway.answers.recipe_codes import RecipeCode
from shared.documents import StoredRecipe
from shared.ports import RecipeStore
from shared.recipes import BUILT_IN_RECIPES, Recipe
from shared.running.clock import Clock

log = structlog.get_logger()

RESERVED_NAMES = frozenset({"schema"})
"""Under these names the API has something else than a recipe."""

ANYTHING = Preconditions()
"""Whatever is stored is changed."""

RecipeChoice = Recipe | str
"""A recipe that a request brings along, or the name of one."""


@dataclass(frozen=True)
class RecipeBook:
    """Finds recipes and keeps them; at most `max_stored`, or a few more when several are added at once.

    Every method raises `ApiError` for what cannot be done and `TransientError` for trouble with the database.
    """

    recipes: RecipeStore
    clock: Clock
    max_stored: int

    async def chosen(self, choice: RecipeChoice) -> Recipe:
        """Find the recipe that is meant; the error for an unknown name lists those that there are."""
        if isinstance(choice, Recipe):
            return choice
        recipe = await self._find(choice)
        if recipe is None:
            choices = sorted({*BUILT_IN_RECIPES, *(stored.name for stored in await self.recipes.all())})
            raise ApiError(RecipeCode.RECIPE_UNKNOWN, choices=", ".join(choices), details={"choices": choices})
        return recipe

    async def stored(self) -> Sequence[StoredRecipe]:
        """The recipes that people stored, in the order of their names."""
        # A newer version may bring along a recipe of a name that was free before; then its own is the one that counts.
        return [stored for stored in await self.recipes.all() if stored.name not in BUILT_IN_RECIPES]

    async def get(self, name: str) -> Recipe | StoredRecipe:
        """The recipe of that name: a bare one is Darkroom's own."""
        found = BUILT_IN_RECIPES.get(name) or await self.recipes.get(name)
        if found is None:
            raise ApiError(RecipeCode.RECIPE_NOT_FOUND, details={"name": name})
        return found

    async def save(self, name: str, recipe: Recipe, expected: Preconditions = ANYTHING) -> StoredRecipe:
        """Keep a recipe under this name instead of its own, in the place of an older one that is as expected.

        What was begun with the older one goes on with it.
        """
        _refuse_built_in(name)
        if name in RESERVED_NAMES:
            raise ApiError(RecipeCode.RECIPE_NAME_RESERVED, name=name, details={"name": name})
        present = {stored.name: stored for stored in await self.recipes.all()}
        former = present.pop(name, None)
        # Replacing a recipe takes no more room.
        if len(present) >= self.max_stored:
            raise ApiError(RecipeCode.TOO_MANY_RECIPES, limit=self.max_stored)
        stored = StoredRecipe(recipe=recipe.model_copy(update={"name": name}), saved_at=self.clock())
        if expected.are_none:
            await self.recipes.save(stored)
        elif former is not None and former.recipe == stored.recipe:
            # A client that heard no answer repeats itself, and what it expected is no more there.
            return former
        elif not (expected.hold(_tag_of(former)) and await self.recipes.replace(stored, former)):
            raise ApiError(RecipeCode.RECIPE_CHANGED, details={"name": name})
        log.info("recipe_saved", recipe=name)
        return stored

    async def remove(self, name: str, expected: Preconditions = ANYTHING) -> None:
        """Forget a stored recipe that is as expected; what was begun with it goes on with it."""
        _refuse_built_in(name)
        former = await self.recipes.get(name)
        if not expected.hold(_tag_of(former)):
            raise ApiError(RecipeCode.RECIPE_CHANGED, details={"name": name})
        if former is None:
            raise ApiError(RecipeCode.RECIPE_NOT_FOUND, details={"name": name})
        # One that is not as it was read a moment ago may be gone, and then nothing is left to do.
        if not await self.recipes.remove(former) and await self.recipes.get(name) is not None:
            raise ApiError(RecipeCode.RECIPE_CHANGED, details={"name": name})
        log.info("recipe_removed", recipe=name)

    async def _find(self, name: str) -> Recipe | None:
        built_in = BUILT_IN_RECIPES.get(name)
        if built_in:
            return built_in
        stored = await self.recipes.get(name)
        return stored.recipe if stored else None


def tag_of_recipe(recipe: Recipe | StoredRecipe) -> str:
    """The strong entity tag of a recipe; another one of the same name has another."""
    return tag_of(recipe.model_dump_json())


def _tag_of(recipe: StoredRecipe | None) -> str | None:
    return tag_of_recipe(recipe) if recipe else None


def _refuse_built_in(name: str) -> None:
    if name in BUILT_IN_RECIPES:
        raise ApiError(RecipeCode.RECIPE_BUILT_IN, details={"name": name})
