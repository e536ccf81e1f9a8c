"""What every store of recipes promises."""

import asyncio
from typing import Any

from pymongo import MongoClient

from shared.ports import RecipeStore
from shared.recipes import JpegOutput, Recipe
from shared.recipes.steps import AutoOrient, Crop, Rotate
from shared.recipes.watermarks import TextWatermark
from tests.contract.documents.examples import a_stored_recipe, after


async def test_a_recipe_comes_back_as_it_was_saved(recipes: RecipeStore) -> None:
    """Every step and output of it; an unknown name finds nothing."""
    steps = (AutoOrient(), Crop(aspect="3:2"), Rotate(angle=12.5), TextWatermark(text="© 제주 $1.50"))
    recipe = Recipe(name="long-name_0", steps=steps, outputs=(JpegOutput(name="p"),), metadata="copyright")
    stored = a_stored_recipe().model_copy(update={"recipe": recipe})
    await recipes.save(stored)
    assert await recipes.get(recipe.name) == stored
    assert await recipes.get("mine") is None


async def test_saving_again_replaces_the_whole_recipe(recipes: RecipeStore) -> None:
    """Nothing of the old one stays."""
    old = Recipe(name="mine", steps=(AutoOrient(), Rotate(angle=3)), outputs=(JpegOutput(name="p", quality=3),))
    await recipes.save(a_stored_recipe().model_copy(update={"recipe": old}))
    await recipes.save(a_stored_recipe(saved=9))
    assert await recipes.get("mine") == a_stored_recipe(saved=9)
    assert list(await recipes.all()) == [a_stored_recipe(saved=9)]


async def test_all_come_in_the_order_of_their_names(recipes: RecipeStore) -> None:
    """Whenever each was saved."""
    assert list(await recipes.all()) == []
    for name in ("b", "a_", "c", "a-", "a0"):
        await recipes.save(a_stored_recipe(name))
    assert [stored.name for stored in await recipes.all()] == ["a-", "a0", "a_", "b", "c"]


async def test_a_removed_recipe_is_gone(recipes: RecipeStore) -> None:
    """And only it; removing it again changes nothing."""
    await recipes.save(a_stored_recipe("a"))
    await recipes.save(a_stored_recipe("b"))
    assert [await recipes.remove(a_stored_recipe("a")) for _ in range(2)] == [True, False]
    assert await recipes.get("a") is None
    assert list(await recipes.all()) == [a_stored_recipe("b")]


async def test_a_recipe_is_replaced_or_removed_only_as_it_is_known(recipes: RecipeStore) -> None:
    """Who knows an older one, or none, changes nothing."""
    first, second, third = [a_stored_recipe(blur=number, saved=number) for number in (1, 2, 3)]
    assert not await recipes.replace(second, first)
    assert await recipes.replace(first, None)
    assert not await recipes.replace(second, None)
    assert await recipes.replace(second, first)
    assert not await recipes.replace(third, first)
    assert not await recipes.remove(first)
    assert await recipes.get("mine") == second


async def test_of_many_who_replace_the_same_at_once_one_does(recipes: RecipeStore) -> None:
    """The others hear that it is another by now."""
    first, *others = [a_stored_recipe(blur=number, saved=number) for number in range(1, 10)]
    for former in (None, first):
        versions = [first] * 5 if former is None else others
        replaced = await asyncio.gather(*(recipes.replace(version, former) for version in versions))
        assert sorted(replaced) == [False] * (len(versions) - 1) + [True]
    assert await recipes.get("mine") == others[replaced.index(True)]


async def test_of_many_who_save_at_once_one_stays_whole(recipes: RecipeStore) -> None:
    """Also when there was none before."""
    versions = [a_stored_recipe(blur=number, saved=number) for number in range(1, 11)]
    await asyncio.gather(*(recipes.save(version) for version in versions))
    assert await recipes.get("mine") in versions


async def test_fields_of_a_newer_version_are_ignored(backend: tuple[str, str], recipes: RecipeStore) -> None:
    """A service of this version reads on during a rolling upgrade."""
    name, url = backend
    if name == "memory":
        return  # what is in memory is of this process, and so of this version
    await recipes.save(a_stored_recipe())
    with MongoClient[dict[str, Any]](url) as client:
        changed = {"owner": "kim", "recipe.retouching": ["sky"], "recipe.steps.0.strength": 3}
        client.get_default_database()["recipes"].update_one({"_id": "mine"}, {"$set": changed})
    assert await recipes.get("mine") == a_stored_recipe()
    assert (await recipes.all())[0].saved_at == after(0)
