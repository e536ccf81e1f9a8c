"""The manifest: what was uploaded, in pages."""

from pydantic import BaseModel, ConfigDict

from shared.costs import ImageFacts
from shared.documents.document import Document
from shared.image_types import ImageFormat
from shared.object_keys import original_key, originals_prefix

MANIFEST_PAGE_IMAGES = 1000
"""A million images are a thousand manifest documents."""


class UnfitReason(BaseModel):
    """Why an uploaded file can never be developed: a stable code and a sentence for its owner."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    code: str
    message: str


class ManifestEntry(BaseModel):
    """One uploaded image. `name` is a label from the client, never part of a key or path.

    `sha256` is that of the uploaded bytes in hexadecimal; null where they were not uploaded but read in place. A file
    that is `unfit` was not stored: its image fails for that reason.

    `stored_as` says where among the batch's originals the file lies; null: under its index.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    index: int
    name: str
    size_bytes: int
    sha256: str | None = None
    unfit: UnfitReason | None = None
    stored_as: str | None = None
    format: ImageFormat | None = None
    """This and the two that follow: what its first bytes announced; null where they do not, or nothing looked."""
    width: int | None = None
    height: int | None = None

    @property
    def facts(self) -> ImageFacts | None:
        """What its cost is predicted from; None for a file that is not developed."""
        if self.unfit is not None:
            return None
        pixels = self.width * self.height if self.width and self.height else None
        return ImageFacts(self.size_bytes, self.format, pixels)

    def original_key(self, batch_id: str) -> str:
        """Where the original lies."""
        if self.stored_as is None:
            return original_key(batch_id, self.index)
        return f"{originals_prefix(batch_id)}{self.stored_as}"


class ManifestPage(Document):
    """Up to 1,000 consecutive images of a batch; page p starts with image 1000 p."""

    batch_id: str
    page: int
    entries: tuple[ManifestEntry, ...]

    @property
    def id(self) -> str:
        return f"{self.batch_id}:{self.page}"
