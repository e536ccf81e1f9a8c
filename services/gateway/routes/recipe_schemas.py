"""The JSON that the gateway answers about recipes."""

from typing import Annotated, Literal

from pydantic import Field

from services.gateway.answers.addresses import root_path
from services.gateway.answers.envelope import BOOLEAN, Body, ContractTime
from shared.documents import StoredRecipe
from shared.recipes import Box, Recipe


def recipe_path(name: str) -> str:
    """The address of a recipe."""
    return f"{root_path.get()}/pipeline/recipes/{name}"


class RecipeOutput(Body):
    """A print that a recipe makes."""

    name: str = Field(examples=["web"])
    format: str = Field(examples=["jpeg"])

    fit: Box | None = None
    """The print fits inside; in full size if this and `cover` are null."""

    cover: Box | None = None
    """The print has these proportions, and at most this size."""


class RecipeSummary(Body):
    """A recipe in brief."""

    name: str = Field(examples=["web"])
    """What `recipe` of an upload or a retry is to be."""

    built_in: bool
    """Whether Darkroom brings it along; such a recipe cannot be changed."""

    saved_at: ContractTime | None
    """When it was stored; null for a built-in one."""

    steps: list[str] = Field(examples=[["auto_orient"]])
    """The `op` of each step."""

    outputs: list[RecipeOutput]
    self: str = Field(examples=[recipe_path("web")])
    """Where all of it is found."""

    @classmethod
    def of(cls, found: Recipe | StoredRecipe) -> "RecipeSummary":
        recipe = _recipe(found)
        return cls(
            name=recipe.name,
            built_in=isinstance(found, Recipe),
            saved_at=_saved_at(found),
            steps=[step.op for step in recipe.steps],
            outputs=[
                RecipeOutput(name=output.name, format=output.format, fit=output.fit, cover=output.cover)
                for output in recipe.outputs
            ],
            self=recipe_path(recipe.name),
        )


class RecipeAnswer(Body):
    """A recipe."""

    name: str = Field(examples=["web"])
    built_in: bool
    """Whether Darkroom brings it along; such a recipe cannot be changed."""

    saved_at: ContractTime | None
    """When it was stored; null for a built-in one."""

    recipe: Recipe
    """All of it, as `options` takes it."""

    @classmethod
    def of(cls, found: Recipe | StoredRecipe) -> "RecipeAnswer":
        recipe = _recipe(found)
        return cls(name=recipe.name, built_in=isinstance(found, Recipe), saved_at=_saved_at(found), recipe=recipe)


class RecipeDeleted(Body):
    """A recipe that is no more."""

    name: str = Field(examples=["shop"])
    deleted: Annotated[Literal[True], BOOLEAN] = True


def _recipe(found: Recipe | StoredRecipe) -> Recipe:
    return found if isinstance(found, Recipe) else found.recipe


def _saved_at(found: Recipe | StoredRecipe) -> ContractTime | None:
    return None if isinstance(found, Recipe) else found.saved_at
