"""Memory that was freed and is kept for the next image."""

import ctypes

from PIL import Image


def release_kept_memory() -> None:
    """Give back to the system what Pillow and malloc keep: up to some 220 MB, as a child sets them up."""
    Image.core.clear_cache()  # type: ignore[attr-defined] # Pillow's documented way, of a module without types
    # Only glibc has it; elsewhere malloc gives back what it likes.
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
