"""Keep an original's copyright, and nothing else of its metadata."""

from PIL import ExifTags, Image

from services.worker.imaging.readouts.exif import decoded_text

_KEPT = (ExifTags.Base.Artist, ExifTags.Base.Copyright)
_MAX_CHARACTERS = 1000


def copyright_exif(image: Image.Image) -> bytes:
    """Give EXIF with the fields Artist and Copyright of an image; empty if it has neither, or its EXIF is broken."""
    kept = Image.Exif()
    try:
        found = image.getexif()
        for tag in _KEPT:
            if text := _cleaned(found.get(tag)):
                kept[tag] = text
        return kept.tobytes() if kept else b""
    except Exception:  # noqa: BLE001 - the EXIF parser raises nearly anything, and the pixels may still be good
        return b""


def _cleaned(value: object) -> bytes:
    if not isinstance(value, str):
        return b""
    meant, encoding = decoded_text(value)
    text = "".join(character for character in meant if character.isprintable() or character > "\x7f")
    # As it was: Pillow would write it as ASCII. Of an encoding that is neither, any byte may look like a space.
    return text.strip(" ")[:_MAX_CHARACTERS].encode(encoding, errors="replace")
