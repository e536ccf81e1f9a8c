"""What the bare pool and the Celery design do with one photograph: read, develop, write, all in one process."""

from pathlib import Path

from bench.workloads import RECIPE
from services.worker.imaging.developing import develop_image
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits


def develop_into_folder(original: Path, folder: Path) -> None:
    """Write every print of one photograph into a folder of its own; raises `ImageRejected`."""
    developed = develop_image(ImageBytes(original.read_bytes()), RECIPE, ImageLimits())
    folder.mkdir(parents=True, exist_ok=True)
    for made in developed.outputs:
        (folder / f"{made.output}.{made.extension}").write_bytes(made.data)
