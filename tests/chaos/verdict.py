"""What must hold once the faults are over and everything has settled, read from the database and the gateways."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from shared.documents import Batch, Chunk, Outcome
from tests.chaos.client import Client, Unanswered
from tests.chaos.ledger import Ledger, Upload
from tests.chaos.pictures import EXPECTED_CODES

PRINTS_AT_ONCE = 6
KILLS_TO_BE_GIVEN_UP = 3
"""An image that was alone in the hands of so many killed workers counts as their killer, innocent as it may be."""


@dataclass
class Verdict:
    """The six figures of the ledger, in images but for the last, and every finding as a sentence."""

    attempted: int = 0
    acknowledged: int = 0
    lost: int = 0
    duplicated: int = 0
    recovered: int = 0
    completed: int = 0
    failed: int = 0
    revoked: int = 0
    deleted: int = 0
    excused: int = 0
    findings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Recorded:
    """What the database holds."""

    batches: Sequence[Batch]
    chunks: Mapping[str, Sequence[Chunk]]
    manifests: frozenset[str]
    """The ids of batches with a manifest."""

    @classmethod
    def read(cls, mongodb_url: str) -> "Recorded":
        """Read everything."""
        with MongoClient[dict[str, Any]](mongodb_url, tz_aware=True) as client:
            database = client.get_default_database()
            batches = [Batch.model_validate({"id": found["_id"], **found}) for found in database["batches"].find()]
            chunks: dict[str, list[Chunk]] = {batch.id: [] for batch in batches}
            for found in database["chunks"].find().sort("number"):
                chunks.setdefault(found["batch_id"], []).append(Chunk.model_validate(found))
            manifests = frozenset(database["manifests"].distinct("batch_id"))
        return cls(batches, chunks, manifests)


def unfinished_batches(mongodb_url: str) -> Mapping[str, str]:
    """Batches that are on their way, and those on their way out that still have chunks; each with a word about it."""
    recorded = Recorded.read(mongodb_url)
    left = {}
    for batch in recorded.batches:
        if batch.deleted_at is not None and recorded.chunks[batch.id]:
            left[batch.id] = "being deleted"
        elif not batch.is_finished:
            left[batch.id] = "paused" if batch.paused else batch.status
    return left


class Judge:
    """Compares what is recorded with the ledger."""

    def __init__(self, ledger: Ledger, recorded: Recorded, objects: Path) -> None:
        self._ledger = ledger
        self._objects = objects
        self._recorded = recorded
        self._batches = {batch.id: batch for batch in recorded.batches}
        self.verdict = Verdict(attempted=ledger.attempted_images, acknowledged=ledger.acknowledged_images)
        self.verdict.findings += ledger.breaches

    def judge_documents(self) -> None:
        """Judge every batch by its documents."""
        for upload in self._ledger.uploads:
            found = [batch for batch in self._recorded.batches if batch.name == upload.key]
            # A deletion frees the key, and an upload that was held up on its way may come after it.
            if (len(found) > 1 and not upload.delete.times) or len(upload.batch_ids) > 1:
                extra = max(len(found), len(upload.batch_ids)) - 1
                self.verdict.duplicated += extra * len(upload.pictures)
                self._find(upload, f"was recorded {extra + 1} times for one Idempotency-Key")
            if not upload.is_acknowledged:
                self.verdict.recovered += sum(batch.total_images for batch in found)
            for batch_id in upload.batch_ids:
                if upload.delete.granted or upload.deleted:
                    self._judge_deleted(upload, batch_id)
                else:
                    self._judge_batch(upload, self._batches.get(batch_id))

    def _judge_batch(self, upload: Upload, batch: Batch | None) -> None:
        if batch is None:
            self.verdict.lost += len(upload.pictures)
            self._find(upload, "was acknowledged, and there is no such batch")
            return
        if not batch.is_finished:
            self.verdict.lost += batch.pending_images
            self._find(upload, f"never ended: {batch.status}, {batch.pending_images} of {batch.total_images} pending")
            return
        chunks = self._recorded.chunks[batch.id]
        outcomes = final_outcomes(chunks)
        problems = (
            *count_problems(batch, chunks, outcomes),
            *control_problems(upload, batch),
            *self._doubled(upload, batch, chunks),
        )
        for problem in problems:
            self._find(upload, problem)
        for index in range(batch.total_images):
            self._judge_image(upload, batch, index, outcomes.get(index))

    def _judge_deleted(self, upload: Upload, batch_id: str) -> None:
        self.verdict.deleted += len(upload.pictures)
        batch = self._batches.get(batch_id)
        if batch is not None and batch.deleted_at is None:
            self._find(upload, "was deleted, and is still there")
        if self._recorded.chunks.get(batch_id):
            self._find(upload, "was deleted, and still has chunks")
        if batch_id in self._recorded.manifests:
            self._find(upload, "was deleted, and still has its manifest")
        if batch is not None and batch.emptied_at is not None:
            # What a late worker has stored since is found by the tombstone, and removed with it.
            return
        for kind in ("originals", "results"):
            if left := [path for path in (self._objects / kind / batch_id).rglob("*") if path.is_file()]:
                self._find(upload, f"was deleted, and still has {len(left)} {kind}, such as {left[0].name}")

    def _doubled(self, upload: Upload, batch: Batch, chunks: Sequence[Chunk]) -> Iterator[str]:
        """Images that are in two chunks of a generation, or were developed again after they had completed."""
        for generation in range(batch.generation + 1):
            places = Counter(index for chunk in chunks if chunk.generation == generation for index in chunk.indexes)
            doubled = [index for index, count in places.items() if count > 1]
            self.verdict.duplicated += len(doubled)
            if doubled:
                yield f"has the images {doubled} twice in generation {generation}"
        completed = Counter(
            int(index) for chunk in chunks for index, outcome in chunk.outcomes.items() if outcome.state == "completed"
        )
        again = [index for index, count in completed.items() if count > 1 and index not in upload.retried_indexes]
        self.verdict.duplicated += len(again)
        if again:
            yield f"has completed the images {again} more than once"

    def _judge_image(self, upload: Upload, batch: Batch, index: int, outcome: Outcome | None) -> None:
        if outcome is None or outcome.state == "revoked":
            # A retry of others ends a cancelled batch, with what it was not of still revoked.
            if batch.status == "REVOKED" or batch.partial:
                self.verdict.revoked += 1
            else:
                self.verdict.lost += 1
                self._find(upload, f"has no outcome for image {index}")
            return
        if outcome.state == "completed":
            self.verdict.completed += 1
        else:
            self.verdict.failed += 1
        expected = EXPECTED_CODES.get(upload.pictures[index].kind, "completed")
        found = outcome.code or outcome.state
        if found == expected:
            return
        if found == "crashed" and self._was_killed_alone(batch, index):
            self.verdict.excused += 1
            return
        self._find(upload, f"image {index} is {found} ({outcome.message}), not {expected}")

    def _was_killed_alone(self, batch: Batch, index: int) -> bool:
        suspicions = [getattr(chunk, "suspicions", {}).get(str(index), 0) for chunk in self._recorded.chunks[batch.id]]
        return max(suspicions, default=0) >= KILLS_TO_BE_GIVEN_UP

    async def judge_prints(self, gateway_urls: Sequence[str]) -> int:
        """Fetch every print of every finished batch and compare it with its picture; how many there were."""
        client = Client(gateway_urls, random.Random(0))
        slots = asyncio.Semaphore(PRINTS_AT_ONCE)

        async def judge(upload: Upload, batch_id: str) -> int:
            async with slots:
                return await self._judge_prints_of(upload, batch_id, client)

        finished = [
            judge(upload, batch_id)
            for upload in self._ledger.uploads
            for batch_id in upload.batch_ids
            if batch_id in self._batches and self._batches[batch_id].is_finished and not upload.delete.times
        ]
        try:
            return sum(await asyncio.gather(*finished))
        finally:
            await client.close()

    async def _judge_prints_of(self, upload: Upload, batch_id: str, client: Client) -> int:
        prints = 0
        try:
            for image in await client.images(batch_id):
                if image["outcome"] == "completed" and not image["prints"]:
                    self._find(upload, f"image {image['index']} completed without a print")
                for made in image["prints"]:
                    data = await client.fetch(made["url"])
                    prints += 1
                    problem = upload.pictures[image["index"]].problem_with(data, made["output"], upload.recipe)
                    if problem:
                        self._find(upload, f"the {made['output']} of image {image['index']} {problem}")
        except (Unanswered, AssertionError, OSError) as error:
            self._find(upload, f"its prints cannot be had: {error!r}")
        return prints

    def _find(self, upload: Upload, what: str) -> None:
        ids = ", ".join(sorted(upload.batch_ids)) or "never acknowledged"
        self.verdict.findings.append(f"batch {upload.key} ({ids}) {what}")


def final_outcomes(chunks: Sequence[Chunk]) -> Mapping[int, Outcome]:
    """Each image's outcome in the newest generation that has it."""
    ordered = sorted(chunks, key=lambda chunk: (chunk.generation, chunk.number))
    return {int(index): outcome for chunk in ordered for index, outcome in chunk.outcomes.items()}


def count_problems(batch: Batch, chunks: Sequence[Chunk], outcomes: Mapping[int, Outcome]) -> Iterator[str]:
    """Where the batch's counts are not what its chunks add up to."""
    states = Counter(outcome.state for outcome in outcomes.values())
    true: dict[str, object] = {
        "completed_images": states["completed"],
        "failed_images": states["failed"],
        "revoked_images": batch.total_images - states["completed"] - states["failed"],
        "pending_images": 0,
    }
    for name, value in true.items():
        if getattr(batch, name) != value:
            yield f"says {name} {getattr(batch, name)}, its chunks say {value}"
    unsuccessful = "FAILURE" if states["failed"] else "REVOKED" if batch.revoked_images else "SUCCESS"
    if batch.status != ("REVOKED" if batch.stop == "cancelled" else unsuccessful):
        yield f"is {batch.status} with {states['failed']} failed images"
    for chunk in chunks:
        counted = Counter(outcome.state for outcome in chunk.outcomes.values())
        if (chunk.completed, chunk.failed) != (counted["completed"], counted["failed"]):
            yield f"chunk {chunk.number} counts {chunk.completed} completed and {chunk.failed} failed, not {counted}"


def control_problems(upload: Upload, batch: Batch) -> Iterator[str]:
    """Where the batch is not what its client made of it; a request without an answer may have been carried out."""
    if batch.status == "REVOKED" and not upload.cancel.times:
        yield "was revoked, and nobody cancelled it"
    if batch.status != "REVOKED" and upload.cancelled_last and not upload.retry.unanswered:
        yield f"was cancelled, and is {batch.status}"
    if not upload.retry.granted <= batch.generation <= upload.retry.times:
        yield f"is in generation {batch.generation} after {upload.retry}"
