"""A folder filled with sample photographs, on every core."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from examples.sample_photographs.plan import plan_photograph
from examples.sample_photographs.rendering import render_photograph, reused_memory

MAX_THREADS = 8  # each holds about 150 MB while it makes a 12-megapixel file


def write_sample_photographs(
    folder: Path,
    count: int = 60,
    megapixels: float = 12.0,
    seed: int = 0,
    progress: Callable[[Path], None] | None = None,
) -> list[Path]:
    """Fill `folder` (made if missing) with `count` distinct photographs that look as if cameras had taken them.

    Most are JPEGs of `megapixels` in all eight EXIF orientations, with make, model, date and GPS position; of every
    twenty one is a PNG and one a WebP export of a quarter of the pixels; the fifth has a Korean name. A 12-megapixel
    JPEG weighs about 2 MB and takes 0.2 s of one core; for tests, a thousand of 0.05 megapixels take about 5 s.

    The same arguments give the same bytes with the same Pillow, and a larger count only adds files. Files of the same
    names are overwritten, others are left alone. `progress` is called in the caller's thread with each path in turn.
    Returns the paths in the order of their dates. Raises OSError when the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)

    def write(index: int) -> Path:
        plan = plan_photograph(index, megapixels=megapixels, seed=seed)
        path = folder / plan.file_name
        render_photograph(plan, path)
        return path

    paths = []
    # Threads suffice: Pillow lets go of the interpreter lock while it resizes and encodes.
    with reused_memory(), ThreadPoolExecutor(min(MAX_THREADS, os.cpu_count() or 1)) as pool:
        for path in pool.map(write, range(count)):
            paths.append(path)
            if progress is not None:
                progress(path)
    return paths
