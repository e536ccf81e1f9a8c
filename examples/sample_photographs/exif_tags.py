"""The EXIF tags that a camera would have written into a sample photograph, its place on Earth included."""

from dataclasses import dataclass

from examples.sample_photographs.plan import PhotographPlan

TagValue = str | int | float | tuple[float, ...]


@dataclass(frozen=True)
class ExifTags:
    """Values by tag number (CIPA DC-008, EXIF 2.32) for the main directory and its two sub-directories."""

    main: dict[int, TagValue]
    exposure: dict[int, TagValue]
    place: dict[int, TagValue]


def exif_tags(plan: PhotographPlan) -> ExifTags:
    """Describe the photograph; author and licence ride along, as the sources' licences ask."""
    taken_at = f"{plan.taken_at:%Y:%m:%d %H:%M:%S}"
    return ExifTags(
        main={
            0x010E: f"Darkroom sample photograph, changed from {plan.source.name}",  # ImageDescription
            0x010F: plan.camera.make,
            0x0110: plan.camera.model,
            0x0112: plan.orientation,
            0x0132: taken_at,  # DateTime
            0x013B: plan.source.author,  # Artist
            0x8298: f"{plan.source.author}, {plan.source.licence}",  # Copyright
        },
        exposure={
            0x829A: 1 / 250,  # ExposureTime in seconds
            0x829D: 5.6,  # FNumber
            0x8827: 400,  # ISOSpeedRatings
            0x9003: taken_at,  # DateTimeOriginal
            0x9011: f"{plan.taken_at:%z}"[:3] + ":00",  # OffsetTimeOriginal
            0x920A: 35.0,  # FocalLength in millimetres
        },
        place={
            1: "N",
            2: _degrees_minutes_seconds(plan.latitude),
            3: "E",
            4: _degrees_minutes_seconds(plan.longitude),
        },
    )


def _degrees_minutes_seconds(degrees: float) -> tuple[float, float, float]:
    minutes, seconds = divmod(round(degrees * 3600, 2), 60)
    whole_degrees, minutes = divmod(minutes, 60)
    return whole_degrees, minutes, round(seconds, 2)
