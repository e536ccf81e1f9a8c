"""The errors that cross module borders: what may work later, what never will."""

from collections.abc import Iterator


class DarkroomError(Exception):
    """Root of every error that Darkroom raises on purpose."""

    code = "internal_error"


def leaves(group: BaseExceptionGroup[DarkroomError]) -> Iterator[DarkroomError]:
    """Every single error of a group, and of the groups in it."""
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from leaves(error)
        else:
            yield error


class TransientError(DarkroomError):
    """The same call may succeed later: storage, broker or database trouble.

    `for_owner` is a sentence for the image's owner where there is a better one than the code's; the message itself may
    name hosts and keys, and is for the log.
    """

    code = "temporarily_unavailable"

    def __init__(self, message: str, *, for_owner: str | None = None) -> None:
        super().__init__(message)
        self.for_owner = for_owner


class BrokerUnavailableError(TransientError):
    """The message broker did not take or give a message in time."""

    code = "broker_unavailable"


class DocumentsUnavailableError(TransientError):
    """The document database did not answer, or could not confirm a write."""

    code = "documents_unavailable"


class StorageUnavailableError(TransientError):
    """The object store did not answer."""

    code = "storage_unavailable"


class PermanentError(DarkroomError):
    """The same call fails however often it is made."""


class UndecodableMessageError(PermanentError):
    """Bytes from a queue are no message that this version knows."""

    code = "undecodable_message"


class ObjectMissingError(PermanentError):
    """No object is stored under the key."""

    code = "object_missing"


class ObjectDamagedError(PermanentError):
    """An object has another size than was recorded of it."""

    code = "object_damaged"


class ObjectRejectedError(PermanentError):
    """An object can never be read or stored as it is, such as a file without permission.

    `code` is stable and for programs, `message` a sentence for the object's owner.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class BatchUnknownError(PermanentError):
    """No batch has the id."""

    code = "batch_not_found"


class DraftUnknownError(PermanentError):
    """No draft has the id."""

    code = "draft_not_found"


class DuplicateBatchError(PermanentError):
    """A batch with the id, or with the idempotency key, exists already."""

    code = "batch_exists"
