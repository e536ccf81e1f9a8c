"""The cameras that sample photographs say they were taken with, and how each names its files."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Camera:
    """A camera: EXIF make and model, the sensor's width over its height, and the pattern of its file names."""

    make: str
    model: str
    aspect: float
    file_name_pattern: str

    def file_name(self, number: int, taken_at: datetime) -> str:
        """Name the `number`th photograph as this camera would."""
        return self.file_name_pattern.format(number=number, taken_at=taken_at)


CAMERAS = (
    Camera("Canon", "Canon EOS R10", 3 / 2, "IMG_{number:04d}.jpg"),
    Camera("samsung", "Galaxy S23 Ultra", 4 / 3, "{taken_at:%Y%m%d_%H%M%S}.jpg"),
    # An upper-case suffix is what many cameras write, and what careless file filters miss.
    Camera("NIKON CORPORATION", "NIKON Z 50", 3 / 2, "DSC_{number:04d}.JPG"),
    Camera("Google", "Pixel 8", 4 / 3, "PXL_{taken_at:%Y%m%d_%H%M%S}000.jpg"),
)
