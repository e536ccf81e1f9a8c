"""A chunk's document stays well below the 16 MB that MongoDB takes, also at the largest chunk size."""

from datetime import UTC, datetime

import bson
import pytest

from services.gateway.settings import GatewaySettings
from shared.documents import Chunk, ColourShare, Original, Outcome, Place, Print, Quality, Readings
from shared.recipes import MAX_OUTPUTS, MAX_STEPS

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
MAX_BSON_BYTES = 16 * 1024 * 1024


def outcome(prints: int, steps: int, exif_fields: int) -> Outcome:
    """An image with so many prints, timed steps, and fields of EXIF beside all other readings."""
    made = [
        Print(
            output=f"output-{number:02}",
            extension="jpg",
            media_type="image/jpeg",
            width=16_000,
            height=12_000,
            size_bytes=2**31,
            generation=1,
            sha256="0" * 64,
        )
        for number in range(prints)
    ]
    stages = ["decode", "colour", "readouts", *(f"{n}:watermark_image" for n in range(steps))]
    times = dict.fromkeys([*stages, *(f"print:{one.output}" for one in made)], 100_000)
    readings = Readings(
        # The lists of numbers that fill what is kept of EXIF with the most bytes.
        exif={f"ReferenceBlack{number:03}": (0, 255, 128, 255, 128, 255) for number in range(exif_fields)},
        gps=Place(latitude=33.489, longitude=126.498, altitude=12.5),
        dhash64="0" * 16,
        colours=tuple(ColourShare(colour="#123456", share=0.1) for _ in range(8)),
        blurhash="L" * 30,
        quality=Quality(sharpness=1.5, brightness=0.5, dark_share=0.1, bright_share=0.1),
    )
    original = Original(width=16_000, height=12_000, format="jpeg", notes=("icc_ignored",), readings=readings)
    worker = "a-host-with-a-long-name.example.org-12345-abcdef"
    return Outcome(
        state="completed", prints=tuple(made), original=original, duration_ms=10_000, timings_ms=times, worker=worker
    )


@pytest.mark.parametrize(
    ("made", "max_share"),
    [(outcome(prints=3, steps=5, exif_fields=15), 0.25), (outcome(MAX_OUTPUTS, MAX_STEPS, exif_fields=40), 0.5)],
    ids=["rich", "at every limit"],
)
def test_a_chunk_of_the_largest_size_is_stored(made: Outcome, max_share: float) -> None:
    """With timings, hashes and every reading of every image: no batch hangs because a result cannot be written."""
    indexes = tuple(range(900_000, 900_000 + GatewaySettings().max_chunk_size))
    chunk = Chunk(batch_id="b" * 36, number=1, indexes=indexes, lease_until=NOW).folded(dict.fromkeys(indexes, made))
    size = len(bson.encode(chunk.model_dump()))
    assert size < max_share * MAX_BSON_BYTES, f"{size:,} bytes"
