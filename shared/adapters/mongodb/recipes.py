"""The stored recipes in MongoDB."""

from collections.abc import Sequence

from shared.adapters.mongodb.driver import Database, Fields
from shared.documents import StoredRecipe


class MongoRecipes:
    """One document per stored recipe, by its name."""

    def __init__(self, database: Database) -> None:
        # What is asked for by name goes into batches, so a write that a failover may yet undo is not shown.
        self._confirmed = database.collection("recipes", reads="majority")

    async def save(self, recipe: StoredRecipe) -> None:
        await self._confirmed.update({"_id": recipe.name}, {"$set": recipe.model_dump()}, upsert=True)

    async def replace(self, recipe: StoredRecipe, former: StoredRecipe | None) -> bool:
        if former is None:
            return await self._confirmed.insert({"_id": recipe.name, **recipe.model_dump()})
        return await self._confirmed.update(_exactly(former), {"$set": recipe.model_dump()})

    async def get(self, name: str) -> StoredRecipe | None:
        return await self._confirmed.read_one(StoredRecipe, {"_id": name})

    async def all(self) -> Sequence[StoredRecipe]:
        return await self._confirmed.read(StoredRecipe, {}, order=[("_id", 1)])

    async def remove(self, recipe: StoredRecipe) -> bool:
        return await self._confirmed.remove_all(_exactly(recipe)) > 0


def _exactly(recipe: StoredRecipe) -> Fields:
    # By its time: documents of other versions have other fields.
    return {"_id": recipe.name, "saved_at": recipe.saved_at}
