"""The folder that is the object store, taken away and brought back in one atomic step each."""

import ctypes
import os
from pathlib import Path

_RENAME_EXCHANGE = 2
_AT_FDCWD = -100


class ObjectsFolder:
    """A folder that can stand aside for a plain file: every call on the store then fails, and none finds it empty."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "objects"
        self._beside = folder / "objects-beside"
        self.path.mkdir()
        self._beside.touch()

    @property
    def is_away(self) -> bool:
        """Whether the folder stands aside."""
        return self.path.is_file()

    def take_away(self) -> None:
        """Put the file where the folder is."""
        if not self.is_away:
            self._exchange()

    def bring_back(self) -> None:
        """Put the folder where it was."""
        if self.is_away:
            self._exchange()

    def _exchange(self) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        paths = (_AT_FDCWD, bytes(self.path), _AT_FDCWD, bytes(self._beside))
        if libc.renameat2(*paths, _RENAME_EXCHANGE):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
