"""The cost models in MongoDB: changed by compare-and-set on their version."""

from collections.abc import Callable

from shared.adapters.mongodb.driver import ADVISORY, Database, Fields, Index
from shared.adapters.mongodb.versioned import change_version
from shared.documents import CERTAINTY_ID, COST_MODELS_KEPT_SECONDS, Certainty, CostModel

INDEXES = (Index(keys=[("learnt_at", 1)], forget_after_seconds=COST_MODELS_KEPT_SECONDS),)


class MongoCostModels:
    """One document per recipe, and one of certainty. What a failover undoes is learnt again."""

    def __init__(self, database: Database) -> None:
        self._models = database.collection("cost_models", INDEXES, writes=ADVISORY)

    async def get(self, key: str) -> CostModel | None:
        return await self._models.read_one(CostModel, {"_id": key})

    async def change(self, key: str, change: Callable[[CostModel], CostModel]) -> CostModel:
        while (changed := await change_version(self._models, CostModel, key, change, _recorded)) is None:
            await self._models.insert({"_id": key, **_recorded(CostModel(id=key))})
        return changed

    async def change_certainty(self, change: Callable[[Certainty], Certainty]) -> Certainty:
        while (changed := await change_version(self._models, Certainty, CERTAINTY_ID, change, _recorded)) is None:
            await self._models.insert({"_id": CERTAINTY_ID, **_recorded(Certainty())})
        return changed


def _recorded(model: CostModel | Certainty) -> Fields:
    return model.model_dump()
