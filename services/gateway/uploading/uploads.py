"""The upload of a whole batch in one request: its originals, its manifest, and what it may not be without."""

from collections.abc import AsyncIterator, Sequence

from services.gateway.answers.errors import ApiError, quoted
from services.gateway.answers.upload_codes import UploadCode
from services.gateway.uploading.manifest_pages import ManifestPages
from services.gateway.uploading.multipart_parts import PartEvent
from services.gateway.uploading.received_parts import ReceivedParts, UploadLimits
from services.gateway.uploading.submission_form import SubmissionForm
from shared.costs import FactTally
from shared.documents import ManifestEntry
from shared.failure_codes import failure_text
from shared.object_keys import originals_prefix
from shared.ports import ManifestStore, ObjectWriter

MAX_NAMED_FILES = 20
"""So many files are named when an upload is refused that holds no image; the rest are counted."""


class BatchUpload:
    """The originals and manifest pages of one batch to be, and the fields that came with them."""

    def __init__(self, batch_id: str, objects: ObjectWriter, manifests: ManifestStore, limits: UploadLimits) -> None:
        self._batch_id = batch_id
        self._manifests = manifests
        self._pages = ManifestPages(batch_id, manifests)
        self.received = ReceivedParts(originals_prefix(batch_id), objects, limits, self._keep)
        self._unfit: list[ManifestEntry] = []
        self._unfit_files = 0

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of fields and files, which tells this request from others once all of it is received."""
        return self.received.fingerprint(SubmissionForm.model_fields)

    @property
    def tally(self) -> FactTally:
        """What the cost of the images is predicted from."""
        return self._pages.tally

    async def receive(self, parts: AsyncIterator[PartEvent]) -> None:
        """Take every part; on return all originals and manifest pages are stored.

        A file that cannot be developed is recorded with the reason, and not stored. Raises `ApiError` for an upload
        that cannot be a batch or holds no image at all, and what the stores fail with.
        """
        await self.received.receive(parts)
        if self._unfit_files == self.received.files:
            raise no_images(self._unfit, self._unfit_files)
        await self._pages.finish()

    async def discard(self) -> None:
        await self.received.discard()
        await self._manifests.remove(self._batch_id)

    async def _keep(self, entry: ManifestEntry) -> None:
        if entry.unfit is not None:
            self._unfit_files += 1
            if len(self._unfit) < MAX_NAMED_FILES:
                self._unfit.append(entry)
        await self._pages.add(entry)


def no_images(unfit: Sequence[ManifestEntry], unfit_files: int) -> ApiError:
    """The error for files of which none is an image; the first of them, at least one, are named."""
    files = [
        {
            "index": entry.index,
            "name": quoted(entry.name),
            "code": entry.unfit.code,
            "message": failure_text(entry.unfit.code, entry.unfit.message),
        }
        for entry in unfit
        if entry.unfit
    ]
    details = {"files": files, "unfit_files": unfit_files}
    return ApiError(UploadCode.NO_IMAGES, details=details, name=files[0]["name"], problem=files[0]["message"])
