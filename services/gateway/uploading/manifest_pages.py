"""The manifest of a batch while it is written: full pages at once, the last one at the end."""

from shared.costs import FactTally
from shared.documents import MANIFEST_PAGE_IMAGES, ManifestEntry, ManifestPage
from shared.ports import ManifestStore


class ManifestPages:
    """Takes entries in order; the same entries make the same pages, so that writing them again changes nothing.

    `tally` sums up what their cost is predicted from.
    """

    def __init__(self, batch_id: str, manifests: ManifestStore) -> None:
        self._batch_id = batch_id
        self._manifests = manifests
        self._entries: list[ManifestEntry] = []
        self.tally = FactTally()

    async def add(self, entry: ManifestEntry) -> None:
        self._entries.append(entry)
        self.tally.add(entry.facts)
        if len(self._entries) == MANIFEST_PAGE_IMAGES:
            await self.finish()

    async def finish(self) -> None:
        """Write what was taken and is not written yet."""
        if self._entries:
            number = self._entries[0].index // MANIFEST_PAGE_IMAGES
            page = ManifestPage(batch_id=self._batch_id, page=number, entries=tuple(self._entries))
            await self._manifests.add(page)
            self._entries = []
