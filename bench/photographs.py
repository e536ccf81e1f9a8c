"""The files that are measured with: real photographs of 12 megapixels, and the smallest JPEG for no-op images."""

import io
import math
import subprocess
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from examples.sample_photographs import write_sample_photographs

FETCH = Path(__file__).parents[1] / "deploy" / "fetch-bench-photographs.sh"
FETCH_TIMEOUT_SECONDS = 120
PIXELS = 12_000_000
CAMERA_QUALITY = 92
"""Phones and cameras write baseline JPEGs of about this quality: 2 to 6 MB at 12 megapixels."""

SAMPLES = 24


def twelve_megapixel_photographs(cache: Path) -> Sequence[Path]:
    """Real photographs brought to 12 megapixels, or the project's samples where none can be fetched; cached.

    As published, most are progressive and all larger: developing one costs 2.6 times as much processor time on average,
    and whatever a contender adds to that would look smaller than it is on what cameras write.
    """
    prepared = cache / "twelve-megapixels"
    if not prepared.is_dir():
        published = _published(cache)
        if not published:
            return sorted(write_sample_photographs(cache / "samples", count=SAMPLES))
        _prepare(published, prepared)
    return sorted(prepared.iterdir())


def noop_file(cache: Path) -> Path:
    """The file that stands for every no-op image: a JPEG of 8 by 8 pixels, as the gateway takes nothing else."""
    path = cache / "no-op.jpg"
    if not path.exists():
        buffer = io.BytesIO()
        Image.new("RGB", (8, 8)).save(buffer, "JPEG")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(buffer.getvalue())
    return path


def _published(cache: Path) -> Sequence[Path]:
    try:
        subprocess.run(["sh", str(FETCH), str(cache)], check=True, capture_output=True, timeout=FETCH_TIMEOUT_SECONDS)
    except (OSError, subprocess.SubprocessError) as error:
        print(f"No real photographs could be fetched, so samples are taken: {error}")
        return ()
    return sorted((cache / "photographs").iterdir())


def _prepare(published: Sequence[Path], prepared: Path) -> None:
    unfinished = prepared.with_suffix(".unfinished")
    unfinished.mkdir(parents=True, exist_ok=True)
    for path in published:
        with Image.open(path) as image:
            scale = math.sqrt(PIXELS / (image.width * image.height))
            size = (round(image.width * scale), round(image.height * scale))
            image.convert("RGB").resize(size, Image.Resampling.LANCZOS).save(
                unfinished / path.name, quality=CAMERA_QUALITY, exif=image.getexif()
            )
    unfinished.rename(prepared)
