"""Which worker has which chunk and which image in hand, and whether it may: judged at every claim and beginning."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from shared.documents import Batch, Chunk
from shared.messaging.topology import RETRY_STEPS
from shared.running.clock import Clock
from tests.simulation.chance import Chance
from tests.simulation.lives import Life
from tests.simulation.rules import Report
from tests.simulation.stores import ObservedBatches, ObservedChunks

BEGUN_AT_MOST_SECONDS = 2.0
"""So long after a cancel or a pause was stored, images of the batch may still be begun."""

SIGN_SECONDS = 4.5
"""Somebody who shows no sign of life for less is not lost: two heartbeats and a little."""

HEARTBEAT_SECONDS = 2.0
"""One renewal that the database was away for is forgiven."""

SUSPICIOUS_LOSSES = 2
"""A chunk that has lost so many workers has its images developed alone."""

TOLERANCE_SECONDS = 1.0
"""An attempt may come so much before the delay of its retry step is over."""

LEASE_SECONDS = 30.0
"""A worker that was troubled so long ago has renewed its leases since."""


@dataclass
class Claim:
    """A chunk in a life's hands."""

    at: float
    chunk: Chunk
    told: set[int] = field(default_factory=set)
    gave_up: bool = False
    begun: set[int] = field(default_factory=set)
    developed: set[int] = field(default_factory=set)
    failed_for_now: set[int] = field(default_factory=set)
    failed_at: float = 0.0
    is_lost: bool = False

    @property
    def failures(self) -> int:
        """How many of its images failed for now."""
        return len(self.failed_for_now)

    def fails(self, index: int, now: float) -> None:
        """Note a reason to try again."""
        self.failed_for_now.add(index)
        self.failed_at = now


class Work:
    """Who works on what. Lives are told apart by the names that they claim with."""

    def __init__(
        self,
        batches: ObservedBatches,
        chunks: ObservedChunks,
        chance: Chance,
        clock: Clock,
        settling: timedelta,
        report: Report,
    ) -> None:
        self._batches = batches
        self._chunks = chunks
        self._chance = chance
        self.clock = clock
        self._settling = settling
        self._report = report
        self.now = chance.now
        self._lives: dict[str, Life] = {}
        self._claims: defaultdict[str, dict[str, Claim]] = defaultdict(dict)
        self._told: set[tuple[str, int]] = set()
        self._at_work: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        self._signs: dict[str, float] = {}
        self._halted_at: dict[str, float] = {}
        self._not_before: dict[str, float] = {}
        self.last_paused_at: dict[str, float] = {}
        self.active_at: dict[str, float] = {}
        """When each batch was last changed, or an image of it begun."""
        self.accidents: Counter[tuple[str, int]] = Counter()
        """How often a life ended without this image's doing while it was the suspect of its chunk."""
        batches.on_change = self._batch_changed
        chunks.on_loss = self._lost
        chunks.on_revoked = self._revoked

    def claim_of(self, life: Life, chunk: str) -> Claim | None:
        """This life's last claim on a chunk."""
        return self._claims[life.name].get(chunk)

    def claimed(self, life: Life, worker: str, chunk: Chunk | None) -> None:
        """Note that a life was given a chunk, or was not."""
        if self._lives.setdefault(worker, life) is not life:
            self._report(f"{life.name} claims as {worker}, which {self._lives[worker].name} did")
        if chunk is not None:
            self.judge_backoff(life, "claims", chunk.id)
            self._not_before.pop(chunk.id, None)
            self._claims[life.name].pop(chunk.id, None)  # the last claim comes last
            self._claims[life.name][chunk.id] = Claim(self.now(), chunk)
            self._signs[chunk.id] = self.now()

    def renewed(self, worker: str, chunk_ids: Iterable[str]) -> None:
        """Note a sign of life."""
        for id_ in chunk_ids:
            chunk = self._chunks.now(id_)
            if chunk is not None and chunk.worker == worker:
                self._signs[id_] = self.now()

    def told(self, life: Life, id_: str, index: int) -> None:
        """Note that the broker has taken an image's result."""
        self._told.add((id_, index))
        claim = self.claim_of(life, id_)
        if claim is not None:
            claim.told.add(index)

    def gave_up(self, life: Life, id_: str) -> None:
        """Note that the broker has taken that the whole chunk failed: its worker keeps it no longer."""
        claim = self.claim_of(life, id_)
        if claim is not None:
            claim.gave_up = True

    def parts(self, life: Life, id_: str) -> None:
        """Report results that would be lost with the claim: what was finished must have been folded."""
        claim = self.claim_of(life, id_)
        chunk = self._chunks.now(id_)
        if claim is None or chunk is None:
            return
        missing = sorted(index for index in claim.told if str(index) not in chunk.outcomes)
        if missing:
            self._report(f"{life.name} parts with chunk {id_} before the images {missing} are folded")

    def puts_off(self, life: Life, id_: str, retries: int) -> None:
        """Note that a life hands a chunk back: with `retries` it waits out the backoff of the last of them."""
        claim = self.claim_of(life, id_)
        if claim is not None and retries:
            self._not_before[id_] = claim.failed_at + RETRY_STEPS[retries - 1].delay_seconds - TOLERANCE_SECONDS

    def judge_backoff(self, life: Life, does: str, id_: str) -> None:
        """Report what is done with a chunk before its backoff is over."""
        early = self._not_before.get(id_, 0.0) - self.now()
        if early > 0:
            self._report(f"{life.name} {does} chunk {id_} {early:.3f} s before its backoff is over")

    def failed_for_now(self, life: Life, upload: str, index: int) -> None:
        """Note a reason to try an image's chunk again.

        A life may be at the image for two chunks, where its batch was cancelled and retried at once: then for both.
        """
        for claim in self._claims_on(life, self._batches.ids[upload], index):
            claim.fails(index, self.now())

    def object_failed(self, life: Life, key: str, original: int | None) -> None:
        """Note a reason to try again: the object store failed on a key, which may be that of an original."""
        kind, batch_id, *rest = key.split("/")
        index = int(rest[0]) if kind == "results" else original
        if index is not None:
            for claim in self._claims_on(life, batch_id, index):
                claim.fails(index, self.now())

    def _begins(self, life: Life, batch_id: str, index: int) -> None:
        claim = self._claim_on(life, batch_id, index)
        if claim is None:
            self._report(f"{life.name} begins image {batch_id}/{index} without a claim")
            return
        image = f"image {claim.chunk.id}/{index}"
        if str(index) in claim.chunk.outcomes:
            self._report(f"{life.name} begins {image}, which had ended before its claim")
        if index in claim.begun:
            self._report(f"{life.name} begins {image} twice")
        undisturbed = self._chance.plan.is_calm and not any(life.ended_by for life in self._lives.values())
        if undisturbed and (claim.chunk.id, index) in self._told:
            self._report(f"{life.name} begins {image}, which was told before")
        claim.begun.add(index)
        self.active_at[batch_id] = self.now()
        batch = self._batches.now(batch_id)
        if batch is not None and batch.generation > claim.chunk.generation:
            self._judge_late(life, f"{image} of generation {claim.chunk.generation}", batch)
        elif batch is not None and not batch.may_be_developed:
            self._judge_late(life, image, batch)

    def _judge_late(self, life: Life, image: str, batch: Batch) -> None:
        halted_at = self._halted_at.get(batch.id)
        if halted_at is None or self.now() - halted_at <= BEGUN_AT_MOST_SECONDS:
            return
        if not life.was_slow(halted_at):
            late = f"{self.now() - halted_at:.3f} s after the batch was told to rest or end"
            self._report(f"{life.name} begins {image} {late}")

    @contextmanager
    def at(self, life: Life, upload: str, index: int) -> Iterator[None]:
        """A life's engine is at an image, whose beginning is judged."""
        image = self._batches.ids[upload], index
        self._begins(life, *image)
        if (claim := self._claim_on(life, *image)) is not None:
            claim.developed.add(index)
        beside = self._at_work[life.name]
        beside.append(image)
        self._judge_company(life, image)
        try:
            yield
        finally:
            beside.remove(image)

    def _judge_company(self, life: Life, image: tuple[str, int]) -> None:
        company = self._at_work[life.name]
        for at_work in company:
            claim = self._claim_on(life, *at_work)
            if claim is None or claim.chunk.losses < SUSPICIOUS_LOSSES:
                continue
            chunk = self._chunks.now(claim.chunk.id)
            if chunk is None or chunk.worker != claim.chunk.worker:
                continue  # it has lost the chunk and does not know
            if at_work == image and chunk.suspect != image[1] and str(image[1]) not in chunk.outcomes:
                self._report(f"{life.name} is at image {chunk.id}/{image[1]} without having noted it as suspect")
            if len(company) > 1:
                self._report(f"{life.name} is at {company} although {chunk.id} has lost {chunk.losses} workers")

    def _claim_on(self, life: Life, batch_id: str, index: int) -> Claim | None:
        return next(self._claims_on(life, batch_id, index), None)

    def _claims_on(self, life: Life, batch_id: str, index: int) -> Iterator[Claim]:
        """A life's claims on chunks with an image, the last first."""
        for claim in reversed(self._claims[life.name].values()):
            if claim.chunk.batch_id == batch_id and index in claim.chunk.indexes:
                yield claim

    def _batch_changed(self, before: Batch | None, after: Batch) -> None:
        now = self.now()
        self.active_at[after.id] = now
        if after.paused or (before is not None and before.paused):
            self.last_paused_at[after.id] = now
        if before is None or before.may_be_developed != after.may_be_developed:
            if after.may_be_developed:
                self._halted_at.pop(after.id, None)
            else:
                self._halted_at[after.id] = now

    def _revoked(self, chunk: Chunk, indexes: Collection[int]) -> None:
        """Judge that images of a chunk are revoked: not those that its worker, which is well, has in development."""
        batch = self._batches.now(chunk.batch_id)
        if batch is None or batch.deleted_at or batch.stopped_at is None:
            return
        if self.clock() - batch.stopped_at >= self._settling:
            return
        for claim in [claims[chunk.id] for claims in self._claims.values() if chunk.id in claims]:
            life = self._lives[str(claim.chunk.worker)]
            if life.is_gone or claim.is_lost or life.was_troubled(self.now() - LEASE_SECONDS - SIGN_SECONDS):
                continue
            wasted = sorted((claim.developed - claim.failed_for_now).intersection(indexes))
            if wasted:
                self._report(f"the images {wasted} of chunk {chunk.id} are revoked, which {life.name} has developed")

    def _lost(self, before: Chunk, after: Chunk) -> None:
        life = self._lives[str(before.worker)]
        if (lost := self.claim_of(life, before.id)) is not None:
            lost.is_lost = True
        quiet = self.now() - self._signs[before.id]
        if before.suspect is not None and after.suspicions != before.suspicions:
            self._suspected(life, before.batch_id, before.suspect, before.id)
        if life.is_gone:
            return
        if quiet < SIGN_SECONDS and not life.was_slow(self.now() - SIGN_SECONDS):
            self._report(f"chunk {before.id} is taken from {life.name}, which showed life {quiet:.3f} s ago")
        if self._chance.away_seconds("documents", self.now() - SIGN_SECONDS) > HEARTBEAT_SECONDS:
            self._report(f"chunk {before.id} is taken from {life.name} when the database has been away")
        claim = self.claim_of(life, before.id)
        told = claim.told | {int(i) for i in before.outcomes} if claim is not None else set()
        told_all = claim is not None and (claim.gave_up or told >= set(before.indexes))
        # What kept it from handing the chunk back may lie further behind, if the batch was paused since.
        since = min(self.now() - LEASE_SECONDS, self._signs[before.id]) - SIGN_SECONDS
        if not told_all and not life.was_troubled(since):
            self._report(f"chunk {before.id} is taken from {life.name}, which is well")

    def _suspected(self, life: Life, batch_id: str, index: int, id_: str) -> None:
        upload = self._batches.uploads[batch_id]
        if life.ended_by is None:
            self.accidents[id_, index] += 1
        elif life.ended_by != (upload, index):
            self._report(f"image {id_}/{index} is suspected for what {life.ended_by} did")
