"""What a child's memory came to; named by path, so that real children import it."""

from dataclasses import replace
from pathlib import Path

from services.worker.imaging.developing import develop_image
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.prints import DevelopedImage
from shared.recipes import Recipe


def develop_and_tell(original: ImageBytes, recipe: Recipe, limits: ImageLimits) -> DevelopedImage:
    """Develop the image, and answer with the most memory that this process ever held, in MB, as its width."""
    developed = develop_image(original, recipe, limits)
    return replace(developed, width=peak_megabytes("self"), height=1)


def peak_megabytes(process: int | str) -> int:
    """Give the most memory that a process ever held, in MB; ru_maxrss would count what its parent held at the fork."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024 // 1_000_000
