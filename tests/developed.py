"""Batches as they are stored once they are developed, for tests of what people collect."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shared.documents import Batch, Chunk, ManifestEntry, ManifestPage, Outcome, Print
from shared.object_keys import print_key
from shared.ports import Ports
from tests.fakes import START, new_batch

BATCH_ID = "3f0f4a52-8a51-4bd8-9d52-4f4f6f1b9c11"
UNREADABLE = Outcome(state="failed", code="unreadable", message="This is not an image.")
SIDES = {"web": 1600, "thumbnail": 320}


@dataclass(frozen=True)
class Picture:
    """An uploaded image: its prints by their outputs' names, or another outcome, None while it is pending."""

    name: str
    prints: Mapping[str, bytes] = field(default_factory=dict)
    otherwise: Outcome | None = UNREADABLE

    def outcome(self, generation: int = 0) -> Outcome | None:
        """What became of it."""
        if not self.prints:
            return self.otherwise
        prints = tuple(_print(output, data, generation) for output, data in self.prints.items())
        return Outcome(state="completed", prints=prints)


def _print(output: str, data: bytes, generation: int) -> Print:
    side = SIDES[output]
    return Print(
        output=output,
        extension="jpg",
        media_type="image/jpeg",
        width=side,
        height=side * 3 // 4,
        size_bytes=len(data),
        generation=generation,
    )


async def record(ports: Ports, pictures: Sequence[Picture], **fields: object) -> Batch:
    """A finished batch of these pictures (or one with these fields) and everything that is stored of it."""
    outcomes = {index: outcome for index, picture in enumerate(pictures) if (outcome := picture.outcome())}
    states = [outcome.state for outcome in outcomes.values()]
    counts = {f"{state}_images": states.count(state) for state in ("completed", "failed", "revoked")}
    finished = {"status": "FAILURE" if counts["failed_images"] else "SUCCESS", "finished_at": START}
    codes = Counter(outcome.result for outcome in outcomes.values() if outcome.state == "failed")
    counted = {**counts, "failure_codes": dict(codes)}
    batch = new_batch(BATCH_ID, total_images=len(pictures)).model_copy(update={**finished, **counted, **fields})
    await ports.batches.add(batch)
    entries = [ManifestEntry(index=index, name=picture.name, size_bytes=9) for index, picture in enumerate(pictures)]
    for first in range(0, len(entries), 1000):
        page = ManifestPage(batch_id=batch.id, page=first // 1000, entries=tuple(entries[first : first + 1000]))
        await ports.manifests.add(page)
    for first in range(0, len(entries), 100):
        indexes = tuple(range(first, min(first + 100, len(entries))))
        empty = Chunk(batch_id=batch.id, number=first // 100, indexes=indexes, lease_until=START)
        await ports.chunks.add([empty.folded({index: outcomes[index] for index in indexes if index in outcomes})])
    for index, picture in enumerate(pictures):
        for output, data in picture.prints.items():
            await ports.objects.put(print_key(batch.id, index, output, "jpg"), data)
    return batch
