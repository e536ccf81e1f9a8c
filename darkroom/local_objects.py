"""Photographs read where they lie and prints written where they belong, seen as an object store."""

import errno
import hashlib
import os
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import anyio.to_thread

from darkroom.photographs import Photograph, shown
from shared.errors import ObjectDamagedError, ObjectMissingError, ObjectRejectedError, StorageUnavailableError
from shared.ports import StoredObject

_LASTING = frozenset(
    {
        errno.EACCES,
        errno.EEXIST,
        errno.EILSEQ,
        errno.EISDIR,
        errno.ELOOP,
        errno.ENAMETOOLONG,
        errno.ENOTDIR,
        errno.EPERM,
        errno.EROFS,
    }
)
"""What a file system refuses now and a minute later: only a person can change permissions, names and folders."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True)
class LocalPhotographs:
    """An object store over a person's own folders, so that developing them copies nothing.

    `originals/<batch>/<index>` reads the index-th photograph; `results/<batch>/<index>/<output>.<extension>` writes
    its print under the output folder. Keys come from ids alone, so no other path can be reached.

    No photograph above `max_bytes` is read, and `on_full` is called when there is no space left for prints. `outputs`
    is the number of prints of each photograph, which take their places together.
    """

    photographs: Sequence[Photograph]
    out: Path
    max_bytes: int
    outputs: int = 1
    on_full: Callable[[], None] = lambda: None
    _written: dict[int, dict[Path, Path]] = field(default_factory=dict)

    async def check(self) -> None:
        """Return: these folders have no marker, and a photograph that is missing was taken away by its owner."""

    async def mark(self) -> None:
        """Leave nothing in a person's folders."""

    async def get(self, key: str) -> bytes:
        """Read a photograph; raises `ObjectRejectedError` if the file is too large or this person may not read it."""
        path = self.photographs[int(key.rsplit("/", 1)[1])].path
        try:
            return await anyio.to_thread.run_sync(_read_whole, path, self.max_bytes)
        except FileNotFoundError as error:
            raise ObjectMissingError(f"{path} is gone") from error
        except OSError as error:
            if error.errno in _LASTING:
                # Trying again for most of a minute would not change that.
                raise ObjectRejectedError("unreadable", f"The file cannot be read: {error.strerror}.") from error
            sentence = f"{shown(path)} cannot be read: {error.strerror or error}."
            raise StorageUnavailableError(sentence, for_owner=sentence) from error

    async def put(self, key: str, data: bytes | AsyncIterator[bytes]) -> None:
        """Write a print, complete or not at all; raises `ObjectRejectedError` where it can never be written."""
        if not isinstance(data, bytes):
            data = b"".join([piece async for piece in data])
        _, _, index, file_name = key.split("/")
        output, _, extension = file_name.rpartition(".")
        path = self.print_path(int(index), output, extension)
        written = self._written.setdefault(int(index), {})
        try:
            written[path] = await anyio.to_thread.run_sync(_write_partial, path, data)
            if len(written) == self.outputs:
                await anyio.to_thread.run_sync(_put_in_place, self._written.pop(int(index)))
        except OSError as error:
            sentence = f"{shown(path)} cannot be written: {error.strerror or error}."
            if error.errno in _LASTING:
                raise ObjectRejectedError("unwritable", sentence) from error
            if error.errno in _FULL:
                self.on_full()
            raise StorageUnavailableError(sentence, for_owner=sentence) from error

    def discard_partial_prints(self) -> None:
        """Remove the prints of photographs of which not all could be written."""
        for written in self._written.values():
            for partial in written.values():
                partial.unlink(missing_ok=True)

    def print_path(self, index: int, output: str, extension: str) -> Path:
        return self.out / self.photographs[index].print_path(output, extension)

    async def stream(self, key: str, size_bytes: int | None = None) -> AsyncIterator[bytes]:
        """Give a photograph in one piece."""
        data = await self.get(key)
        if size_bytes not in {None, len(data)}:
            raise ObjectDamagedError(key)

        async def pieces() -> AsyncIterator[bytes]:
            yield data

        return pieces()

    async def remove_under(self, prefix: str) -> None:
        """Refuse: what lies in a person's folders is theirs to remove."""
        raise StorageUnavailableError(f"{prefix} lies in a person's own folders and is not removed")

    async def remove(self, key: str) -> None:
        """Refuse, as above."""
        raise StorageUnavailableError(f"{key} lies in a person's own folders and is not removed")

    def listed(self, prefix: str) -> AsyncIterator[StoredObject]:
        """Refuse: a person's folders hold no object that Darkroom keeps."""
        raise StorageUnavailableError(f"{prefix} lies in a person's own folders and is not listed")


def _read_whole(path: Path, max_bytes: int) -> bytes:
    # A folder of videos under photographs' names would otherwise fill the memory before their size is seen.
    if path.stat().st_size > max_bytes:
        raise ObjectRejectedError("file_too_large", f"The file has more than {max_bytes:,} bytes.")
    return path.read_bytes()


def _write_partial(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = _partial(path)
    try:
        partial.write_bytes(data)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
    return partial


def _put_in_place(written: dict[Path, Path]) -> None:
    try:
        for path, partial in written.items():
            os.replace(partial, path)  # noqa: PTH105 - Path.replace is the same call with a longer traceback
    except OSError:
        for partial in written.values():
            partial.unlink(missing_ok=True)
        raise


def _partial(path: Path) -> Path:
    """Where a print lies until it is whole: beside it, hidden, and always the same.

    So the next run writes over what a killed one left. It is no longer for a long name, for which there is no room.
    """
    digest = hashlib.sha256(os.fsencode(path.name)).hexdigest()
    return path.with_name(f".{digest[:32]}.part")
