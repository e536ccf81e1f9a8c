"""Memory that was freed and is kept for the next image."""

import ctypes

from PIL import Image

MUCH_MEMORY_BYTES = 64_000_000
"""From here on it is worth the time: what is kept would come on top of what an image needs."""

_PIXEL_BYTES = 4


def release_much_memory(size: tuple[int, int]) -> None:
    """Give back what is kept, if an image of this size is so large that its copies would add up."""
    if _PIXEL_BYTES * size[0] * size[1] > MUCH_MEMORY_BYTES:
        release_kept_memory()


def release_kept_memory() -> None:
    """Give back to the system what Pillow and malloc keep: up to some 220 MB, as a child sets them up."""
    Image.core.clear_cache()  # type: ignore[attr-defined] # Pillow's documented way, of a module without types
    # Only glibc has it; elsewhere malloc gives back what it likes.
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
