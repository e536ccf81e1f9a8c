"""Every step on every mode that Pillow has, into every format."""

import io

import pytest
from PIL import Image

from services.worker.imaging.developing import develop_image
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.pixels.colour import expand, to_srgb
from services.worker.imaging.pixels.encoding import encode
from services.worker.imaging.steps import Context, operation_of
from shared.recipes import AvifOutput, Box, GifOutput, JpegOutput, OutputSpec, PngOutput, Recipe, WebpOutput
from shared.recipes.step import Step
from shared.recipes.steps import (
    BUILT_IN_NAMES,
    Adjust,
    AutoOrient,
    Background,
    Blur,
    Border,
    Crop,
    Flip,
    Grayscale,
    Resize,
    Rotate,
    Sharpen,
)
from shared.recipes.watermarks import ImageWatermark, TextWatermark

MODES = (
    "1", "L", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "I", "F", "LA", "PA", "RGBX", "RGBa", "La", "I;16",
    "I;16L", "I;16B",
)  # fmt: skip
NORMAL = {"L", "LA", "RGB", "RGBA"}
DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
STEPS: tuple[Step, ...] = (
    AutoOrient(),
    Crop(aspect="1:1", gravity="smart"),
    Crop(box=Box(width=5, height=90), left=3, top=4),
    Resize(width=9, height=9),
    Resize(width=8, height=9, mode="contain", background="#10203040"),
    Resize(width=90, height=50, mode="exact", enlarge=True),
    Rotate(angle=90),
    Rotate(angle=33.3, background="#10203040"),
    Flip(),
    Grayscale(),
    Blur(radius=2),
    Sharpen(),
    Adjust(brightness=1.2, contrast=0.8, saturation=0.5),
    TextWatermark(text="어둠 Darkroom", tile=True),
    ImageWatermark(png=DOT),
    Border(width=3, colour="#ff000080"),
    Background(colour="#336699"),
)
OUTPUTS: tuple[OutputSpec, ...] = (
    JpegOutput(name="jpeg"),
    WebpOutput(name="webp"),
    AvifOutput(name="avif"),
    PngOutput(name="png"),
    GifOutput(name="gif"),
)


def test_every_step_is_tried() -> None:
    """A new one belongs into the list."""
    assert {getattr(step, "op", None) for step in STEPS} == BUILT_IN_NAMES


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_is_brought_to_a_normal_one_first(mode: str) -> None:
    """Of its own size, whatever it was."""
    image, _note = to_srgb(expand(Image.new(mode, (31, 17))))
    assert image.mode in NORMAL
    assert image.size == (31, 17)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.op)
def test_every_step_takes_every_mode_and_gives_a_normal_one(step: Step, mode: str) -> None:
    """Of the size that planning counts on."""
    image, _note = to_srgb(expand(Image.new(mode, (31, 17))))
    operation = operation_of(step)
    changed = operation.apply(image, step, Context())
    assert changed.mode in NORMAL
    assert changed.size == operation.size_after(image.size, step)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_all_steps_after_one_another_print_in_every_format(mode: str) -> None:
    """From a file to five."""
    file = io.BytesIO()
    Image.new(mode, (31, 17)).save(file, "JPEG" if mode == "CMYK" else "PNG")
    steps = (*STEPS[:1], *STEPS[3:])
    recipe = Recipe.model_validate({"name": "all", "steps": steps, "outputs": OUTPUTS})
    made = develop_image(ImageBytes(file.getvalue()), recipe, ImageLimits()).outputs
    assert [Image.open(io.BytesIO(one.data)).format for one in made] == ["JPEG", "WEBP", "AVIF", "PNG", "GIF"]


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: output.name)
def test_an_image_of_one_pixel_has_prints_too(output: OutputSpec) -> None:
    """The smallest there is."""
    made = encode(Image.new("RGBA", (1, 1), (1, 2, 3, 4)), output)
    assert Image.open(io.BytesIO(made.data)).size == (1, 1)
