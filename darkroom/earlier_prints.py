"""Prints of earlier runs, so that they are not taken for photographs."""

from collections.abc import Iterable
from pathlib import Path

_MARKER = ".darkroom-prints"
"""Lies in an output folder and names the folders of prints in it, one a line."""


def mark_prints(out: Path, outputs: Iterable[str]) -> None:
    """Remember in the output folder that these folders in it hold prints; raises OSError."""
    marker = out / _MARKER
    known = set(marker.read_text().splitlines()) if marker.exists() else set()
    marker.write_text("".join(f"{name}\n" for name in sorted(known | set(outputs))))


def print_folders(folder: Path) -> list[Path]:
    """The folders below this one that earlier runs have marked as holding prints."""
    found = []
    for marker in sorted(folder.rglob(_MARKER)):
        # One that cannot be read, or that a person has written, must not keep photographs from being found.
        try:
            names = marker.read_text().splitlines()
        except (OSError, UnicodeDecodeError):
            continue
        found += [path for name in names if name and (path := marker.parent / name).is_dir()]
    return found
