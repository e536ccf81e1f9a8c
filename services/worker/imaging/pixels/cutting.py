"""Cut a part out of an image, where gravity or the most detail is."""

from itertools import accumulate, product

from PIL import Image, ImageChops, ImageFilter

from services.worker.imaging.pixels.colour import flatten_on_white, split_alpha
from services.worker.imaging.sizes import Part, Size, fitted_size
from shared.recipes import Box, Gravity

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
    return _part(whole, size, gravity_shares(gravity))


def _part(whole: Size, size: Size, shares: tuple[float, float]) -> Part:
    left, top = round((whole[0] - size[0]) * shares[0]), round((whole[1] - size[1]) * shares[1])
    return left, top, left + size[0], top + size[1]


def gravity_shares(gravity: Gravity) -> tuple[float, float]:
    """Give the shares of what is left over, cut away or free, that fall on the left and at the top."""
    across = next((share for side, share in _SHARES.items() if side in gravity and side in {"west", "east"}), 0.5)
    down = next((share for side, share in _SHARES.items() if side in gravity and side in {"north", "south"}), 0.5)
    return across, down


def _detailed_shares(image: Image.Image, size: Size) -> tuple[float, float]:
    """Give the shares of what is cut away on the left and at the top where the part holds the most detail."""
    detail = _detail(image)
    sums = _sums_up_to(detail)
    wide, high = (
        max(1, round(whole * kept / before)) for whole, kept, before in zip(detail.size, size, image.size, strict=True)
    )
    return max(
        product(_shares(detail.width - wide), _shares(detail.height - high)),
        key=lambda shares: _weighted(_sum_of(sums, shares, detail.size, (wide, high)), shares),
    )


def _detail(image: Image.Image) -> Image.Image:
    """Give a small copy in which edges that can be seen are bright."""
    side = Box(width=_SMART_SIDE, height=_SMART_SIDE)
    small = image.resize(fitted_size(image.size, side), Image.Resampling.BOX)
    edges = _edges(flatten_on_white(small).convert("L"))
    _, alpha = split_alpha(small)
    return edges if alpha is None else ImageChops.lighter(edges, _edges(alpha))


def _edges(grey: Image.Image) -> Image.Image:
    edges = grey.filter(ImageFilter.FIND_EDGES)
    if min(edges.size) > 2:  # noqa: PLR2004 - the filter leaves a frame of one pixel as it was
        edges = edges.crop((1, 1, edges.width - 1, edges.height - 1))
    return edges


def _sums_up_to(detail: Image.Image) -> list[list[int]]:
    """Give for each row and column the sum of all above and to the left: a summed-area table (Crow, 1984)."""
    values = detail.tobytes()
    table = [[0] * (detail.width + 1)]
    for start in range(0, len(values), detail.width):
        row = accumulate(values[start : start + detail.width], initial=0)
        table.append([above + left for above, left in zip(table[-1], row, strict=True)])
    return table


def _shares(limit: int) -> list[float]:
    """Give the places of a window that can be moved by so many pixels, as shares; in the middle if by none."""
    return [place / limit for place in range(limit + 1)] if limit > 0 else [0.5]


def _sum_of(sums: list[list[int]], shares: tuple[float, float], whole: Size, window: Size) -> int:
    left, top = round((whole[0] - window[0]) * shares[0]), round((whole[1] - window[1]) * shares[1])
    right, bottom = left + window[0], top + window[1]
    return sums[bottom][right] - sums[top][right] - sums[bottom][left] + sums[top][left]


def _weighted(detail: float, shares: tuple[float, float]) -> float:
    away = max(abs(2 * share - 1) for share in shares)
    # The last term alone decides where there is no detail at all: for the middle.
    return detail * (1 - _CENTRE_BONUS * away) - away * 1e-9
