"""What trackers learn of costs."""

import pytest

from services.tracker.learning import BATCHES, IMAGES_PER_BATCH, CostLearning
from shared.adapters.memory_documents import MemoryDocuments
from shared.costs import CostPredictor, ImageFacts, MeasuredImage, recipe_key
from shared.documents import CostModel, Original
from shared.errors import DocumentsUnavailableError
from shared.messaging.messages import ImageCompleted, ImageFailed, ImageResults
from shared.recipes import BUILT_IN_RECIPES
from tests.fakes import START, SteppingClock, new_batch

WEB = BUILT_IN_RECIPES["web"]
FACTS = ImageFacts(3_000_000, "jpeg", 12_000_000)
BY_TABLE = CostPredictor(WEB).cost_ms(FACTS)


def completed(index: int, cpu_ms: int, batch_id: str = "b", image_format: str = "jpeg") -> ImageCompleted:
    """The result of a photograph of 12 megapixels."""
    original = Original(width=4000, height=3000, format=image_format)
    size_bytes = FACTS.size_bytes
    return ImageCompleted(
        batch_id=batch_id, chunk=0, index=index, cpu_ms=cpu_ms, size_bytes=size_bytes, original=original
    )


@pytest.fixture
async def documents() -> MemoryDocuments:
    """Stores that know one batch."""
    documents = MemoryDocuments()
    await documents.batches.add(new_batch("b"))
    return documents


def learning(documents: MemoryDocuments) -> CostLearning:
    """A tracker's learning."""
    return CostLearning(documents.batches, documents.cost_models, SteppingClock())


async def learnt_ms(documents: MemoryDocuments) -> int:
    """What such a photograph is expected to cost now."""
    model = await documents.cost_models.get(recipe_key(WEB)) or CostModel(id="none")
    return model.predictor(WEB).cost_ms(FACTS)


async def test_what_images_cost_is_learnt_by_their_recipe(documents: MemoryDocuments) -> None:
    """From single results and shared ones; the recipe's name makes no difference."""
    trackers = learning(documents), learning(documents)
    for tracker in trackers:
        tracker.note([ImageResults(results=tuple(completed(index, 3 * BY_TABLE) for index in range(50)))])
        tracker.note([completed(50, 3 * BY_TABLE)])
        await tracker.teach()
    assert await learnt_ms(documents) == pytest.approx(3 * BY_TABLE, rel=0.2)
    assert recipe_key(WEB.model_copy(update={"name": "other"})) == recipe_key(WEB)
    assert recipe_key(BUILT_IN_RECIPES["archive"]) != recipe_key(WEB)


async def test_what_says_nothing_of_costs_teaches_nothing(documents: MemoryDocuments) -> None:
    """Results of the version before, failures, formats that nobody knows, and batches that are gone."""
    tracker = learning(documents)
    tracker.note(
        [
            completed(0, 0),
            completed(1, 50).model_copy(update={"size_bytes": 0}),
            completed(2, 50).model_copy(update={"original": None}),
            completed(3, 50, image_format="none"),
            ImageFailed(batch_id="b", chunk=0, index=4, cpu_ms=9999, code="timeout", message="."),
            completed(5, 50, batch_id="gone"),
        ]
    )
    await tracker.teach()
    assert await documents.cost_models.get(recipe_key(WEB)) is None


async def test_a_sample_is_enough(documents: MemoryDocuments) -> None:
    """However many results come between two lessons, and of however many batches."""
    tracker = learning(documents)
    tracker.note([completed(index, BY_TABLE) for index in range(10 * IMAGES_PER_BATCH)])
    tracker.note([completed(0, BY_TABLE, f"other-{number}") for number in range(2 * BATCHES)])
    assert sum(map(len, tracker._noted.values())) <= IMAGES_PER_BATCH + BATCHES
    await tracker.teach()
    model = await documents.cost_models.get(recipe_key(WEB))
    assert model is not None
    assert model.rows["jpeg"].images == IMAGES_PER_BATCH
    assert not tracker._noted


async def test_a_database_that_is_away_costs_a_lesson_and_no_memory(
    documents: MemoryDocuments, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loop tries the next one."""

    async def away(_batch_id: str) -> None:
        raise DocumentsUnavailableError("away")

    tracker = learning(documents)
    tracker.note([completed(0, BY_TABLE)])
    monkeypatch.setattr(documents.batches, "get", away)
    with pytest.raises(DocumentsUnavailableError):
        await tracker.teach()
    assert not tracker._noted


def test_a_model_that_was_spoilt_is_learnt_again() -> None:
    """Infinite figures, or none at all, stop no batch; a model of another table counts as none."""
    good = CostModel(id="k").learnt(WEB, [MeasuredImage(FACTS, 100)] * 3, START).model_dump()
    bad = {**good, "rows": {**good["rows"], "png": {"factors": [float("nan")] * 4}, "gif": {"factors": [1]}, "webp": 3}}
    model = CostModel.model_validate(bad)
    assert model.rows.keys() == {"jpeg"}
    other = CostModel.model_validate({**good, "table": -1})
    assert other.predictor(WEB).cost_ms(FACTS) == BY_TABLE
    assert other.learnt(WEB, [MeasuredImage(FACTS, 100)], START).rows["jpeg"].images == 1
