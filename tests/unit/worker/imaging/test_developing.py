import io
import pickle
from collections.abc import Callable

import pytest
from PIL import ExifTags, Image, ImageChops, ImageOps, ImageStat

from services.worker.imaging import developing
from services.worker.imaging.developing import develop_image
from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from shared.failure_codes import FailureCode
from shared.recipes import BUILT_IN_RECIPES, Box, CustomStep, JpegOutput, PngOutput, Recipe, WebpOutput
from shared.recipes.steps import AutoOrient, Resize

Encoded = Callable[..., bytes]

LIMITS = ImageLimits()
SMALL = Recipe(
    name="small",
    steps=(AutoOrient(),),
    outputs=(
        PngOutput(name="tiny", fit=Box(width=40, height=40)),
        PngOutput(name="large", fit=Box(width=200, height=200)),
        WebpOutput(name="middle", fit=Box(width=150, height=150)),
    ),
)


def opened(data: bytes) -> Image.Image:
    """Decode a print."""
    return Image.open(io.BytesIO(data)).convert("RGB")


def rmse(one: Image.Image, other: Image.Image) -> float:
    """Give the root mean square error of the worst channel."""
    return max(ImageStat.Stat(ImageChops.difference(one, other)).rms)


def test_all_outputs_come_in_the_recipes_order(encoded: Encoded, photograph: Image.Image) -> None:
    """However they are made from one another."""
    developed = develop_image(ImageBytes(encoded(photograph, "JPEG")), SMALL, LIMITS)
    assert [(made.output, made.width, made.height) for made in developed.outputs] == [
        ("tiny", 40, 30),
        ("large", 200, 150),
        ("middle", 150, 112),
    ]
    assert (developed.width, developed.height, developed.format, developed.notes) == (640, 480, "jpeg", ())


def test_every_stage_is_timed(encoded: Encoded, photograph: Image.Image) -> None:
    """An image's record tells where its time went."""
    timings = develop_image(ImageBytes(encoded(photograph, "JPEG")), SMALL, LIMITS).timings_ms
    prints = ["print:large", "print:middle", "print:tiny"]
    assert sorted(timings) == sorted(["decode", "readouts", "shrink", "colour", "0:auto_orient", *prints])


@pytest.mark.parametrize("encoder", ["JPEG", "PNG", "WEBP"])
def test_prints_look_like_the_slow_way(encoded: Encoded, photograph: Image.Image, encoder: str) -> None:
    """Scaled decoding and prints made from prints stay near to full decoding and LANCZOS for each."""
    data = encoded(photograph, encoder, quality=95)
    for made in develop_image(ImageBytes(data), SMALL, LIMITS).outputs[:2]:
        slow = opened(data).resize((made.width, made.height), Image.Resampling.LANCZOS)
        assert rmse(opened(made.data), slow) < 2


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("encoder", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_prints_are_upright(encoded: Encoded, photograph: Image.Image, encoder: str, orientation: int) -> None:
    """Pillow's default leaves the pixels lying and drops the tag."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    data = encoded(photograph, encoder, quality=95, exif=exif)
    made = develop_image(ImageBytes(data), SMALL, LIMITS).outputs[1]
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    expected = upright.resize((made.width, made.height), Image.Resampling.LANCZOS)
    assert (made.width, made.height) == ((150, 200) if orientation > 4 else (200, 150))
    assert rmse(opened(made.data), expected) < 2
    assert Image.open(io.BytesIO(made.data)).getexif().get(ExifTags.Base.Orientation) is None


def test_a_box_that_is_no_square_holds_for_the_upright_image(encoded: Encoded, photograph: Image.Image) -> None:
    """It is turned for an original on its side, or the print comes out too small."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    output = PngOutput(name="p", fit=Box(width=120, height=240))
    recipe = Recipe(name="r", steps=(AutoOrient(),), outputs=(output,))
    (made,) = develop_image(ImageBytes(encoded(photograph, "PNG", exif=exif)), recipe, LIMITS).outputs
    assert (made.width, made.height) == (120, 160)


def test_odd_sides_do_not_shift_a_scaled_decode(encoded: Encoded, photograph: Image.Image) -> None:
    """An eighth of 41 pixels is decoded as six, of which the last is mostly padding."""
    odd = photograph.resize((41, 41))
    recipe = Recipe(name="r", outputs=(PngOutput(name="p", fit=Box(width=4, height=4)),))
    (made,) = develop_image(ImageBytes(encoded(odd, "JPEG", quality=100, subsampling=0)), recipe, LIMITS).outputs
    assert rmse(opened(made.data), odd.resize((4, 4), Image.Resampling.LANCZOS)) < 6  # 31 without the region


def test_without_auto_orient_an_image_stays_as_it_is_stored(encoded: Encoded, photograph: Image.Image) -> None:
    """A step that is not in the recipe does not happen."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    made = develop_image(
        ImageBytes(encoded(photograph, "JPEG", exif=exif)), Recipe(name="r", outputs=SMALL.outputs), LIMITS
    )
    assert (made.outputs[1].width, made.outputs[1].height) == (200, 150)


def test_a_resize_step_holds_for_all_outputs(encoded: Encoded, photograph: Image.Image) -> None:
    """An output without a box is what the steps made."""
    recipe = Recipe(name="r", steps=(Resize(width=100, height=100),), outputs=(JpegOutput(name="p"),))
    (made,) = develop_image(ImageBytes(encoded(photograph, "PNG")), recipe, LIMITS).outputs
    assert (made.width, made.height) == (100, 75)


def test_small_images_are_not_enlarged(encoded: Encoded) -> None:
    """Their thumbnail is themselves."""
    developed = develop_image(ImageBytes(encoded(Image.new("RGB", (30, 20)), "PNG")), SMALL, LIMITS)
    assert {(made.width, made.height) for made in developed.outputs} == {(30, 20)}


def test_wide_gamut_photographs_become_srgb(encoded: Encoded, display_p3: bytes) -> None:
    """Pillow's default keeps the numbers and drops the profile: colours go pale."""
    data = encoded(Image.new("RGB", (300, 200), (200, 60, 60)), "JPEG", icc_profile=display_p3, quality=95)
    made = develop_image(ImageBytes(data), SMALL, LIMITS).outputs[0]
    red, green = opened(made.data).tobytes()[:2]
    assert red > 210
    assert green < 50


def test_transparent_edges_do_not_take_on_hidden_colours(encoded: Encoded) -> None:
    """Resampling colour and alpha apart would let the hidden red bleed into the visible green."""
    image = Image.new("RGBA", (400, 400), (255, 0, 0, 0))
    image.paste((0, 255, 0, 255), (0, 0, 201, 400))
    made = develop_image(ImageBytes(encoded(image, "PNG")), SMALL, LIMITS).outputs[0]
    red, _green, _blue, alpha = Image.open(io.BytesIO(made.data)).split()
    assert ImageChops.darker(red, alpha.point(lambda value: 255 * (value > 0))).getextrema() == (0, 0)


def test_a_transparent_png_has_a_white_ground_as_jpeg(encoded: Encoded) -> None:
    """Whatever colour lay below its transparency."""
    developed = develop_image(
        ImageBytes(encoded(Image.new("RGBA", (50, 50), (255, 0, 0, 0)), "PNG")), BUILT_IN_RECIPES["web"], LIMITS
    )
    assert opened(developed.outputs[0].data).getpixel((25, 25)) == (255, 255, 255)


def test_16_bit_grey_comes_out_grey(encoded: Encoded) -> None:
    """Pillow's default would print pure white."""
    developed = develop_image(
        ImageBytes(encoded(Image.new("I;16", (50, 50), 0x8000), "PNG")), BUILT_IN_RECIPES["web"], LIMITS
    )
    assert opened(developed.outputs[0].data).getpixel((25, 25)) == (128, 128, 128)


@pytest.mark.parametrize("name", ["web", "web-webp"])
def test_nothing_private_is_left_in_a_print(encoded: Encoded, photograph: Image.Image, name: str) -> None:
    """A JPEG's comment survives Pillow's own re-encoding."""
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = "SECRET"
    data = encoded(photograph, "JPEG", exif=exif, comment=b"SECRET", xmp=b"<x>SECRET</x>") + b"SECRET"
    assert data.count(b"SECRET") == 4
    assert all(
        b"SECRET" not in made.data for made in develop_image(ImageBytes(data), BUILT_IN_RECIPES[name], LIMITS).outputs
    )


@pytest.mark.parametrize("name", ["web", "web-webp"])
def test_developing_twice_gives_the_same_bytes(encoded: Encoded, photograph: Image.Image, name: str) -> None:
    """Deterministic keys rely on it."""
    data = encoded(photograph, "JPEG")
    first, second = (develop_image(ImageBytes(data), BUILT_IN_RECIPES[name], LIMITS) for _ in range(2))
    assert first.outputs == second.outputs


def test_running_out_of_memory_is_named(
    encoded: Encoded, photograph: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Inside a child with a memory limit this is an exception, not the end."""
    monkeypatch.setattr(developing, "resample", lambda *_: bytearray(2**62))
    with pytest.raises(ImageRejected) as caught:
        develop_image(ImageBytes(encoded(photograph, "JPEG")), SMALL, LIMITS)
    assert caught.value.code == "out_of_memory"
    assert caught.value.message == FailureCode.OUT_OF_MEMORY.text.english


def test_a_fault_of_ours_is_named_and_explained(
    encoded: Encoded, photograph: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The note carries the traceback through the pipe to the parent's log."""
    monkeypatch.setattr(developing, "resample", lambda *_: 1 // 0)
    with pytest.raises(ImageRejected) as caught:
        develop_image(ImageBytes(encoded(photograph, "JPEG")), SMALL, LIMITS)
    arrived = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own pickle
    assert (arrived.code, arrived.message) == ("crashed", caught.value.message)
    assert "ZeroDivisionError" in arrived.__notes__[0]


def test_what_a_step_made_too_large_is_not_printed(
    encoded: Encoded, photograph: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows before what size a custom step makes."""
    recipe = Recipe(name="own", steps=(CustomStep(op="grown"),), outputs=(JpegOutput(name="p"),))
    monkeypatch.setattr(developing, "_apply_steps", lambda in_hand, *_: in_hand.pop().resize((800, 600)))
    assert develop_image(ImageBytes(encoded(photograph, "PNG")), recipe, LIMITS).outputs[0].width == 800
    with pytest.raises(ImageRejected) as caught:
        develop_image(ImageBytes(encoded(photograph, "PNG")), recipe, ImageLimits(max_print_pixels=800 * 600 - 1))
    assert caught.value.code == "too_many_pixels"
