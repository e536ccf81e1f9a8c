"""What each sample photograph shall be, decided by index and seed alone, before any pixel is touched."""

import math
import random
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from examples.sample_photographs.cameras import CAMERAS, Camera
from examples.sample_photographs.sources import SOURCES, Source

# Mostly as cameras are held, yet each of the eight EXIF orientations occurs (exports never turn).
ORIENTATIONS = (1, 6, 1, 3, 1, 8, 1, 2, 1, 6, 1, 5, 1, 4, 8, 7)
FIRST_SIDEWAYS_ORIENTATION = 5
PNG_EXPORT, WEBP_EXPORT = 7, 13  # positions in every twenty
KOREAN_NAMED_INDEX = 4
EXPORT_SHARE_OF_MEGAPIXELS = 0.25
FIRST_TAKEN_AT = datetime(2025, 5, 3, 6, 10, tzinfo=timezone(timedelta(hours=9)))


@dataclass(frozen=True)
class PhotographPlan:
    """One sample photograph to be.

    `width` and `height` are the stored pixels; turned by the EXIF `orientation` they show the upright picture.
    `crop` is the upright part of the source that it shows: left, top, right, bottom as shares from 0 to 1.
    `exposure_stops` brightens (above 0) or darkens; `warmth` shifts white from blue (below 0) to amber.
    `latitude` and `longitude` are in degrees.
    """

    file_name: str
    source: Source
    camera: Camera
    taken_at: datetime
    width: int
    height: int
    orientation: int
    crop: tuple[float, float, float, float]
    mirrored: bool
    exposure_stops: float
    warmth: float
    latitude: float
    longitude: float


def plan_photograph(index: int, *, megapixels: float, seed: int) -> PhotographPlan:
    """Plan the photograph at `index` (from 0); the same arguments always give the same plan."""
    chance = random.Random(f"{seed}:{index}")  # noqa: S311 - pictures to look at, not secrets
    camera = CAMERAS[index % len(CAMERAS)]
    exported = index % 20 in {PNG_EXPORT, WEBP_EXPORT}
    orientation = 1 if exported else ORIENTATIONS[index % len(ORIENTATIONS)]
    width, height = _sensor_size(megapixels * (EXPORT_SHARE_OF_MEGAPIXELS if exported else 1), camera.aspect)
    sideways = orientation >= FIRST_SIDEWAYS_ORIENTATION
    sources = [source for source in SOURCES if (source.upright if sideways else source.wide)]
    source = sources[(3 * index + seed) % len(sources)]  # in turn, as chance would favour some
    # The jitter stays below the interval, so that times, and the names made of them, never repeat.
    taken_at = FIRST_TAKEN_AT + timedelta(seconds=index * 97 + chance.randrange(90))
    return PhotographPlan(
        file_name=_file_name(index, camera, taken_at),
        source=source,
        camera=camera,
        taken_at=taken_at,
        width=width,
        height=height,
        orientation=orientation,
        crop=_crop(source, height / width if sideways else width / height, chance),
        mirrored=chance.choice((False, True)),
        exposure_stops=chance.uniform(-0.35, 0.35),
        warmth=chance.uniform(-0.06, 0.06),
        latitude=chance.uniform(33.2, 38.5),
        longitude=chance.uniform(126.2, 129.4),
    )


def _sensor_size(megapixels: float, aspect: float) -> tuple[int, int]:
    """Width and height in pixels, in whole blocks of eight as sensors are read: 12 at 4:3 is 4000 by 3000."""
    width = max(8, round(math.sqrt(megapixels * 1e6 * aspect) / 8) * 8)
    return width, max(8, round(width / aspect / 8) * 8)


def _file_name(index: int, camera: Camera, taken_at: datetime) -> str:
    number = index + 1
    if index % 20 == PNG_EXPORT:
        return f"export_{number:04d}.png"
    if index % 20 == WEBP_EXPORT:
        return f"export_{number:04d}.webp"
    if index == KOREAN_NAMED_INDEX:
        return f"가족여행_{number:04d}.jpg"
    return camera.file_name(number, taken_at)


def _crop(source: Source, aspect: float, chance: random.Random) -> tuple[float, float, float, float]:
    """Choose a part of the source with the given aspect that keeps its focus in view."""
    zoom = chance.uniform(0.72, 1.0)
    source_aspect = source.width / source.height
    width = zoom * min(1.0, aspect / source_aspect)
    height = zoom * min(1.0, source_aspect / aspect)
    left = _start(source.focus_x, width, chance)
    top = _start(source.focus_y, height, chance)
    return left, top, left + width, top + height


def _start(focus: float, extent: float, chance: random.Random) -> float:
    """Where a window of `extent` begins so that `focus` lies well inside it, as far as the frame allows."""
    wished = focus - extent * chance.uniform(0.3, 0.7)
    return min(1 - extent, max(0.0, wished))
