"""The manifests in MongoDB: one document for each page of up to 1,000 images."""

from collections.abc import Sequence

from shared.adapters.mongodb.driver import Database, Index
from shared.documents import MANIFEST_PAGE_IMAGES, ManifestEntry, ManifestPage

INDEXES = (Index(keys=[("batch_id", 1), ("page", 1)]),)


class MongoManifests:
    """What was uploaded, page by page."""

    def __init__(self, database: Database) -> None:
        self._pages = database.collection("manifests", INDEXES)

    async def add(self, page: ManifestPage) -> None:
        await self._pages.insert_missing([{"_id": page.id, **page.model_dump()}])

    async def entries(self, batch_id: str, first: int, count: int) -> Sequence[ManifestEntry]:
        if count <= 0:
            return []
        end = first + count
        pages = {"$gte": first // MANIFEST_PAGE_IMAGES, "$lte": (end - 1) // MANIFEST_PAGE_IMAGES}
        # The server cuts each page, as a worker wants ten entries and not a thousand; what it leaves over goes here.
        before = {"$max": [0, {"$subtract": [first, {"$multiply": ["$page", MANIFEST_PAGE_IMAGES]}]}]}
        found = await self._pages.find(
            {"batch_id": batch_id, "page": pages},
            order=[("page", 1)],
            fields={"entries": {"$slice": ["$entries", before, count]}},
        )
        entries = (ManifestEntry.model_validate(entry) for page in found for entry in page["entries"])
        return [entry for entry in entries if first <= entry.index < end]

    async def remove(self, batch_id: str) -> None:
        await self._pages.remove_all({"batch_id": batch_id})
