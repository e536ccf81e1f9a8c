"""Find out whether the inks of a CMYK JPEG are stored inverted, where no marker of Adobe's says so (decision 0018)."""

from PIL import Image, ImageFile

_SAMPLE = (64, 64)
_MAX_INK = 3.4 * 255
"""More than that, of four inks, no paper takes."""

_ALL_INK = 4 * 255


def take_inks_as_stored(image: ImageFile.ImageFile) -> None:
    """Have the inks of a CMYK JPEG taken for what they are in the file; before the image is decoded.

    Files with Adobe's marker hold them inverted. Pillow takes every file for one of those: others may be negatives.
    """
    image.tile = [part._replace(args=("CMYK", "")) for part in image.tile]


def are_inverted(stored: Image.Image) -> bool:
    """Tell whether inks make more sense the other way round than as they are stored.

    That is where fewer pixels would have more ink than paper takes; or else, where black would be used less than half.
    """
    values = stored.resize(_SAMPLE, Image.Resampling.BOX).tobytes()
    inks = [sum(values[at : at + 4]) for at in range(0, len(values), 4)]
    impossible = sum(ink > _MAX_INK for ink in inks)
    impossible_inverted = sum(ink < _ALL_INK - _MAX_INK for ink in inks)
    if impossible != impossible_inverted:
        return impossible > impossible_inverted
    black = values[3::4]
    return sum(black) > len(black) * 255 / 2
