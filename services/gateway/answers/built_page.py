"""The page for people, as `make page` has built it."""

import json
import re
from html import escape
from pathlib import Path

BUILT = Path(__file__).parents[1] / "page" / "built"

_ROOT = "{{root}}"
"""Stands in the shell where the path is, under which a proxy publishes the gateway."""

_ASSET_NAME = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")


class BuiltPage:
    """The files of the page. One that is built meanwhile is seen at once."""

    def __init__(self, folder: Path = BUILT) -> None:
        self._folder = folder
        self._version: str | None = None
        # Each hello and each figure asks for the version, on the event loop.
        self._version_of: tuple[int, int] | None = None

    @property
    def version(self) -> str | None:
        """The hash of what was built; None without a page, and while its manifest is being written."""
        manifest = self._folder / "manifest.json"
        try:
            status = manifest.stat()
            found = status.st_mtime_ns, status.st_size
            if found != self._version_of:
                self._version, self._version_of = str(json.loads(manifest.read_bytes())["version"]), found
        except (FileNotFoundError, ValueError):
            return None
        return self._version

    def shell(self, root_path: str) -> str | None:
        """The HTML that all addresses of the page answer; None without a page."""
        try:
            shell = (self._folder / "index.html").read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        return shell.replace(_ROOT, escape(root_path))

    def asset(self, name: str) -> Path | None:
        """The file of that name; None if there is none."""
        path = self._folder / "assets" / name
        # The pattern has no separators, and no name that leads upwards.
        return path if _ASSET_NAME.fullmatch(name) and path.is_file() else None
