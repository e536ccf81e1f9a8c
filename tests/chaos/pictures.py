"""The pictures that clients upload: small, each of a colour of its own, some damaged and some deadly."""

import io
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from PIL import Image

from shared.recipes import BUILT_IN_RECIPES, Recipe

Kind = Literal["healthy", "unreadable", "deadly"]

EXPECTED_CODES: dict[Kind, str] = {"unreadable": "unreadable", "deadly": "crashed"}
"""How the images fail that do not complete."""

MAX_COLOUR_DIFFERENCE = 12
"""Between an original and its prints, of 255: each is encoded as JPEG once."""

STORED_RECIPE = BUILT_IN_RECIPES["web"].model_copy(update={"name": "chaos"})
"""The recipe that clients store."""

RECIPES: Mapping[str, Recipe] = {**BUILT_IN_RECIPES, STORED_RECIPE.name: STORED_RECIPE}
"""All that are in use."""

_DEADLY_MARK = b"this image ends the worker that develops it"


@dataclass(frozen=True)
class Picture:
    """An original, and what its prints must look like."""

    kind: Kind
    data: bytes
    colour: tuple[int, int, int]
    size: tuple[int, int]

    def problem_with(self, made: bytes, output: str, recipe_name: str) -> str | None:
        """What is wrong with a print of this picture; None if nothing is."""
        with Image.open(io.BytesIO(made)) as opened:
            image = opened.convert("RGB")
        expected = self._size_of(output, RECIPES[recipe_name])
        if image.size != expected:
            return f"is of size {image.size}, not {expected}"
        colour = image.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
        if not isinstance(colour, tuple):
            return "has no colours"
        if max(abs(a - b) for a, b in zip(colour, self.colour, strict=True)) > MAX_COLOUR_DIFFERENCE:
            return f"is of the colour {colour}, not {self.colour}"
        return None

    def _size_of(self, output: str, recipe: Recipe) -> tuple[int, int]:
        """These originals are smaller than the boxes of all recipes in use but the thumbnail's."""
        assert output in {made.name for made in recipe.outputs}
        longest = max(self.size)
        if output != "thumbnail" or longest <= 320:
            return self.size
        return (round(self.size[0] * 320 / longest), round(self.size[1] * 320 / longest))


def ends_its_worker(data: bytes) -> bool:
    """Whether an original is deadly."""
    return data.endswith(_DEADLY_MARK)


def draw_picture(rng: random.Random, kind: Kind) -> Picture:
    """A new picture."""
    colour = (rng.randrange(256), rng.randrange(256), rng.randrange(256))
    size = rng.choice([(64, 48), (120, 160), (320, 240), (640, 480)])
    encoded = io.BytesIO()
    Image.new("RGB", size, colour).save(encoded, "JPEG", quality=90)
    data = encoded.getvalue()
    if kind == "unreadable":
        data = data[:2] + bytes([0xFF, 0xE0, 0, 16]) + rng.randbytes(200).replace(b"\xff", b"\0")
    if kind == "deadly":
        data += _DEADLY_MARK
    return Picture(kind, data, colour, size)
