"""Folders of photographs to upload or to choose."""

import os
from pathlib import Path

from examples.sample_photographs import write_sample_photographs

NAMES_A_FILE = 10_000
"""File systems bound how many names a file has."""


def files_of(folder: Path, count: int, size: int, *, linked: bool) -> Path:
    """A folder with so many files of a size; kept from one run to the next. Linked ones share the disk's space."""
    whole = folder / f"{count}-{size}"
    if whole.is_dir():
        return whole
    (photograph,) = write_sample_photographs(folder / "photograph", count=1, megapixels=1.0)
    # A JPEG's bytes, cut or filled up: nothing decodes it here.
    data = photograph.read_bytes()[:size].ljust(size, b"\0")
    unfinished = whole.with_suffix(".unfinished")
    unfinished.mkdir(parents=True)
    first = unfinished / "DSC_000000.jpg"
    for number in range(count):
        path = unfinished / f"DSC_{number:06}.jpg"
        if linked and number % NAMES_A_FILE:
            os.link(first, path)
        else:
            path.write_bytes(data)
            first = path
    return unfinished.rename(whole)
