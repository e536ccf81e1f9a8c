"""Where bytes lie in the object store: every key is made of ids, never of a client's text."""

import re


def original_key(batch_id: str, index: int) -> str:
    """Where an uploaded image lies."""
    return f"{originals_prefix(batch_id)}{index}"


def originals_prefix(batch_id: str) -> str:
    """What the keys of all originals of a batch start with."""
    return f"originals/{batch_id}/"


def appended_prefix(batch_id: str, append_id: str) -> str:
    """What the keys of all originals of one append to a draft start with."""
    return f"{originals_prefix(batch_id)}{append_id}/"


def print_key(batch_id: str, index: int, output: str, extension: str, generation: int = 0) -> str:
    """Where a print lies.

    Each generation has keys of its own: a worker of an older one that was thought dead and stores late overwrites
    nothing.
    """
    retry = f"retry-{generation}/" if generation else ""
    return f"{results_prefix(batch_id)}{index}/{retry}{output}.{extension}"


def results_prefix(batch_id: str) -> str:
    """What the keys of all prints of a batch start with."""
    return f"results/{batch_id}/"


STORE_MARKER_KEY = "darkroom-store.json"
"""Where the object store's own marker lies: at its root, under no prefix, so that nothing that is removed takes it.

A store without it is not the one that objects were stored in: a folder whose volume is not mounted is there, and empty.
"""

UPLOADS_PREFIX = "uploads/"
"""What the keys of all upload markers start with."""


def upload_marker_key(batch_id: str) -> str:
    """Where an upload leaves its mark until its batch is recorded: what a killed gateway stored is found by it."""
    return f"{UPLOADS_PREFIX}{batch_id}"


_MARKER = re.compile(rf"{UPLOADS_PREFIX}([0-9a-z-]+)")


def marked_batch_id(key: str) -> str | None:
    """The batch whose upload left its mark under this key; None for any other object, such as a folder's placeholder.

    Everything under the id will be removed, so an empty id, or one with a folder in it, must not be answered.
    """
    found = _MARKER.fullmatch(key)
    return found[1] if found else None
