"""One chunk as the pure methods make it, the same chunk in a store, and random calls to both."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from shared.documents import Chunk, Folding, Outcome
from shared.ports import ChunkStore
from tests.contract.documents.examples import after, outcomes

HOLDERS = ("w.1", "w.2", "$worker")
"""Names of workers, one of which a database might take for more than a text."""

THE_HOLDER = "the holder"
"""Stands for whoever has the chunk in hand at that moment."""

Call = tuple[str, Mapping[str, Any]]
"""A method of both classes below by name, and its arguments."""


class PureChunk:
    """What the port promises, said with nothing but `Chunk`'s own methods."""

    def __init__(self, chunk: Chunk) -> None:
        self.chunk = chunk

    def claim(self, worker: str, now: datetime, lease_until: datetime, found_lost: Chunk | None) -> Chunk | None:
        """See `ChunkClaims`."""
        chunk = self.chunk
        is_free = chunk.worker == worker or (chunk.worker is None and not chunk.backs_off(now))
        is_lost = chunk.worker is not None and found_lost is not None
        if is_lost and found_lost is not None:
            is_lost = (found_lost.worker, found_lost.lease_until) == (chunk.worker, chunk.lease_until)
        if chunk.settled or not (is_free or is_lost):
            return None
        self.chunk = chunk.claimed(worker, lease_until, now)
        return self.chunk

    def suspect(self, worker: str, index: int | None) -> bool:
        """See `ChunkClaims`."""
        return self._change_if(self._is_held_by(worker), self.chunk.model_copy(update={"suspect": index}))

    def expire_claim(self, worker: str, now: datetime) -> bool:
        """See `ChunkReleases`."""
        is_over = self._is_held_by(worker) and self.chunk.lease_until <= now
        return self._change_if(is_over, self.chunk.lost().model_copy(update={"lease_until": now}))

    def release_claim(self, worker: str, lease_until: datetime, retries: int, not_before: datetime | None) -> None:
        """See `ChunkClaims`."""
        self._change_if(self._is_held_by(worker), self.chunk.claim_released(lease_until, retries, not_before))

    def unclaimed(self, now: datetime) -> bool:
        """Whether `ChunkReleases` counts and finds it."""
        return not self.chunk.settled and self.chunk.worker is None and not self.chunk.backs_off(now)

    def renew(self, worker: str, lease_until: datetime) -> None:
        """See `ChunkClaims`."""
        self._change_if(self._is_held_by(worker), self.chunk.model_copy(update={"lease_until": lease_until}))

    def extend(self, lease_until: datetime) -> None:
        """See `ChunkReleases`."""
        self._change_if(not self.chunk.settled, self.chunk.model_copy(update={"lease_until": lease_until}))

    def fold(self, foldings: Sequence[Folding], now: datetime) -> None:
        """See `ChunkOutcomes`."""
        for folding in foldings:
            self.chunk = self.chunk.folded(folding.outcomes, now)
            if folding.abandoned is not None:
                self.chunk = self.chunk.abandoned(folding.abandoned, now)

    def revoke_rest(self, now: datetime) -> None:
        """See `ChunkOutcomes`."""
        self.chunk = self.chunk.revoke_rest(now)

    def _is_held_by(self, worker: str) -> bool:
        return not self.chunk.settled and self.chunk.worker == worker

    def _change_if(self, condition: bool, changed: Chunk) -> bool:  # noqa: FBT001 - reads as a sentence
        if condition:
            self.chunk = changed
        return condition


class StoredChunk:
    """The same calls to a store."""

    def __init__(self, chunks: ChunkStore, chunk_id: str) -> None:
        self._chunks = chunks
        self._id = chunk_id

    async def claim(self, worker: str, now: datetime, lease_until: datetime, found_lost: Chunk | None) -> Chunk | None:
        """See `ChunkClaims`."""
        return await self._chunks.claim(self._id, worker, now, lease_until, found_lost=found_lost)

    async def suspect(self, worker: str, index: int | None) -> bool:
        """See `ChunkClaims`."""
        return await self._chunks.suspect(self._id, worker, index)

    async def expire_claim(self, worker: str, now: datetime) -> bool:
        """See `ChunkReleases`."""
        return await self._chunks.expire_claim(self._id, worker, now)

    async def release_claim(
        self, worker: str, lease_until: datetime, retries: int, not_before: datetime | None
    ) -> None:
        """See `ChunkClaims`."""
        await self._chunks.release_claim(self._id, worker, lease_until, retries=retries, not_before=not_before)

    async def unclaimed(self, now: datetime) -> bool:
        """Whether the store finds it, and counts one more with it than without."""
        found = await self._chunks.unclaimed_of(self._id.rpartition(":")[0], 0, now, 9)
        others = await self._chunks.unclaimed("normal", now, [self._id.rpartition(":")[0]])
        counted = await self._chunks.unclaimed("normal", now) - others
        assert [chunk.id for chunk in found] == [self._id] * counted
        return bool(counted)

    async def renew(self, worker: str, lease_until: datetime) -> None:
        """See `ChunkClaims`."""
        await self._chunks.renew([self._id], worker, lease_until)

    async def extend(self, lease_until: datetime) -> None:
        """See `ChunkReleases`."""
        await self._chunks.extend([self._id], lease_until)

    async def fold(self, foldings: Sequence[Folding], now: datetime) -> None:
        """See `ChunkOutcomes`."""
        await self._chunks.fold(foldings, now)

    async def revoke_rest(self, now: datetime) -> None:
        """See `ChunkOutcomes`."""
        await self._chunks.revoke_rest([self._id], now)


def histories_of_calls(chunk: Chunk) -> st.SearchStrategy[list[Call]]:
    """Calls for this chunk, one after the other, to be `resolved` each by what was seen until then."""
    moments = st.integers(0, 5).map(after)
    holder = {"worker": st.sampled_from([THE_HOLDER, THE_HOLDER, *HOLDERS])}
    lease = {"lease_until": moments}
    looks_back = {"found_lost": st.sampled_from([0, 1, 1, 2, 3])}
    learnt = st.builds(
        Folding,
        chunk_id=st.just(chunk.id),
        outcomes=st.dictionaries(st.sampled_from(chunk.indexes), outcomes, max_size=1),
        abandoned=st.sampled_from([None, None, None, None, Outcome(state="failed", code="given_up")]),
    )
    arguments: dict[str, dict[str, st.SearchStrategy[Any]]] = {
        "claim": {"worker": st.sampled_from(HOLDERS), "now": moments, **lease, **looks_back},
        "suspect": {**holder, "index": st.sampled_from([None, *chunk.indexes, chunk.indexes[0]])},
        "expire_claim": {**holder, "now": moments},
        "release_claim": {**holder, **lease, "retries": st.integers(0, 3), "not_before": st.none() | moments},
        "unclaimed": {"now": moments},
        "renew": {**holder, **lease},
        "extend": lease,
        "fold": {"foldings": st.lists(learnt, max_size=2), "now": moments},
        "revoke_rest": {"now": moments},
    }
    each = {name: st.tuples(st.just(name), st.fixed_dictionaries(given)) for name, given in arguments.items()}
    # Claims, suspects and losses are the most interesting, and whatever settles the chunk ends the story.
    often = [*["claim"] * 5, *["suspect"] * 4, *["expire_claim"] * 3, *["release_claim"] * 3]
    often += ["unclaimed", "renew", "extend", "fold"]
    one = st.sampled_from([*often * 2, "revoke_rest"]).flatmap(lambda name: each[name])
    return st.lists(one, min_size=8, max_size=20)


def resolved(arguments: Mapping[str, Any], seen: Sequence[Chunk]) -> Mapping[str, Any]:
    """Arguments for a chunk that was last seen as the last of `seen`."""
    found = dict(arguments)
    if found.get("worker") == THE_HOLDER:
        found["worker"] = seen[-1].worker or HOLDERS[0]
    if (looks_back := found.get("found_lost")) is not None:
        found["found_lost"] = seen[-looks_back:][0] if looks_back else None
    return found
