"""Changes of documents that carry a version: compare-and-set, so that of two writers at once both count."""

from collections.abc import Callable
from typing import TypeVar

from shared.adapters.mongodb.driver import Collection, Fields
from shared.documents import Batch, Certainty, CostModel, Draft
from shared.running.backoff import Backoff

FIRST_PAUSE_SECONDS = 0.002
MAX_PAUSE_SECONDS = 0.1
"""Between two tries of a change: another writer needs no longer than a few milliseconds."""

Versioned = TypeVar("Versioned", Batch, Draft, CostModel, Certainty)


async def change_version(
    collection: Collection,
    model: type[Versioned],
    id_: str,
    change: Callable[[Versioned], Versioned],
    derived: Callable[[Versioned], Fields] = lambda _: {},
) -> Versioned | None:
    """Apply a pure change to the newest state and store it where the version is still the one it was made from.

    Each conflict means that another writer succeeded, so there is always progress. Only fields that are different are
    written, and `derived` ones; those that a newer version added stay. None if there is no document of that id.
    """
    backoff = Backoff(first_seconds=FIRST_PAUSE_SECONDS, max_seconds=MAX_PAUSE_SECONDS)
    while True:
        document = await collection.read_one(model, {"_id": id_})
        if document is None:
            return None
        changed = change(document)
        if changed == document:
            return document
        changed = changed.model_copy(update={"version": document.version + 1})
        fields = {**_difference(document, changed), **derived(changed)}
        if await collection.update({"_id": id_, "version": document.version}, {"$set": fields}):
            return changed
        await backoff.pause()


def _difference(document: Versioned, changed: Versioned) -> Fields:
    # A batch may carry 100 kB of recipe, and changes some times a second.
    different = {name for name in type(changed).model_fields if getattr(changed, name) != getattr(document, name)}
    return changed.model_dump(include=different)
