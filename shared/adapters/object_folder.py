"""A folder that objects lie in. No link below it is followed: what it points to is no object of the store."""

import contextlib
import os
import re
import shutil
import stat
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import structlog

from shared.ports import StoredObject

log = structlog.get_logger()

_STAGED = re.compile(r"#\d+$")
"""What an object is called while it is written."""


class ObjectFolder:
    """Looks into the folder by itself, where obstore would follow links. Every method may block."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def link_to(self, key: str) -> Path | None:
        """Return the first link on the way to an object, the object included; None if there is none."""
        path, mode = self._reach(key)
        return Path(path) if stat.S_ISLNK(mode) else None

    def read(self, key: str) -> bytes:
        """Return an object's bytes; raises FileNotFoundError also for a link, and for what is no file."""
        path, mode = self._reach(key)
        if not stat.S_ISREG(mode):
            raise FileNotFoundError(path)
        with Path(path).open("rb", buffering=0) as file:
            return file.readall()

    def has_all(self, keys: Iterable[str]) -> bool:
        """Look for objects one after another, in their order, until one is not there."""
        return all(stat.S_ISREG(self._reach(key)[1]) for key in keys)

    def _reach(self, key: str) -> tuple[str, int]:
        """Go on the way to an object until it, a link or nothing is reached; answer that place and its mode."""
        # Plain strings: paths as objects took more time than the file itself.
        path, mode = str(self._root), 0
        for part in key.split("/"):
            path = f"{path}/{part}"
            try:
                mode = os.lstat(path).st_mode
            except (FileNotFoundError, NotADirectoryError):
                return path, 0
            if stat.S_ISLNK(mode):
                log.warning("link_not_followed", key=key, link=path)
                break
        return path, mode

    def files(self, prefix: str) -> Iterator[StoredObject]:
        """Yield every object below a prefix."""
        if self.link_to(prefix.rstrip("/")):
            return
        for parent, _, names in os.walk(self._root / prefix, onerror=_raise_unless_gone):
            for path in (Path(parent, name) for name in names if not _STAGED.search(name)):
                # A file may be removed while the folder is read.
                with contextlib.suppress(FileNotFoundError):
                    if not path.is_symlink():
                        modified_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                        yield StoredObject(path.relative_to(self._root).as_posix(), modified_at)

    def remove_under(self, prefix: str) -> bool:
        """Remove everything below a prefix, links themselves included; False if there was nothing."""
        folder = self._root / prefix.rstrip("/")
        if link := self.link_to(prefix.rstrip("/")):
            if link == folder:
                link.unlink(missing_ok=True)
            return link == folder
        if not folder.is_dir():
            return False
        while folder.is_dir():
            # Another gateway may remove the same, and have it end at a file that is gone.
            with contextlib.suppress(FileNotFoundError):
                shutil.rmtree(folder)
        # A folder that has become empty goes as well, as it was made for what lay in it.
        with contextlib.suppress(OSError):
            folder.parent.rmdir()
        return True


def _raise_unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error
