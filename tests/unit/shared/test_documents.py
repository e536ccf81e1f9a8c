"""The pure rules of the documents: what an outcome, an abandonment or a change makes of them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.documents import (
    Batch,
    Chunk,
    ChunkTotals,
    ManifestPage,
    Outcome,
    SealedChunks,
    chunk_id,
    original_key,
    print_key,
)
from shared.recipes import built_in_recipes

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LATER = datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC)
INDEXES = (3, 4, 5, 9)
CHUNK = Chunk(batch_id="b", number=7, indexes=INDEXES, lease_until=NOW)
BATCH = Batch(
    id="b",
    name="n",
    recipe=built_in_recipes()["web"],
    chunk_size=10,
    total_images=100,
    total_chunks=10,
    created_at=NOW,
    updated_at=NOW,
)

outcomes = st.builds(Outcome, state=st.sampled_from(["completed", "failed"]), worker=st.sampled_from("abcd"))
results = st.tuples(st.integers(0, 10), outcomes)
causes = st.just(Outcome(state="failed", code="chunk_gave_up"))


def in_turn(chunk: Chunk, events: list[tuple[int, Outcome]]) -> Chunk:
    """The chunk after one event at a time."""
    for index, outcome in events:
        chunk = chunk.folded({index: outcome})
    return chunk


def conserves(chunk: Chunk) -> bool:
    """Whether the counts are those of the outcomes, and the outcomes those of the chunk's images."""
    return (
        chunk.completed + chunk.failed == len(chunk.outcomes)
        and chunk.completed == sum(outcome.state == "completed" for outcome in chunk.outcomes.values())
        and {int(index) for index in chunk.outcomes} <= set(chunk.indexes)
        and chunk.settled == (len(chunk.outcomes) == len(chunk.indexes))
    )


@given(st.data(), st.dictionaries(st.sampled_from(INDEXES), outcomes))
def test_order_and_repetition_of_outcomes_do_not_matter(data: st.DataObject, ends: dict[int, Outcome]) -> None:
    """Any permutation with any duplicates gives the state that one fold of all gives."""
    events = list(ends.items())
    repeated = data.draw(st.lists(st.sampled_from(events))) if events else []
    shuffled = data.draw(st.permutations(events + repeated))
    assert in_turn(CHUNK, shuffled) == CHUNK.folded(ends)


@given(st.lists(results))
def test_the_first_outcome_of_an_image_stays(events: list[tuple[int, Outcome]]) -> None:
    """Later and contradicting outcomes change nothing."""
    first: dict[int, Outcome] = {}
    for index, outcome in events:
        first.setdefault(index, outcome)
    assert in_turn(CHUNK, events) == CHUNK.folded(first)
    assert in_turn(CHUNK, events).outcomes == {str(i): first[i] for i in INDEXES if i in first}


@given(st.lists(results))
def test_a_replay_of_everything_changes_nothing(events: list[tuple[int, Outcome]]) -> None:
    """Handled twice is handled once."""
    once = in_turn(CHUNK, events)
    assert in_turn(once, events) == once


@given(st.lists(st.lists(results)), causes)
def test_images_are_conserved_at_every_moment(turns: list[list[tuple[int, Outcome]]], cause: Outcome) -> None:
    """Counts and outcomes fit each other before, between and after all folds, and when the chunk gives up."""
    chunk = CHUNK
    for events in turns:
        chunk = chunk.folded(dict(events))
        assert conserves(chunk)
    given_up = chunk.abandoned(cause)
    assert conserves(given_up)
    assert given_up.settled


@given(st.lists(results), st.lists(results), causes)
def test_giving_up_fails_only_what_had_no_outcome(
    before: list[tuple[int, Outcome]], late: list[tuple[int, Outcome]], cause: Outcome
) -> None:
    """What was known stays, the rest fails with the cause, and late results change nothing."""
    known = in_turn(CHUNK, before)
    given_up = known.abandoned(cause)
    assert given_up.outcomes == {str(i): known.outcomes.get(str(i), cause) for i in INDEXES}
    assert given_up.gave_up == (not known.settled)
    assert in_turn(given_up, late) == given_up
    assert given_up.abandoned(Outcome(state="failed", code="another")) == given_up


def test_a_settled_chunk_does_not_give_up() -> None:
    """An undertaker that comes too late does not turn a completed chunk into a failed one."""
    settled = CHUNK.folded(dict.fromkeys(INDEXES, Outcome(state="failed")))
    assert settled.settled
    assert settled.abandoned(Outcome(state="failed", code="late")) == settled


def test_outcomes_of_other_chunks_images_are_ignored() -> None:
    """A message with a wrong index cannot make a chunk larger."""
    assert CHUNK.folded({0: Outcome(state="completed"), 10: Outcome(state="failed")}) == CHUNK


def test_folding_leaves_lease_and_claim_alone() -> None:
    """Outcomes say nothing about who works on the chunk."""
    held = CHUNK.model_copy(update={"worker": "w", "attempts": 2, "lease_until": LATER})
    folded = held.folded({3: Outcome(state="completed")})
    assert (folded.worker, folded.attempts, folded.lease_until) == ("w", 2, LATER)


def test_a_change_raises_the_version_and_the_time() -> None:
    """One change is one version, however many fields it sets."""
    changed = BATCH.changed(LATER, completed_images=5, failed_images=1)
    assert (changed.completed_images, changed.failed_images) == (5, 1)
    assert (changed.version, changed.updated_at) == (1, LATER)


def test_a_change_to_the_same_is_no_change() -> None:
    """A handler that runs twice does not raise the version twice."""
    changed = BATCH.changed(LATER, completed_images=5)
    assert changed.changed(LATER, completed_images=5, failed_images=0) is changed


def test_the_first_dispatch_counts() -> None:
    """A message published again does not move the moment."""
    dispatched = BATCH.dispatched(NOW)
    assert dispatched.dispatched_at == NOW
    assert dispatched.dispatched(LATER) is dispatched


@given(st.lists(st.integers(0, 10), min_size=1))
def test_release_only_goes_forward(steps: list[int]) -> None:
    """Chunkers that race or repeat leave the furthest of their steps."""
    batch = BATCH
    for step in steps:
        batch = batch.released(step, LATER)
    assert (batch.released_chunks, batch.status, batch.started_at) == (max(steps), "STARTED", LATER)
    assert batch.released(min(steps), NOW) is batch


@pytest.mark.parametrize("status", ["SUCCESS", "FAILURE", "REVOKED"])
def test_a_finished_batch_is_not_released(status: str) -> None:
    """A late chunker cannot bring a batch back."""
    finished = BATCH.changed(NOW, status=status)
    assert finished.is_finished
    assert finished.released(5, LATER) is finished


@given(*[st.integers(0, 30)] * 3)
def test_every_image_is_pending_or_ended(completed: int, failed: int, revoked: int) -> None:
    """The sum is the total at every moment."""
    batch = BATCH.changed(NOW, completed_images=completed, failed_images=failed, revoked_images=revoked)
    assert batch.ended_images == completed + failed + revoked
    assert batch.pending_images + completed + failed + revoked == batch.total_images


def test_settled_chunks_are_those_that_ended_either_way() -> None:
    """Both kinds of end count."""
    assert BATCH.changed(NOW, completed_chunks=3, failed_chunks=2).settled_chunks == 5
    assert ChunkTotals(completed_chunks=3, failed_chunks=2).settled_chunks == 5


def test_totals_add_up() -> None:
    """The sums over two sets of chunks, sealed or not, are the sum of both."""
    sealed = SealedChunks(completed_images=1, failed_images=2, completed_chunks=3, failed_chunks=4, through=7)
    newer = ChunkTotals(completed_images=10, failed_images=20, completed_chunks=30, failed_chunks=40)
    both = ChunkTotals(completed_images=11, failed_images=22, completed_chunks=33, failed_chunks=44)
    assert sealed.plus(newer) == both


def test_ids_and_keys_are_made_from_ids_alone() -> None:
    """The same each time, so that doing something again writes to the same place."""
    assert CHUNK.id == chunk_id("b", 7) == "b:7"
    assert ManifestPage(batch_id="b", page=2, entries=()).id == "b:2"
    assert original_key("b", 4) == "originals/b/4"
    assert print_key("b", 4, "web", "jpg") == "results/b/4/web.jpg"


def test_documents_of_a_newer_version_are_read() -> None:
    """Fields that this version does not know are passed over."""
    assert Chunk.model_validate({**CHUNK.model_dump(), "colour": "red"}) == CHUNK


def test_documents_do_not_change() -> None:
    """Only their methods make new ones."""
    with pytest.raises(ValidationError):
        BATCH.status = "SUCCESS"  # type: ignore[misc]  # that it is refused is what is tested
