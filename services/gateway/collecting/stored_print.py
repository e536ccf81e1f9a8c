"""One print as it lies in the object store."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from services.gateway.answers.batch_codes import BatchCode
from services.gateway.answers.errors import ApiError
from shared.documents import Print
from shared.errors import ObjectDamagedError, ObjectMissingError
from shared.object_keys import print_key
from shared.ports import ObjectReader


@dataclass(frozen=True)
class StoredPrint:
    """A print of a batch's image. What is read of it has the size that was recorded."""

    batch_id: str
    index: int
    made: Print

    @property
    def key(self) -> str:
        return print_key(self.batch_id, self.index, self.made.output, self.made.extension, self.made.generation)

    async def read(self, objects: ObjectReader) -> bytes:
        """All of it; raises `PrintError` if it is missing or has another size."""
        try:
            data = await objects.get(self.key)
        except ObjectMissingError:
            raise self._error(BatchCode.PRINT_MISSING) from None
        if len(data) != self.made.size_bytes:
            raise self._error(BatchCode.PRINT_DAMAGED)
        return data

    async def stream(self, objects: ObjectReader) -> AsyncIterator[bytes]:
        """It piece by piece; raises what `read` raises, before the first piece."""
        try:
            return await objects.stream(self.key, self.made.size_bytes)
        except ObjectMissingError:
            raise self._error(BatchCode.PRINT_MISSING) from None
        except ObjectDamagedError:
            raise self._error(BatchCode.PRINT_DAMAGED) from None

    def _error(self, code: BatchCode) -> "PrintError":
        return PrintError(code, self)


class PrintError(ApiError):
    """A print that is missing or damaged."""

    def __init__(self, code: BatchCode, stored: StoredPrint) -> None:
        super().__init__(code, details={"index": stored.index, "output": stored.made.output}, index=stored.index)
        self.stored = stored
