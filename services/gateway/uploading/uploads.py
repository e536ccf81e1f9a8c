"""An upload taken apart while it arrives: its text fields, and its images straight into the object store."""

import hashlib
import json
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from services.gateway.answers.errors import ApiError, quoted
from services.gateway.answers.upload_codes import UploadCode
from services.gateway.uploading.incoming_file import FileLimits, IncomingFile
from services.gateway.uploading.multipart_parts import PartBegan, PartEnded, PartEvent
from services.gateway.uploading.overlapped_puts import OverlappedPuts
from services.gateway.uploading.submission_form import MAX_FIELD_BYTES, SubmissionForm
from shared.documents import MANIFEST_PAGE_IMAGES, ManifestEntry, ManifestPage
from shared.failure_codes import failure_text
from shared.object_keys import original_key, originals_prefix
from shared.ports import ManifestStore, ObjectWriter

FILES_FIELD = re.compile(r"files?(\[\d*\])?")
"""`files`, and what form libraries make of it."""

MAX_NAMED_FILES = 20
"""So many files are named when an upload is refused that holds no image; the rest are counted."""

MAX_FIELDS = 100
"""Text fields of one upload, those included that nothing reads, that are repeated, or that are files not chosen."""


@dataclass(frozen=True)
class UploadLimits:
    """What one upload may hold."""

    max_files: int
    files: FileLimits


@dataclass
class _Field:
    """A text field that is being read."""

    name: str
    value: bytes = b""


class BatchUpload:
    """The originals and manifest pages of one batch to be, and the fields that came with them."""

    def __init__(self, batch_id: str, objects: ObjectWriter, manifests: ManifestStore, limits: UploadLimits) -> None:
        self.fields: dict[str, bytes] = {}
        self.total_images = 0
        self._batch_id = batch_id
        self._objects = objects
        self._manifests = manifests
        self._limits = limits
        self._fingerprint = hashlib.sha256()
        self._puts = OverlappedPuts(objects, limits.files.small_bytes)
        self._part: IncomingFile | _Field | None = None
        self._page: list[ManifestEntry] = []
        self._unfit: list[ManifestEntry] = []
        self._unfit_files = 0
        self._other_parts = 0

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of fields and files, which tells this request from others once all of it is received."""
        # As JSON, because no name can then be taken for the end of one part and the beginning of another.
        whole = self._fingerprint.copy()
        asked = sorted(
            (name, value.hex()) for name, value in self.fields.items() if name in SubmissionForm.model_fields
        )
        whole.update(json.dumps(asked).encode())
        return whole.hexdigest()

    async def receive(self, parts: AsyncIterator[PartEvent]) -> None:
        """Take every part; on return all originals and manifest pages are stored.

        A file that cannot be developed is recorded with the reason, and not stored. Raises `ApiError` for an upload
        that cannot be a batch or holds no image at all, and what the stores fail with.
        """
        async for event in parts:
            match event:
                case PartBegan():
                    self._part = self._begin(event)
                case PartEnded():
                    await self._end(self._part)
                    self._part = None
                case piece:
                    await self._take(self._part, piece)
        self._refuse_without_images()
        await self._puts.finish()
        await self._write_page()

    async def discard(self) -> None:
        """Remove everything that was stored."""
        if isinstance(self._part, IncomingFile):
            await self._part.discard()
        await self._puts.abandon()
        await self._objects.remove_under(originals_prefix(self._batch_id))
        await self._manifests.remove(self._batch_id)

    def _begin(self, part: PartBegan) -> IncomingFile | _Field:
        if FILES_FIELD.fullmatch(part.field):
            if part.file_name is None:
                raise ApiError(UploadCode.NOT_A_FILE)
            key = original_key(self._batch_id, self.total_images)
            return IncomingFile(self.total_images, part.file_name, key, self._limits.files, self._puts)
        if part.file_name:
            raise ApiError(UploadCode.UNEXPECTED_FILE, field=quoted(part.field))
        self._count_other_part()
        return _Field(part.field)

    def _count_other_part(self) -> None:
        self._other_parts += 1
        if self._other_parts > MAX_FIELDS:
            raise ApiError(UploadCode.TOO_MANY_FIELDS, limit=MAX_FIELDS)

    async def _take(self, part: IncomingFile | _Field | None, piece: bytes) -> None:
        if isinstance(part, IncomingFile):
            await part.write(piece)
        elif isinstance(part, _Field):
            part.value += piece
            limit = MAX_FIELD_BYTES.get(part.name, MAX_FIELD_BYTES[""])
            if len(part.value) > limit:
                raise ApiError(UploadCode.FIELD_TOO_LONG, field=quoted(part.name), limit=limit)

    async def _end(self, part: IncomingFile | _Field | None) -> None:
        if isinstance(part, IncomingFile):
            await self._end_file(part)
        elif isinstance(part, _Field):
            self.fields[part.name] = part.value

    async def _end_file(self, file: IncomingFile) -> None:
        if not file.name and not file.size_bytes:
            # what a web form sends for a file field in which nothing was chosen
            self._count_other_part()
            return
        if self.total_images >= self._limits.max_files:
            raise ApiError(UploadCode.TOO_MANY_FILES, limit=self._limits.max_files)
        entry = await file.end()
        self.total_images += 1
        self._fingerprint.update(json.dumps([entry.name, entry.size_bytes, entry.sha256]).encode())
        self._note_unfit(entry)
        self._page.append(entry)
        if len(self._page) == MANIFEST_PAGE_IMAGES:
            await self._write_page()

    async def _write_page(self) -> None:
        if self._page:
            number = self._page[0].index // MANIFEST_PAGE_IMAGES
            await self._manifests.add(ManifestPage(batch_id=self._batch_id, page=number, entries=tuple(self._page)))
            self._page = []

    def _note_unfit(self, entry: ManifestEntry) -> None:
        if entry.unfit is None:
            return
        self._unfit_files += 1
        if len(self._unfit) < MAX_NAMED_FILES:
            self._unfit.append(entry)

    def _refuse_without_images(self) -> None:
        if not self.total_images:
            raise ApiError(UploadCode.NO_FILES)
        if self._unfit_files < self.total_images:
            return
        raise no_images(self._unfit, self._unfit_files)


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
