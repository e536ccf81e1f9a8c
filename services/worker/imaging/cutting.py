"""Cut a part out of an image, where gravity or the most detail is."""

from array import array
from itertools import accumulate

from PIL import Image, ImageFilter

from services.worker.imaging.sizes import Part, Size
from shared.recipes import Gravity

_SMART_SIDE = 128
"""Detail is looked for in a small copy: finding it costs next to nothing then, and noise is averaged away."""

_CENTRE_BONUS = 0.15
"""How much more detail a part must have to be taken though it lies at the very edge: people aim at their subject."""

_SHARES = {"west": 0.0, "east": 1.0, "north": 0.0, "south": 1.0}


def cut(image: Image.Image, size: Size, gravity: Gravity) -> Image.Image:
    """Give the part of that size (at most the image's) that gravity chooses."""
    if image.size == size:
        return image
    if gravity == "smart":
        return image.crop(_part(image.size, size, _detailed_shares(image, size)))
    return image.crop(part_by_gravity(image.size, size, gravity))


def part_by_gravity(whole: Size, size: Size, gravity: Gravity) -> Part:
    """Give the part of that size that gravity chooses; `smart`, which needs pixels, is taken for `center`."""
    return _part(whole, size, _gravity_shares(gravity))


def _part(whole: Size, size: Size, shares: tuple[float, float]) -> Part:
    left, top = round((whole[0] - size[0]) * shares[0]), round((whole[1] - size[1]) * shares[1])
    return left, top, left + size[0], top + size[1]


def _gravity_shares(gravity: Gravity) -> tuple[float, float]:
    """Give the shares of what is cut away that fall on the left and at the top."""
    across = next((share for side, share in _SHARES.items() if side in gravity and side in {"west", "east"}), 0.5)
    down = next((share for side, share in _SHARES.items() if side in gravity and side in {"north", "south"}), 0.5)
    return across, down


def _detailed_shares(image: Image.Image, size: Size) -> tuple[float, float]:
    small = image.convert("L")
    small.thumbnail((_SMART_SIDE, _SMART_SIDE), Image.Resampling.BOX)
    edges = small.filter(ImageFilter.FIND_EDGES)
    if min(edges.size) > 2:  # noqa: PLR2004 - the filter leaves a frame of one pixel as it was
        edges = edges.crop((1, 1, edges.width - 1, edges.height - 1))
    columns = _sums(edges, (edges.width, 1))
    rows = _sums(edges, (1, edges.height))
    return _best_share(columns, size[0] / image.width), _best_share(rows, size[1] / image.height)


def _sums(edges: Image.Image, size: Size) -> list[float]:
    # Means, which for windows of one length say the same as sums.
    means = edges.convert("F").resize(size, Image.Resampling.BOX)
    return array("f", means.tobytes()).tolist()


def _best_share(values: list[float], kept: float) -> float:
    """Give where a window of the share `kept` has the most detail: 0 at the beginning, 1 at the end."""
    window = max(1, round(len(values) * kept))
    last = len(values) - window
    if last <= 0:
        return 0.5
    sums = [0.0, *accumulate(values)]
    best = max(range(last + 1), key=lambda start: _weighted(sums[start + window] - sums[start], start / last))
    return best / last


def _weighted(detail: float, share: float) -> float:
    return detail * (1 - _CENTRE_BONUS * abs(2 * share - 1)) - abs(2 * share - 1) * 1e-9
