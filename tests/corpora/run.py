"""Each file once, by the recipe `web`; what counts is how it ends."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from shared.recipes import BUILT_IN_RECIPES
from tests.fuzz.child import JudgingChild
from tests.fuzz.run import FAULTS

_SUFFIXES = tuple(
    f".{name}"
    for line in (
        "apng avif bmp blp bufr bw crash cur dcx dds dib emf eps exif fits flc fli fpx ftc ftu gbr gd gif grib hdf",
        "heic heif icns ico iim im j2c j2k jfif jp2 jpc jpe jpeg jpf jpg jpx jxl mic mpo msp pbm pcd pcx pdf pgm png",
        "pnm ppm ps psd pxr qoi ras rgb rgba sgi spider svg tga tif tiff wal webp wmf xbm xpm",
    )
    for name in line.split()
)
_MAX_BYTES = 100 * 2**20


@dataclass
class Report:
    """How files ended; `faults` says of each that should not have ended so what happened."""

    ends: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0
    slowest: tuple[float, Path] = (0.0, Path())


async def develop_all(places: Sequence[Path]) -> Report:
    """Develop every image file below the places in one capped child."""
    report = Report()
    recipe = BUILT_IN_RECIPES["web"]
    began = time.monotonic()
    async with JudgingChild() as child:
        for file in image_files(places):
            asked = time.monotonic()
            end, detail = await child.judge(file.read_bytes(), recipe)
            report.slowest = max(report.slowest, (time.monotonic() - asked, file))
            report.ends[end] += 1
            if end in FAULTS:
                report.faults.append(f"{file}: {end}: {detail.strip()}")
    report.seconds = time.monotonic() - began
    return report


def image_files(places: Sequence[Path]) -> Iterator[Path]:
    """Give every file that its name calls an image, also one of a format that is refused; links are not followed."""
    for place in places:
        found = [place] if place.is_file() else sorted(place.rglob("*"))
        for file in found:
            named = file.suffix.lower() in _SUFFIXES or "crash" in file.name
            if named and file.is_file() and not file.is_symlink() and file.stat().st_size <= _MAX_BYTES:
                yield file


def lines(report: Report) -> list[str]:
    """Say it for people."""
    total = report.ends.total()
    told = [f"{end}: {count:,}" for end, count in report.ends.most_common()]
    told += [f"fault: {fault}" for fault in report.faults]
    told.append(
        f"{total:,} files in {report.seconds:.0f} s, slowest {report.slowest[0]:.2f} s ({report.slowest[1].name}), "
        f"{len(report.faults)} faults"
    )
    return told
