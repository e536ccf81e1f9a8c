"""The folder that is the object store, taken away and brought back in one atomic step each."""

import ctypes
import os
from pathlib import Path

_RENAME_EXCHANGE = 2
_AT_FDCWD = -100


class ObjectsFolder:
    """A folder that can stand aside, as a volume does that is unmounted.

    For a plain file: every call on the store then fails. Or for an empty folder: reads find nothing there, and writes
    succeed and are lost.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "objects"
        self._file = folder / "objects-file"
        self._empty = folder / "objects-empty"
        self._instead: Path | None = None
        self.path.mkdir(exist_ok=True)
        self._empty.mkdir()
        self._file.touch()

    def take_away(self) -> None:
        """Put the file where the folder is."""
        self._stand_aside_for(self._file)

    def empty(self) -> None:
        """Put the empty folder where the folder is."""
        self._stand_aside_for(self._empty)

    def bring_back(self) -> None:
        """Put the folder where it was."""
        if self._instead is not None:
            _exchange(self.path, self._instead)
            self._instead = None

    def _stand_aside_for(self, other: Path) -> None:
        self.bring_back()
        _exchange(self.path, other)
        self._instead = other


def _exchange(one: Path, other: Path) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(_AT_FDCWD, bytes(one), _AT_FDCWD, bytes(other), _RENAME_EXCHANGE):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
