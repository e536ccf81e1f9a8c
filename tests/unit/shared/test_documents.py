"""The pure rules of the documents: what an outcome, an abandonment or a change makes of them."""

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.documents import (
    REVOKED,
    Batch,
    Chunk,
    ChunkTotals,
    ManifestEntry,
    ManifestPage,
    Outcome,
    SealedChunks,
    StopReason,
    chunk_id,
)
from shared.object_keys import (
    appended_prefix,
    marked_batch_id,
    original_key,
    originals_prefix,
    print_key,
    results_prefix,
    upload_marker_key,
)
from shared.recipes import BUILT_IN_RECIPES
from tests.recorded.reading import holds

RECORDED = Path(__file__).parents[2] / "recorded" / "documents"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LATER = datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC)
INDEXES = (3, 4, 5, 9)
CHUNK = Chunk(batch_id="b", number=7, indexes=INDEXES, lease_until=NOW)
BATCH = Batch(
    id="b",
    name="n",
    recipe=BUILT_IN_RECIPES["web"],
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


def suspecting(chunk: Chunk, index: int | None) -> Chunk:
    """The chunk while its worker has this image in hand with nothing beside it."""
    return chunk.model_copy(update={"suspect": index})


def conserves(chunk: Chunk) -> bool:
    """Whether the counts are those of the outcomes, and the outcomes those of the chunk's images."""
    states = [outcome.state for outcome in chunk.outcomes.values()]
    return (
        chunk.completed + chunk.failed + chunk.revoked == len(chunk.outcomes)
        and chunk.completed == states.count("completed")
        and chunk.revoked == states.count("revoked")
        and sum(chunk.failure_codes.values()) == chunk.failed
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


stories = st.lists(
    st.one_of(
        st.dictionaries(st.integers(0, 10), outcomes, max_size=3),
        st.builds(Outcome, state=st.just("failed"), code=st.sampled_from(["one", "two"])),
        st.none(),
    ),
    max_size=10,
)
"""What may come to a chunk, in any order and repeated: outcomes to fold, a cause to give up for, or its cutting off."""


def after_turn(chunk: Chunk, turn: dict[int, Outcome] | Outcome | None) -> Chunk:
    """The chunk after one of these."""
    if turn is None:
        return chunk.revoke_rest()
    return chunk.abandoned(turn) if isinstance(turn, Outcome) else chunk.folded(turn)


@given(stories, st.randoms(use_true_random=False))
def test_whatever_comes_in_whatever_order_images_are_conserved(
    story: list[dict[int, Outcome] | Outcome | None], chance: random.Random
) -> None:
    """Each step keeps every outcome there was and fits the counts; who settles stays so, and a replay changes nothing.

    A chunk gave up exactly if images of it failed for that, whoever else came before and after.
    """
    chunk, gave_up = CHUNK, False
    repeated = [*story, *chance.choices(story, k=len(story))] if story else []
    chance.shuffle(repeated)
    for turn in repeated:
        after = after_turn(chunk, turn)
        assert conserves(after)
        assert chunk.outcomes.items() <= after.outcomes.items()
        gave_up = gave_up or (isinstance(turn, Outcome) and not chunk.settled)
        assert after.gave_up == gave_up
        if chunk.settled:
            assert after == chunk
        chunk = after
    for turn in repeated:
        assert after_turn(chunk, turn).outcomes.items() >= chunk.outcomes.items()
        assert not chunk.settled or after_turn(chunk, turn) == chunk


@given(st.data(), st.dictionaries(st.sampled_from(INDEXES), outcomes), st.sampled_from([None, "cut off", "given up"]))
def test_two_orders_of_the_same_outcomes_give_the_same_document(
    data: st.DataObject, ends: dict[int, Outcome], last: str | None
) -> None:
    """In any groups and with any repetition, and what ends the rest then ends the same rest."""
    documents = []
    for _ in range(2):
        chunk = CHUNK
        for index in data.draw(st.permutations(sorted(ends))):
            group = data.draw(st.sets(st.sampled_from(sorted(ends)))) if data.draw(st.booleans()) else set()
            chunk = chunk.folded({i: ends[i] for i in {index, *group}})
        if last is not None:
            chunk = chunk.revoke_rest() if last == "cut off" else chunk.abandoned(Outcome(state="failed", code="last"))
        documents.append(chunk)
    assert documents[0] == documents[1]
    assert documents[0].settled == (last is not None or set(ends) == set(INDEXES))


def test_cutting_off_revokes_only_what_had_no_outcome() -> None:
    """What was known stays, the rest is revoked, and the chunk itself has not failed."""
    known = CHUNK.folded({3: Outcome(state="completed"), 9: Outcome(state="failed", code="unreadable")})
    cut = known.revoke_rest()
    assert cut.outcomes == {**known.outcomes, "4": REVOKED, "5": REVOKED}
    assert (cut.completed, cut.failed, cut.revoked, cut.settled, cut.gave_up) == (1, 1, 2, True, False)
    assert cut.revoke_rest() == cut
    assert cut.abandoned(Outcome(state="failed", code="late")) == cut
    assert cut.folded({4: Outcome(state="completed")}) == cut


def test_a_claim_of_a_free_chunk_loses_nobody() -> None:
    """One attempt on, whoever had it before and parted with it."""
    claimed = CHUNK.claimed("w", LATER, NOW)
    assert claimed.claimed_at == NOW
    assert claimed.claimed("w", LATER, LATER).lost().claimed_at == LATER
    assert (claimed.worker, claimed.lease_until, claimed.attempts) == ("w", LATER, 1)
    again = claimed.claim_released(NOW, 0).claimed("other", LATER, NOW)
    assert (again.worker, again.attempts, again.losses, again.suspicions) == ("other", 2, 0, {})


def test_a_claim_over_another_worker_counts_its_loss_and_its_suspect() -> None:
    """The suspect is the lost worker's, so the new one begins without."""
    held = CHUNK.claimed("w", LATER, NOW)
    assert held.claimed("other", LATER, NOW).losses == 1
    assert held.claimed("other", LATER, NOW).suspicions == {}
    claimed = suspecting(held, 4).claimed("other", LATER, NOW)
    assert (claimed.worker, claimed.attempts, claimed.losses) == ("other", 2, 1)
    assert (claimed.suspect, claimed.suspicions) == (None, {"4": 1})


def test_a_claim_of_ones_own_chunk_loses_nobody_and_suspects_nobody() -> None:
    """The worker lives, whatever it was busy with when its message came again."""
    claimed = suspecting(CHUNK.claimed("w", LATER, NOW), 4).claimed("w", NOW, NOW)
    assert (claimed.attempts, claimed.losses, claimed.suspect, claimed.suspicions) == (2, 0, None, {})


def test_a_lost_worker_leaves_the_chunk_in_nobodys_hands() -> None:
    """Its lease says until when nobody was to take it; outcomes and retries stay."""
    held = suspecting(CHUNK.claim_released(NOW, 2).claimed("w", LATER, NOW).folded({3: REVOKED}), 4)
    lost = held.lost()
    assert (lost.worker, lost.losses, lost.suspect, lost.suspicions) == (None, 1, None, {"4": 1})
    assert (lost.lease_until, lost.attempts, lost.retries, lost.outcomes) == (LATER, 1, 2, held.outcomes)


@given(st.lists(st.none() | st.sampled_from(INDEXES)))
def test_every_loss_is_explained_by_its_suspect_or_unexplained(suspects: list[int | None]) -> None:
    """Losses and suspicions only grow, and the unexplained ones are those without a suspect."""
    chunk = CHUNK
    for suspect in suspects:
        chunk = suspecting(chunk.claimed("w", LATER, NOW), suspect).lost()
    assert chunk.losses == len(suspects)
    assert chunk.unexplained_losses == suspects.count(None)
    assert chunk.suspicions == {str(i): suspects.count(i) for i in INDEXES if i in suspects}
    assert chunk.attempts == len(suspects)


@given(st.lists(st.integers(0, 5)))
def test_a_chunk_handed_back_has_the_highest_count_of_retries(counts: list[int]) -> None:
    """Whoever knows of fewer does not set it back; nobody is lost, and nobody stays a suspect."""
    chunk = CHUNK
    for retries in counts:
        chunk = suspecting(chunk.claimed("w", LATER, NOW), 4).claim_released(NOW, retries)
    assert chunk.retries == max(counts, default=0)
    assert (chunk.worker, chunk.suspect, chunk.lease_until) == (None, None, NOW)
    assert (chunk.losses, chunk.suspicions, chunk.attempts) == (0, {}, len(counts))


def test_a_backoff_lasts_until_its_moment_and_no_longer() -> None:
    """A chunk that was handed back without one, or never, waits out none."""
    resting = CHUNK.claimed("w", LATER, NOW).claim_released(LATER, 1, not_before=NOW)
    assert [resting.backs_off(NOW + timedelta(microseconds=n)) for n in (-1, 0, 1)] == [True, False, False]
    for chunk in (CHUNK, CHUNK.claimed("w", LATER, NOW), CHUNK.claimed("w", LATER, NOW).claim_released(LATER, 1)):
        assert not chunk.backs_off(datetime.min.replace(tzinfo=UTC))


def test_a_backoff_ends_with_a_claim_a_loss_or_another_hand_back() -> None:
    """Only a chunk that was handed back for a retry has one."""
    resting = CHUNK.claimed("w", NOW, NOW).claim_released(LATER, 1, not_before=LATER)
    held_by_older_worker = resting.model_copy(update={"worker": "old"})
    ended = [resting.claimed("w", LATER, NOW), resting.claim_released(LATER, 1), held_by_older_worker.lost()]
    assert [chunk.not_before for chunk in ended] == [None, None, None]
    assert resting.folded({3: REVOKED}).not_before == LATER


def test_a_chunk_that_was_recorded_before_there_were_backoffs_waits_out_none() -> None:
    """As an older version wrote it, in the middle of a retry."""
    old = json.loads((RECORDED / "chunk-between-retries.json").read_text())
    chunk = Chunk.model_validate(old)
    assert (chunk.not_before, chunk.retries, chunk.worker) == (None, 1, None)
    assert chunk.outcomes["3"].timings_ms == {}
    assert holds(chunk.model_dump(mode="json"), old) == []


def test_claims_and_losses_leave_outcomes_alone() -> None:
    """What an image has become does not depend on who had it."""
    known = CHUNK.folded({3: Outcome(state="completed")})
    for changed in (
        known.claimed("w", LATER, NOW),
        known.claimed("w", LATER, NOW).lost(),
        known.claim_released(LATER, 1),
    ):
        assert (changed.outcomes, changed.completed, changed.settled) == (known.outcomes, 1, False)


def test_a_chunk_settles_once() -> None:
    """At the moment of its last outcome, however that came; what comes after it changes nothing."""
    begun = CHUNK.folded(dict.fromkeys(INDEXES[:3], Outcome(state="completed")), NOW)
    assert begun.settled_at is None
    failure = Outcome(state="failed", code="timeout")
    for settled in (begun.folded({9: failure}, LATER), begun.abandoned(failure, LATER), begun.revoke_rest(LATER)):
        assert (settled.settled, settled.settled_at) == (True, LATER)
        later = LATER + timedelta(1)
        assert settled.folded({9: failure}, later) == settled.abandoned(failure, later) == settled.revoke_rest(later)
        assert settled.revoke_rest(later) == settled


def test_when_an_earlier_version_settled_a_chunk_stays_unknown() -> None:
    """A repetition comes later, and says nothing about it."""
    settled = CHUNK.revoke_rest()
    assert settled.settled_at is None
    assert settled.revoke_rest(LATER).settled_at is None


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
    held = suspecting(CHUNK.claimed("lost", NOW, NOW).claimed("w", LATER, NOW), 5)
    for folded in (held.folded({3: Outcome(state="completed")}), held.revoke_rest(), held.abandoned(REVOKED)):
        assert (folded.worker, folded.attempts, folded.lease_until) == ("w", 2, LATER)
        assert (folded.losses, folded.suspect) == (1, 5)


def test_a_change_sets_its_time_and_leaves_the_version_to_the_store() -> None:
    """However many fields it sets; changes may be composed."""
    changed = BATCH.changed(LATER, completed_images=5, failed_images=1)
    assert (changed.completed_images, changed.failed_images) == (5, 1)
    assert (changed.version, changed.updated_at) == (BATCH.version, LATER)


def test_a_change_to_the_same_is_no_change() -> None:
    """A handler that runs twice changes nothing the second time."""
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
    """Both kinds of end count, and in the sums over chunks the revoked ones as well."""
    assert BATCH.changed(NOW, completed_chunks=3, failed_chunks=2).settled_chunks == 5
    assert ChunkTotals(completed_chunks=3, failed_chunks=2, revoked_chunks=4).settled_chunks == 9


def test_totals_add_up() -> None:
    """The sums over two sets of chunks, sealed or not, are the sum of both."""
    counters = sorted(ChunkTotals.model_fields.keys() - {"failure_codes"})
    ones = {name: number for number, name in enumerate(counters, start=1)}
    codes = {"timeout": 1, "crashed": ones["failed_images"] - 1}

    def totals(times: int) -> ChunkTotals:
        by_code = {code: times * images for code, images in codes.items()}
        return ChunkTotals(**{name: times * number for name, number in ones.items()}, failure_codes=by_code)

    assert SealedChunks(**totals(1).model_dump(), through=7).plus(totals(10)) == totals(11)


def test_ids_and_keys_are_made_from_ids_alone() -> None:
    """The same each time, so that doing something again writes to the same place."""
    assert CHUNK.id == chunk_id("b", 7) == "b:7"
    assert ManifestPage(batch_id="b", page=2, entries=()).id == "b:2"
    assert original_key("b", 4) == "originals/b/4"
    assert appended_prefix("b", "a") == "originals/b/a/"
    entry = ManifestEntry(index=4, name="../x", size_bytes=1)
    assert entry.original_key("b") == original_key("b", 4)
    assert entry.model_copy(update={"stored_as": "a/0"}).original_key("b") == f"{appended_prefix('b', 'a')}0"
    assert print_key("b", 4, "web", "jpg") == "results/b/4/web.jpg"
    assert print_key("b", 4, "web", "jpg", generation=2) == "results/b/4/retry-2/web.jpg"


def test_the_prefixes_are_those_of_one_batchs_keys() -> None:
    """Everything under them is removed when the batch is, so none may be the beginning of another's."""
    assert original_key("b", 4).startswith(originals_prefix("b"))
    assert print_key("b", 4, "web", "jpg", generation=2).startswith(results_prefix("b"))
    assert not original_key("b2", 4).startswith(originals_prefix("b"))
    assert not print_key("b2", 4, "web", "jpg").startswith(results_prefix("b"))


def test_only_a_marker_tells_of_an_upload() -> None:
    """What it names is removed, and an empty name would be the prefix of everything."""
    batch_id = "3f0f4a52-8a51-4bd8-9d52-4f4f6f1b9c11"
    assert marked_batch_id(upload_marker_key(batch_id)) == batch_id
    for key in ("uploads/", "uploads", "uploads/..", f"uploads/{batch_id}/", f"uploads/{batch_id.upper()}", batch_id):
        assert marked_batch_id(key) is None, key


def test_a_deleted_batch_keeps_its_id_and_forgets_what_its_owner_sent() -> None:
    """The name, the key, which is free again, and the request; deleting it again changes nothing."""
    batch = BATCH.model_copy(update={"idempotency_key": "k", "request_fingerprint": "f", "status": "SUCCESS"})
    deleted = batch.deleted(NOW)
    assert (deleted.name, deleted.idempotency_key, deleted.request_fingerprint) == ("", None, None)
    assert (deleted.id, deleted.deleted_at, deleted.emptied_at) == ("b", NOW, None)
    assert deleted.deleted(LATER) is deleted
    purged = deleted.purged(LATER)
    assert (purged.deleted_at, purged.emptied_at) == (NOW, LATER)
    assert purged.purged(LATER) is purged


@pytest.mark.parametrize(("reason", "status"), [("cancelled", "REVOKED"), ("failure_threshold", "FAILURE")])
def test_a_stopped_batch_that_is_deleted_ends_by_it(reason: StopReason, status: str) -> None:
    """In one change, with everything revoked that had no outcome; a late end changes nothing any more."""
    batch = BATCH.released(1, NOW).changed(NOW, completed_images=1, failed_images=1).stopped(reason, NOW)
    deleted = batch.deleted(LATER)
    assert (deleted.status, deleted.deleted_at, deleted.finished_at) == (status, LATER, LATER)
    assert (deleted.completed_images, deleted.failed_images, deleted.pending_images) == (1, 1, 0)
    assert deleted.revoked_images == batch.total_images - 2
    assert deleted.ended_early(ChunkTotals(completed_images=2), LATER) is deleted
    assert deleted.deleted(LATER) is deleted


def test_a_condemned_upload_is_a_deleted_batch_without_images() -> None:
    """Finished, so that nobody ever does anything with it."""
    tombstone = Batch.tombstone("b", NOW)
    assert Batch.model_validate(tombstone.model_dump()) == tombstone
    assert (tombstone.total_images, tombstone.total_chunks, tombstone.pending_images) == (0, 0, 0)
    assert (tombstone.status, tombstone.stop, tombstone.deleted_at) == ("REVOKED", "cancelled", NOW)
    assert tombstone.is_finished
    assert not tombstone.may_be_developed
    assert tombstone.deleted(LATER) is tombstone


def test_documents_of_a_newer_version_are_read() -> None:
    """Fields that this version does not know are passed over."""
    assert Chunk.model_validate({**CHUNK.model_dump(), "colour": "red"}) == CHUNK


def test_documents_do_not_change() -> None:
    """Only their methods make new ones."""
    with pytest.raises(ValidationError):
        BATCH.status = "SUCCESS"  # type: ignore[misc]  # that it is refused is what is tested


def test_a_batch_that_stops_or_has_finished_is_not_paused() -> None:
    """Its pause would never end."""
    for batch in (BATCH.stopped("cancelled", NOW), BATCH.model_copy(update={"status": "SUCCESS"})):
        assert batch.with_pause(LATER) is batch
    assert BATCH.with_pause(LATER).paused
