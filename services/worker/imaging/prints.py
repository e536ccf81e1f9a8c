"""What developing one image gives."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.documents import Readings
from shared.recipes import OutputSpec


@dataclass(frozen=True, slots=True)
class EncodedPrint:
    """One output of the recipe as an encoded file; width and height are in pixels."""

    output: str
    extension: str
    media_type: str
    width: int
    height: int
    data: bytes

    @property
    def size_bytes(self) -> int:
        return len(self.data)


def encoded_print(output: OutputSpec, size: tuple[int, int], data: bytes) -> EncodedPrint:
    """Give an output's print from its encoded bytes."""
    extension = "jpg" if output.format == "jpeg" else output.format
    return EncodedPrint(output.name, extension, f"image/{output.format}", *size, data)


@dataclass(frozen=True, slots=True)
class DevelopedImage:
    """All prints of one image in the recipe's order, and what was found out about the original.

    `width`, `height`: the original's pixels as stored, before it was turned upright. `format`: `jpeg`, `png`,
    `webp`, `gif` or `avif`, as its bytes say. `timings_ms`: milliseconds per stage, `print:<output>` for each output.
    `notes`: codes that `docs/image-safety.md` explains. `frames`: those of an animation. `readings`: what the recipe's
    readouts ask for. `cpu_ms`: processor time that it took, programs of custom steps included; 0 if not measured.
    """

    outputs: tuple[EncodedPrint, ...]
    width: int
    height: int
    format: str
    timings_ms: Mapping[str, float]
    notes: tuple[str, ...] = ()
    frames: int = 1
    readings: Readings | None = None
    cpu_ms: int = 0
