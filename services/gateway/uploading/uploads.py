"""An upload taken apart while it arrives: its text fields, and its images straight into the object store."""

import unicodedata
from collections.abc import AsyncIterator
from dataclasses import dataclass

from services.gateway.answers.errors import ApiError, quoted
from services.gateway.answers.upload_codes import UploadCode
from services.gateway.uploading.fingerprint import RequestFingerprint
from services.gateway.uploading.incoming_file import MAX_NAME_CHARACTERS, FileLimits, IncomingFile
from services.gateway.uploading.multipart_parts import PartBegan, PartEnded, PartEvent
from services.gateway.uploading.overlapped_puts import OverlappedPuts
from services.gateway.uploading.submission_form import FIELDS
from shared.documents import MANIFEST_PAGE_IMAGES, ManifestEntry, ManifestPage
from shared.object_keys import original_key, originals_prefix
from shared.ports import ManifestStore, ObjectWriter

FILES_FIELD = "files"
MAX_NAMED_FILES = 20
"""So many unfit files are named in the refusal; the rest are counted."""


@dataclass(frozen=True)
class UploadLimits:
    """What one upload may hold."""

    max_files: int
    files: FileLimits


@dataclass
class _Field:
    """A text field that is being read; `wanted` unless nobody asks for it."""

    name: str
    wanted: bool
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
        self._fingerprint = RequestFingerprint()
        self._puts = OverlappedPuts(objects, limits.files.small_bytes)
        self._part: IncomingFile | _Field | None = None
        self._page: list[ManifestEntry] = []
        self._unfit: list[tuple[UploadCode, dict[str, object]]] = []
        self._unfit_files = 0

    @property
    def fingerprint(self) -> str:
        """What tells this request from others, once all of it is received."""
        return self._fingerprint.with_fields(self.fields)

    async def receive(self, parts: AsyncIterator[PartEvent]) -> None:
        """Take every part; on return all originals and manifest pages are stored.

        Raises `ApiError` for an upload that cannot be a batch, and what the stores fail with.
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
        self._refuse_unfit()
        await self._puts.finish()
        await self._write_page()

    async def discard(self) -> None:
        """Remove whatever was stored, as if nothing had been sent."""
        if isinstance(self._part, IncomingFile):
            await self._part.abandon()
        await self._puts.abandon()
        await self._objects.remove_under(originals_prefix(self._batch_id))
        await self._manifests.remove(self._batch_id)

    def _begin(self, part: PartBegan) -> IncomingFile | _Field:
        if part.field == FILES_FIELD:
            if part.file_name is None:
                raise ApiError(UploadCode.NOT_A_FILE)
            name = _label(part.file_name)
            return IncomingFile(self.total_images, name, self._limits.files, keep=not self._unfit_files)
        if part.file_name:
            raise ApiError(UploadCode.UNEXPECTED_FILE, field=quoted(_label(part.field)))
        return _Field(part.field, wanted=part.field in FIELDS)

    async def _take(self, part: IncomingFile | _Field | None, piece: bytes) -> None:
        if isinstance(part, IncomingFile):
            await part.write(piece, self._objects, original_key(self._batch_id, part.index))
        elif isinstance(part, _Field) and part.wanted:
            part.value += piece
            if len(part.value) > FIELDS[part.name]:
                raise ApiError(UploadCode.FIELD_TOO_LONG, field=part.name, limit=FIELDS[part.name])

    async def _end(self, part: IncomingFile | _Field | None) -> None:
        if isinstance(part, IncomingFile):
            await self._end_file(part)
        elif isinstance(part, _Field) and part.wanted:
            self.fields[part.name] = part.value

    async def _end_file(self, file: IncomingFile) -> None:
        problem = file.problem
        if not file.name and problem == "empty_file":
            # what a web form sends for a file field in which nothing was chosen
            return
        if self.total_images >= self._limits.max_files:
            raise ApiError(UploadCode.TOO_MANY_FILES, limit=self._limits.max_files)
        self.total_images += 1
        if problem:
            self._note_unfit(file, problem)
        elif not self._unfit_files:
            entry = await file.store(self._puts, original_key(self._batch_id, file.index))
            self._fingerprint.add(entry)
            self._page.append(entry)
            if len(self._page) == MANIFEST_PAGE_IMAGES:
                await self._write_page()

    async def _write_page(self) -> None:
        if self._page:
            number = self._page[0].index // MANIFEST_PAGE_IMAGES
            await self._manifests.add(ManifestPage(batch_id=self._batch_id, page=number, entries=tuple(self._page)))
            self._page = []

    def _note_unfit(self, file: IncomingFile, problem: UploadCode) -> None:
        # The rest of the body is read on without being kept, so that every unfit file can be named at once.
        self._unfit_files += 1
        if len(self._unfit) < MAX_NAMED_FILES:
            self._unfit.append((problem, {"index": file.index, "name": quoted(file.name), "code": problem}))

    def _refuse_unfit(self) -> None:
        if self._unfit:
            code, first = self._unfit[0]
            limit = {
                UploadCode.FILE_TOO_LARGE: self._limits.files.max_bytes,
                UploadCode.FILE_NAME_TOO_LONG: MAX_NAME_CHARACTERS,
            }
            details = {"files": [file for _, file in self._unfit], "unfit_files": self._unfit_files}
            raise ApiError(code, details=details, name=first["name"], limit=limit.get(code))
        if not self.total_images:
            raise ApiError(UploadCode.NO_FILES)


def _label(name: str) -> str:
    """A client's name for something, without characters that could play tricks on a terminal."""
    return "".join("�" if unicodedata.category(character) == "Cc" else character for character in name)
