"""The few photographs that ship with Darkroom, from which all samples are cropped."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """One shipped photograph; `photographs/SOURCES.md` says where it is from and what its licence asks.

    `width` and `height` are its pixels. `focus_x` and `focus_y` (0 to 1, from the top left corner) are what every
    crop keeps in view. `upright` says that it also bears a portrait crop, `wide` that it bears a landscape crop.
    """

    name: str
    width: int
    height: int
    author: str
    licence: str
    focus_x: float
    focus_y: float
    wide: bool = True
    upright: bool = False


SOURCES = (
    Source("autumn-meadow", 1600, 1065, "Aitzol Berasategi", "CC BY 4.0", 0.55, 0.35),
    Source("mountain-path", 1600, 1200, "Aitzol Berasategi", "CC BY 4.0", 0.45, 0.4, upright=True),
    Source("forest-stream", 1600, 1065, "Aitzol Berasategi", "CC BY 4.0", 0.45, 0.5, upright=True),
    Source("dandelions", 1600, 900, "Clemens Engelhardt", "CC0 1.0", 0.3, 0.35, upright=True),
    Source("winter-sunset", 1600, 1067, "Aitzol Berasategi", "CC BY 4.0", 0.5, 0.4),
    Source("two-dogs", 1065, 1600, "Aitzol Berasategi", "CC BY 4.0", 0.5, 0.37, wide=False, upright=True),
    Source("fig-in-a-bowl", 1600, 1082, 'Trevor "Freespace"', "CC BY 4.0", 0.5, 0.45),
    Source("paint-brushes", 1365, 1074, 'Trevor "Freespace"', "CC BY 4.0", 0.4, 0.5, upright=True),
)
