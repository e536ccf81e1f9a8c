"""Bring a JPEG to its end: give it the marker that is missing, and cut away what lies behind."""

from services.worker.imaging.files.jpeg_scans import (
    END,
    before_next_picture,
    cut_at_end,
    has_all_scans,
    has_second_picture,
    restarts_are_right,
)
from services.worker.imaging.image_bytes import ImageBytes
from shared.note_codes import NoteCode


def bring_to_end(original: ImageBytes) -> tuple[str, ...]:
    """Have the JPEG end with its end marker, and give the notes `damaged` and `end_missing` where they are due.

    Raises OSError where pixels must be missing beside the marker.
    """
    is_cut = False
    original.data = before_next_picture(original.data)
    if not original.data.endswith(END) or has_second_picture(original.data):
        ended = cut_at_end(original.data)
        is_cut = ended is None
        original.data = ended or _without_filling(original.data) + END
    is_sound = _is_sound(original.data) or (cut_off_appendix(original) and _is_sound(original.data))
    if is_cut and not is_sound:
        raise OSError("its end is missing")
    return ((NoteCode.END_MISSING,) if is_cut else ()) + (() if is_sound else (NoteCode.DAMAGED,))


def _without_filling(data: bytes) -> bytes:
    """Cut off the zeros with which a download that was broken off is filled up: they would pass for pixels.

    Two of them stay, as pixels may end so.
    """
    return data[: len(data.rstrip(b"\0")) + 2]


def cut_off_appendix(original: ImageBytes) -> bool:
    """Cut the JPEG at its first end marker; False if that is the one at its end."""
    ended = cut_at_end(original.data)
    if ended is None or ended is original.data:
        return False
    original.data = ended
    return True


def _is_sound(data: bytes) -> bool:
    return has_all_scans(data) and restarts_are_right(data)
