"""What a file in a folder is, by its first bytes: names prove nothing, and a FIFO is not opened."""

from pathlib import Path

from shared.image_types import HEAD_BYTES, UnfitFile, recognise

IMAGE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".pjpeg", ".mpo", ".png", ".apng", ".webp", ".gif", ".avif"}
)
"""Files with these names are photographs to their owner: what is damaged fails by name."""


def left_out_kind(file: Path) -> str | None:
    """Name the kind of a file that is no photograph; None for one that may be developed, or fails by name."""
    if not file.is_file():
        return "special file"
    if file.suffix.lower() in IMAGE_SUFFIXES:
        return None
    try:
        with file.open("rb") as opened:
            found = recognise(opened.read(HEAD_BYTES))
    except OSError:
        return "unreadable file"
    if isinstance(found, UnfitFile):
        return found.type_name or {"empty_file": "empty file"}.get(found.code, "unknown")
    return None
