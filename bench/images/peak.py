"""What a child of `bench.images.memory` does; it imports no more than a worker's child, which would count."""

from dataclasses import replace
from pathlib import Path

from services.worker.imaging.developing import develop_image
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.prints import DevelopedImage
from shared.recipes import Recipe

_RESET_PEAK = "5"
"""What /proc/self/clear_refs takes for it: see proc(5)."""


def develop_and_tell(original: ImageBytes, recipe: Recipe, limits: ImageLimits) -> DevelopedImage:
    """Develop the image, and answer with the most memory that was held meanwhile, in MB, as its width."""
    Path("/proc/self/clear_refs").write_text(_RESET_PEAK)
    developed = develop_image(original, recipe, limits)
    # Not ru_maxrss, which begins with what the parent held when it forked.
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return replace(developed, width=int(line.split()[1]) * 1024 // 1_000_000, height=1)
