"""The cost models in this process's memory."""

from collections.abc import Callable

from shared.adapters.yielding import yielding
from shared.documents import Certainty, CostModel


@yielding
class MemoryCostModels:
    """The models by the keys of their recipes."""

    def __init__(self) -> None:
        self._models: dict[str, CostModel] = {}
        self._certainty = Certainty()

    async def get(self, key: str) -> CostModel | None:
        return self._models.get(key)

    async def change(self, key: str, change: Callable[[CostModel], CostModel]) -> CostModel:
        model = self._models.get(key, CostModel(id=key))
        changed = change(model)
        if changed != model:
            self._models[key] = changed.model_copy(update={"version": model.version + 1})
        return self._models.get(key, model)

    async def change_certainty(self, change: Callable[[Certainty], Certainty]) -> Certainty:
        changed = change(self._certainty)
        if changed != self._certainty:
            self._certainty = changed.model_copy(update={"version": self._certainty.version + 1})
        return self._certainty
