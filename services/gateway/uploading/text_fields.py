"""The text fields of a request, read with bounds on their number and their length."""

from collections.abc import AsyncIterator

from services.gateway.answers.draft_codes import DraftCode
from services.gateway.answers.errors import ApiError, quoted
from services.gateway.answers.upload_codes import UploadCode
from services.gateway.uploading.multipart_parts import PartBegan, PartEnded, PartEvent
from services.gateway.uploading.submission_form import MAX_FIELD_BYTES

MAX_FIELDS = 100
"""Text fields of one request, those included that nothing reads, that are repeated, or that are files not chosen."""


class TextFields(dict[str, bytes]):
    """The fields that were read so far; of several with one name the last counts. Raises `ApiError`."""

    def __init__(self) -> None:
        super().__init__()
        self._parts = 0
        self._name = ""
        self._value = b""

    def begin(self, name: str) -> None:
        self.count_part()
        self._name, self._value = name, b""

    def take(self, piece: bytes) -> None:
        """Take the next bytes of the field that was begun last."""
        self._value += piece
        limit = MAX_FIELD_BYTES.get(self._name, MAX_FIELD_BYTES[""])
        if len(self._value) > limit:
            raise ApiError(UploadCode.FIELD_TOO_LONG, field=quoted(self._name), limit=limit)

    def end(self) -> None:
        self[self._name] = self._value

    def count_part(self) -> None:
        self._parts += 1
        if self._parts > MAX_FIELDS:
            raise ApiError(UploadCode.TOO_MANY_FIELDS, limit=MAX_FIELDS)


async def read_fields(parts: AsyncIterator[PartEvent]) -> TextFields:
    """The fields of a body that takes no files; raises `ApiError` for a file."""
    fields = TextFields()
    async for event in parts:
        match event:
            case PartBegan():
                if event.file_name:
                    raise ApiError(DraftCode.DRAFT_TAKES_NO_FILES)
                fields.begin(event.field)
            case PartEnded():
                fields.end()
            case piece:
                fields.take(piece)
    return fields
