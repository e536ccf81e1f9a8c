"""What of a client's files a draft does not hold yet: how an upload that was cut off goes on, on any machine."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from services.gateway.uploading.file_names import label, meant_name
from shared.ports import AppendReader

READ_AT_ONCE = 20
"""Appends whose files are read at once, between which other requests are served; each has at most 1,000."""


@dataclass(frozen=True)
class OwnFile:
    """A file as its owner has it."""

    name: str
    size_bytes: int

    @property
    def as_received(self) -> tuple[str, int]:
        """Its name and size as a received file would have them."""
        return label(_compared(self.name)), self.size_bytes


async def missing_files(appends: AppendReader, draft_id: str, files: Sequence[OwnFile]) -> Sequence[int]:
    """The places in `files` of those that were not appended to the draft.

    Of files with the same name and size, the draft holds as many as were received.
    """
    asked = Counter(file.as_received for file in files)
    received = await _received(appends, draft_id, asked)
    missing: list[int] = []
    for place, file in enumerate(files):
        if received[file.as_received] > 0:
            received[file.as_received] -= 1
        else:
            missing.append(place)
    return missing


async def _received(appends: AppendReader, draft_id: str, asked: Counter[tuple[str, int]]) -> Counter[tuple[str, int]]:
    found: Counter[tuple[str, int]] = Counter()
    after: tuple[int, int] | None = None
    while page := await appends.files(draft_id, READ_AT_ONCE, after):
        for append in page:
            files = zip(map(_compared, append.names), append.sizes, strict=True)
            found.update(file for file in files if file in asked)
        after = page[-1].position, page[-1].number
    return found


def _compared(name: str) -> str:
    # Systems compose accents differently, and a form cannot say whether a name only looks encoded.
    return unicodedata.normalize("NFC", meant_name(name))
