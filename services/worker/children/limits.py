"""How many image children there are, and what each may use for one image."""

import os

from pydantic import Field, PositiveInt

from services.worker.imaging.limits import MEBIBYTE, ImageLimits


def usable_cores() -> int:
    """Count the cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class ChildLimits(ImageLimits):
    """The limits of children and of the images in them. Each is a setting of the worker, by the same name."""

    worker_children: int = Field(default_factory=usable_cores, ge=1)
    """Child processes that develop pixels, one image each at a time. Default: one per usable core."""

    images_per_child: PositiveInt = 500
    """Images after which a child is replaced, so that nothing that one of them left behind stays for long. A new child
    costs a quarter of a second of processor time: half a millisecond per image."""

    child_memory_bytes: int = Field(default=1536 * MEBIBYTE, ge=128 * MEBIBYTE)
    """Address space of a child (RLIMIT_AS). A WebP of 50 megapixels takes half of it."""

    child_cpu_seconds: PositiveInt = 20
    """Processor time of a child for one image (RLIMIT_CPU). The slowest honest image of 50 megapixels takes 16 s."""

    child_file_bytes: PositiveInt = 256 * MEBIBYTE
    """Most bytes of the prints of one image together; also the largest file that a child, or a program that a custom
    step starts, may write (RLIMIT_FSIZE)."""

    child_open_files: int = Field(default=64, ge=16)
    """Files and pipes that a child may have open (RLIMIT_NOFILE)."""

    image_timeout_seconds: float = Field(default=30.0, gt=0)
    """Wall-clock time for one image, after which its child is killed; longer than the processor time, to distinguish
    a slow image from a busy machine."""

    child_start_timeout_seconds: float = Field(default=20.0, gt=0)
    """Wall-clock time until a new child is ready."""
