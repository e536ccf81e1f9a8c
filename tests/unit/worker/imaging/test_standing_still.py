"""Animations that stand still for long, over many equal frames or one: each picture is shown for as long as before."""

import io
from collections.abc import Callable, Iterator
from itertools import groupby

import pytest
from PIL import Image

from services.worker.imaging.animation.encoding import encode_animation
from services.worker.imaging.animation.frames import Timing
from services.worker.imaging.developing import develop_image
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from shared.recipes import GifOutput, Recipe, WebpOutput

Encoded = Callable[..., bytes]

OUTPUTS = (
    WebpOutput(name="webp", lossless=True, effort=0, animation="keep"),
    GifOutput(name="gif", animation="keep"),
)
MOVING = Recipe(name="moving", outputs=OUTPUTS)
LONGEST_MS = 655_350


def shown(data: bytes) -> list[tuple[object, int]]:
    """Give the colour in the middle of each picture that is seen, and for how many milliseconds in all."""

    def frames() -> Iterator[tuple[object, int]]:
        with Image.open(io.BytesIO(data)) as image:
            for number in range(getattr(image, "n_frames", 1)):
                image.seek(number)
                image.load()
                yield image.convert("RGBA").getpixel((8, 8)), image.info["duration"]

    seen = groupby(frames(), key=lambda frame: frame[0])
    return [(colour, sum(duration for _, duration in group)) for colour, group in seen]


def slide(colour: str, *, transparent: bool = False) -> Image.Image:
    """Give a picture of one colour, perhaps on nothing."""
    if not transparent:
        return Image.new("RGB", (16, 16), colour)
    image = Image.new("RGBA", (16, 16))
    image.paste(colour, (4, 4, 12, 12))
    return image


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: output.format)
@pytest.mark.parametrize("transparent", [False, True])
@pytest.mark.parametrize(
    "slides",
    [
        [("red", 8000), ("blue", 8000)] * 50,
        [("red", LONGEST_MS), ("blue", LONGEST_MS), ("red", 20)],
        [("red", 600_000)] * 3 + [("blue", 40)] + [("lime", LONGEST_MS)] * 2 + [("blue", 400_010)] * 2,
        [("blue", 40)] + [("red", 30)] * 200 + [("blue", 70)],
        [("red", LONGEST_MS)] * 30 + [("blue", 100)],
    ],
    ids=["slow", "slowest", "equal", "many equal", "for hours"],
)
def test_each_picture_is_shown_for_exactly_as_long(
    slides: list[tuple[str, int]], output: WebpOutput | GifOutput, *, transparent: bool
) -> None:
    """Pillow puts a GIF's equal frames together, and fails to write what is more than a GIF can say of one."""
    frames = [slide(colour, transparent=transparent) for colour, _ in slides]
    made = encode_animation(frames, Timing(tuple(duration for _, duration in slides), 0), output)
    assert [duration for _, duration in shown(made.data)] == [
        sum(duration for _, duration in group) for _, group in groupby(slides, key=lambda slide: slide[0])
    ]


@pytest.mark.parametrize("transparent", [False, True])
def test_a_gif_of_one_picture_has_its_time_too(*, transparent: bool) -> None:
    """All frames are put together; the longest time that one can have is not enough for it."""
    frames = [slide("red", transparent=transparent) for _ in range(3)]
    made = encode_animation(frames, Timing((600_000,) * 3, 0), OUTPUTS[1])
    assert shown(made.data) == [((255, 0, 0, 255), 1_800_000)]


@pytest.mark.parametrize("encoder", ["GIF", "WEBP", "PNG"])
def test_a_slow_animation_is_not_sped_up(encoded: Encoded, encoder: str) -> None:
    """Each of its frames was cut to a share of what a GIF can say of one."""
    first, *others = [slide(colour) for colour in ("red", "blue", "lime") * 20]
    data = encoded(first, encoder, save_all=True, append_images=others, duration=60_000, lossless=True)
    for made in develop_image(ImageBytes(data), MOVING, ImageLimits()).outputs:
        assert [duration for _, duration in shown(made.data)] == [60_000] * 60
