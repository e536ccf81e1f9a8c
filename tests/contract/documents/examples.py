"""Example documents, and random histories of what trackers learn about one chunk."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from shared.costs import ImageFacts, MeasuredImage
from shared.documents import (
    TAKES_EXPRESS,
    Batch,
    Certainty,
    Chunk,
    CostModel,
    Folding,
    ManifestEntry,
    ManifestPage,
    Mark,
    Original,
    Outcome,
    Print,
    Readings,
    StoredRecipe,
    WorkerRecord,
)
from shared.ports import ChunkStore
from shared.recipes import BUILT_IN_RECIPES, PngOutput, Recipe
from shared.recipes.steps import Blur

START = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)

KEPT_STORE = settings(
    max_examples=40,
    deadline=None,  # a database's time is not ours to judge
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # each example has a batch of its own
)
"""For examples that share one store."""


def after(seconds: float) -> datetime:
    """The moment so many seconds after the start of every example."""
    return START + timedelta(seconds=seconds)


NOW = after(0)
"""The start itself, for calls to which it makes no difference when they come."""


def a_batch(batch_id: str = "b", created: float = 0) -> Batch:
    """A batch of 100 images, created so many seconds after the start."""
    return Batch(
        id=batch_id,
        name="Ferien $1.50 am Meer 🏖",
        recipe=BUILT_IN_RECIPES["web"],
        chunk_size=10,
        total_images=100,
        total_chunks=10,
        created_at=after(created),
        updated_at=after(created),
    )


def a_chunk(number: int = 0, *, batch_id: str = "b", generation: int = 0, size: int = 10, due: float = 60) -> Chunk:
    """A chunk of `size` consecutive images whose lease ends so many seconds after the start."""
    indexes = tuple(range(number * size, (number + 1) * size))
    return Chunk(batch_id=batch_id, number=number, generation=generation, indexes=indexes, lease_until=after(due))


def a_stored_recipe(name: str = "mine", *, blur: float = 1.5, saved: float = 0) -> StoredRecipe:
    """A stored recipe that blurs a little, saved so many seconds after the start."""
    recipe = Recipe(name=name, steps=(Blur(radius=blur),), outputs=(PngOutput(name="soft"),))
    return StoredRecipe(recipe=recipe, saved_at=after(saved))


async def settle(chunks: ChunkStore, *settled: Chunk) -> None:
    """Give every image of these chunks an outcome."""
    await chunks.fold([Folding(chunk_id=c.id, outcomes=dict.fromkeys(c.indexes, completed())) for c in settled])


async def stored(chunks: ChunkStore, number: int = 0) -> Chunk:
    """The chunk of the example batch with that number."""
    chunk = await chunks.get(f"b:{number}")
    assert chunk is not None
    return chunk


def a_page(batch_id: str = "b", page: int = 0, entries: int = 1000) -> ManifestPage:
    """A page with so many entries."""
    indexes = range(page * 1000, page * 1000 + entries)
    named = (ManifestEntry(index=i, name=f"IMG_{i}.jpg", size_bytes=i, sha256=f"{i:064x}") for i in indexes)
    return ManifestPage(batch_id=batch_id, page=page, entries=tuple(named))


def a_worker(worker_id: str = "w", seen: float = 0, developed: int = 0) -> WorkerRecord:
    """A worker last seen so many seconds after the start."""
    return WorkerRecord(
        id=worker_id,
        host="h",
        slots=2,
        developed_images=developed,
        capabilities=(TAKES_EXPRESS,),
        started_at=START,
        seen_at=after(seen),
    )


def completed(worker: str = "w") -> Outcome:
    """An image that was developed into one print."""
    made = Print(output="web", extension="jpg", media_type="image/jpeg", width=1600, height=1200, size_bytes=300_000)
    readings = Readings(exif={"Make": "$ACME", "FNumber": 2.0, "LensSpecification": (18, 55.5)}, dhash64="0" * 16)
    original = Original(width=4032, height=3024, format="jpeg", notes=("icc_ignored",), readings=readings)
    return Outcome(state="completed", prints=(made,), original=original, duration_ms=80, worker=worker)


def failed(message: str = "no image", code: str | None = "unreadable") -> Outcome:
    """An image that could not be developed."""
    return Outcome(state="failed", code=code, message=message, worker="w")


outcomes = st.builds(
    Outcome,
    state=st.sampled_from(["completed", "failed"]),
    code=st.sampled_from([None, "", "$settled", "image.unreadable"]),
    message=st.sampled_from([None, "$outcomes", "$$ROOT", "가나다"]),
    worker=st.sampled_from(["one", "two", "three"]),
)
"""Outcomes that differ, some with texts that a database might take for more than texts."""


def histories(indexes: tuple[int, ...], chunk_id: str) -> st.SearchStrategy[list[Folding]]:
    """Foldings of one chunk in any order, repeated, in conflict, of strange images, and given up in between."""
    near = st.integers(min(indexes) - 1, max(indexes) + 2)
    learnt = st.builds(
        Folding,
        chunk_id=st.just(chunk_id),
        outcomes=st.dictionaries(near, outcomes, max_size=len(indexes)),
        abandoned=st.none() | st.none() | st.none() | outcomes,
        chunk_images=st.sampled_from([0, len(indexes)]),
    )
    return st.lists(learnt, max_size=8)


def after_history(chunk: Chunk, history: list[Folding]) -> Chunk:
    """The chunk as the documents' pure methods make it."""
    for folding in history:
        chunk = chunk.folded(folding.outcomes)
        if folding.abandoned is not None:
            chunk = chunk.abandoned(folding.abandoned)
    return chunk


def a_lesson(model: CostModel, at: float) -> CostModel:
    """What a tracker has a model learn: that one photograph cost 150 ms."""
    facts = ImageFacts(size_bytes=3_000_000, format="jpeg", pixels=12_000_000)
    return model.learnt(BUILT_IN_RECIPES["web"], [MeasuredImage(facts, 150)], after(at))


def a_certain_lesson(certainty: Certainty) -> Certainty:
    """What is learnt of a batch that took a tenth longer than it was told."""
    mark = Mark(place=3, at=after(0), seconds=100.0, low=90.0, high=120.0)
    return certainty.learnt([mark], after(110), after(110))
