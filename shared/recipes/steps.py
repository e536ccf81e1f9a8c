"""A recipe's steps: each is one model here and one function of the same name in the worker's imaging/steps."""

from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from shared.recipes.values import Box, Colour, Factor, Gravity, RecipePart, Side
from shared.recipes.watermarks import ImageWatermark, TextWatermark

MAX_BLUR_RADIUS = 100
MAX_BORDER = 2000
MAX_ENLARGEMENT = 4
"""How many times larger than before a side may be made."""


class AutoOrient(RecipePart):
    """Turn the image upright, as its EXIF orientation says. Can only be the first step.

    Prints have no EXIF that says it: without this step a photograph of a phone that was held upright lies on its side.
    """

    op: Literal["auto_orient"] = "auto_orient"


class Crop(RecipePart):
    """Cut out a part: `box` pixels from `left` and `top`, or the largest part of the `aspect`, or of the size `box`.

    Give `left` and `top` together with `box` to name the place; without them `gravity` chooses it. Where a crop
    with `left` and `top` comes first, or right after `auto_orient`, nothing from beyond its edges is seen; behind other
    steps its edges may be off by a pixel of the print.
    """

    op: Literal["crop"] = "crop"

    box: Box | None = None
    """Size of the part in pixels; one larger than the image is cut down to it."""

    aspect: str | None = Field(default=None, pattern=r"^[1-9][0-9]{0,3}:[1-9][0-9]{0,3}$")
    """Proportions of the part, width to height, such as 16:9 or 1:1."""

    left: int | None = Field(default=None, ge=0, le=100_000)
    """Pixels cut away on the left."""

    top: int | None = Field(default=None, ge=0, le=100_000)
    """Pixels cut away at the top."""

    gravity: Gravity = "center"
    """What is kept."""

    @model_validator(mode="after")
    def _says_what_to_keep(self) -> Self:
        if (self.box is None) == (self.aspect is None):
            raise ValueError("give either box or aspect")
        if (self.left is None) != (self.top is None):
            raise ValueError("give both left and top, or neither")
        if self.left is not None and self.box is None:
            raise ValueError("left and top go with box")
        return self


class Resize(RecipePart):
    """Bring the image to a size.

    `fit`: inside the box, in its own proportions. `cover`: fills the box, what sticks out is cut away by `gravity`.
    `contain`: inside the box, the rest filled with `background`. `exact`: the box, without regard to the proportions.
    """

    op: Literal["resize"] = "resize"
    mode: Literal["fit", "cover", "contain", "exact"] = "fit"
    """How the image comes to the size, as above."""

    width: Side
    height: Side

    enlarge: bool = False
    """Whether a smaller image is made larger, up to four times; it otherwise stays as small as it is."""

    gravity: Gravity = "center"
    """What `cover` keeps."""

    background: Colour = "#ffffff"
    """What `contain` fills with."""


class Rotate(RecipePart):
    """Turn the image clockwise; corners that open at other angles than 90, 180 and 270 are filled."""

    op: Literal["rotate"] = "rotate"

    angle: float = Field(ge=-360, le=360)
    """Degrees, clockwise."""

    background: Colour = "#ffffff"


class Flip(RecipePart):
    """Mirror the image."""

    op: Literal["flip"] = "flip"
    axis: Literal["horizontal", "vertical"] = "horizontal"
    """`horizontal` swaps left and right."""


class Grayscale(RecipePart):
    """Take the colours away."""

    op: Literal["grayscale"] = "grayscale"


class Blur(RecipePart):
    """Blur the image (Gaussian)."""

    op: Literal["blur"] = "blur"

    radius: float = Field(gt=0, le=MAX_BLUR_RADIUS)
    """Standard deviation in pixels."""


class Sharpen(RecipePart):
    """Sharpen the image by an unsharp mask."""

    op: Literal["sharpen"] = "sharpen"

    radius: float = Field(default=1.0, gt=0, le=20)
    """Standard deviation of the mask in pixels."""

    amount: int = Field(default=100, ge=1, le=500)
    """Percent of the difference that is added."""

    threshold: int = Field(default=2, ge=0, le=255)
    """Smaller differences stay as they are."""


class Adjust(RecipePart):
    """Change brightness, contrast and saturation, in this order."""

    op: Literal["adjust"] = "adjust"
    brightness: Factor = 1.0
    contrast: Factor = 1.0
    saturation: Factor = 1.0


class Border(RecipePart):
    """Put a border of one colour around the image, which grows by it."""

    op: Literal["border"] = "border"

    width: int = Field(ge=1, le=MAX_BORDER)
    """Pixels on each side."""

    colour: Colour = "#ffffff"


class Background(RecipePart):
    """Put a colour behind what is transparent."""

    op: Literal["background"] = "background"
    colour: Colour = "#ffffff"


BuiltInStep = Annotated[
    AutoOrient
    | Crop
    | Resize
    | Rotate
    | Flip
    | Grayscale
    | Blur
    | Sharpen
    | Adjust
    | TextWatermark
    | ImageWatermark
    | Border
    | Background,
    Field(discriminator="op"),
]

BUILT_IN_NAMES: frozenset[str] = frozenset(
    model.model_fields["op"].default for model in get_args(get_args(BuiltInStep)[0])
)
