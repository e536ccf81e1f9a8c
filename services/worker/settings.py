"""The worker's settings, each an environment variable with the prefix DARKROOM_."""

import os
import socket

from pydantic import Field, PositiveInt

from shared.running.settings import ServiceSettings

MEBIBYTE = 1024 * 1024


def usable_cores() -> int:
    """Count the cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _default_worker_id() -> str:
    return f"{socket.gethostname()}-{os.getpid()}"


class WorkerSettings(ServiceSettings):
    """How much one worker process does at a time."""

    worker_id: str = Field(default_factory=_default_worker_id)
    """Names this worker in claims, results and logs. Default: host and process id."""

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
    """Largest file that a child, or a program that a step of yours starts, may write (RLIMIT_FSIZE)."""

    child_open_files: int = Field(default=64, ge=16)
    """Files and pipes that a child may have open (RLIMIT_NOFILE)."""

    image_timeout_seconds: float = Field(default=30.0, gt=0)
    """Wall-clock time for one image, after which its child is killed; longer than the processor time, so that a slow
    image is told from a busy machine."""

    child_start_timeout_seconds: float = Field(default=20.0, gt=0)
    """Wall-clock time until a new child is ready."""

    max_file_bytes: PositiveInt = 100 * MEBIBYTE
    """Most bytes in one original. The gateway refuses more while it is uploaded; the worker does not open it."""

    max_chunks: PositiveInt = 65_536
    """Most segments of a JPEG before its first scan, and most chunks of a PNG or WebP."""

    max_jpeg_scans: PositiveInt = 100
    """Most scans of a JPEG; cameras write up to 12, and each costs as much as decoding the image once more."""

    max_declared_pixels: PositiveInt = 250_000_000
    """Most pixels that a JPEG may have, as it can be decoded at a half, a quarter or an eighth of its sides."""

    max_decoded_pixels: PositiveInt = 50_000_000
    """Most pixels held at a time: decoded from an original of any format, and while a recipe's steps are applied."""

    max_side: PositiveInt = 32_768
    """Longest side of an original in pixels."""

    max_print_pixels: PositiveInt = 25_000_000
    """Most pixels of a print."""

    max_print_side: int = Field(default=16_383, ge=1, le=16_383)
    """Longest side of a print in pixels; WebP knows no longer ones."""

    max_avif_pixels: PositiveInt = 16_000_000
    """Most pixels of a print that is an AVIF: its encoder takes 450 MB for so many, and fails for 50 megapixels."""

    max_frames: PositiveInt = 200
    """Most frames of an original whose frames are all kept."""

    max_animation_pixels: PositiveInt = 100_000_000
    """Most pixels of such an original: its frames times its size."""

    worker_chunks_in_hand: int = Field(default=4, ge=1)
    """Chunks of normal priority taken at a time; twice as many of high, half as many of low."""

    lease_seconds: float = Field(default=30.0, gt=0)
    """A claimed chunk whose lease was not renewed for this long is sent to another worker."""

    heartbeat_seconds: float = Field(default=2.0, gt=0)
    """Pause between two renewals of this worker's leases. Whoever leaves two out is lost, and others take its chunks;
    so all workers have to agree on it."""
