"""What every store of cost models promises."""

import asyncio
from functools import partial
from typing import Any

from pymongo import MongoClient

from shared.documents import CostModel
from shared.ports import CostModels
from tests.contract.documents.examples import a_certain_lesson, a_lesson, after


async def test_a_model_begins_empty_and_comes_back_as_it_was_learnt(cost_models: CostModels) -> None:
    """With a version for each change."""
    assert await cost_models.get("k") is None
    learnt = await cost_models.change("k", partial(a_lesson, at=1))
    assert learnt == a_lesson(CostModel(id="k"), at=1).model_copy(update={"version": 1})
    assert await cost_models.get("k") == learnt
    assert await cost_models.get("other") is None


async def test_of_many_who_teach_at_once_each_counts(cost_models: CostModels) -> None:
    """Also when there was no model before."""
    await asyncio.gather(*(cost_models.change("k", partial(a_lesson, at=at)) for at in range(10)))
    model = await cost_models.get("k")
    assert model is not None
    assert (model.version, model.rows["jpeg"].images) == (10, 10)


async def test_a_change_of_nothing_stores_nothing(cost_models: CostModels) -> None:
    """No version is counted."""
    await cost_models.change("k", partial(a_lesson, at=1))
    assert (await cost_models.change("k", lambda model: model)).version == 1


async def test_a_model_that_cannot_be_read_any_more_is_learnt_again(
    backend: tuple[str, str], cost_models: CostModels
) -> None:
    """Fields of a newer version are ignored, and figures that are none are left out."""
    name, url = backend
    if name == "memory":
        return  # what is in memory is of this process, and so of this version
    await cost_models.change("k", partial(a_lesson, at=1))
    with MongoClient[dict[str, Any]](url) as client:
        changed = {"owner": "kim", "rows.jpeg.factors": [float("nan")] * 4}
        client.get_default_database()["cost_models"].update_one({"_id": "k"}, {"$set": changed})
    model = await cost_models.get("k")
    assert model is not None
    assert not model.rows
    assert (await cost_models.change("k", partial(a_lesson, at=2))).learnt_at == after(2)


async def test_certainty_begins_empty_and_is_learnt_by_all(cost_models: CostModels) -> None:
    """In the same collection, under a key that no recipe has."""
    await asyncio.gather(*(cost_models.change_certainty(a_certain_lesson) for _ in range(5)))
    certainty = await cost_models.change_certainty(lambda known: known)
    assert (certainty.version, len(certainty.scores[3].offs)) == (5, 5)
    assert await cost_models.get("k") is None
