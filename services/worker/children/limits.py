"""How many image children there are, and what each may use for one image."""

from dataclasses import dataclass, field, fields

from services.worker.imaging.limits import ImageLimits
from services.worker.settings import WorkerSettings, usable_cores


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """The limits of children, each a setting of the worker, where the defaults are explained.

    `children`: one per usable core. `images_per_child`: then a child is replaced. `memory_bytes`: RLIMIT_AS.
    `cpu_seconds_per_image`: RLIMIT_CPU above what was used before. `file_bytes`: RLIMIT_FSIZE. `open_files`:
    RLIMIT_NOFILE. `image_timeout_seconds`: wall clock, then the parent kills; longer than the CPU time, so that an
    image is told from a busy machine. `start_timeout_seconds`: until a new child is ready.
    """

    children: int = field(default_factory=usable_cores)
    images_per_child: int = 500
    memory_bytes: int = 1536 * 2**20
    cpu_seconds_per_image: int = 20
    file_bytes: int = 256 * 2**20
    open_files: int = 64
    image_timeout_seconds: float = 30.0
    start_timeout_seconds: float = 20.0
    image: ImageLimits = field(default_factory=ImageLimits)


def child_limits(settings: WorkerSettings) -> ChildLimits:
    """Give the limits that the settings say."""
    return ChildLimits(
        children=settings.worker_children,
        images_per_child=settings.images_per_child,
        memory_bytes=settings.child_memory_bytes,
        cpu_seconds_per_image=settings.child_cpu_seconds,
        file_bytes=settings.child_file_bytes,
        open_files=settings.child_open_files,
        image_timeout_seconds=settings.image_timeout_seconds,
        start_timeout_seconds=settings.child_start_timeout_seconds,
        image=ImageLimits(**{limit.name: getattr(settings, limit.name) for limit in fields(ImageLimits)}),
    )
