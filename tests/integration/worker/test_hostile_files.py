"""Bombs end by name in a real child, at once and in little memory, and the next image is developed as ever."""

import base64
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import structlog
from PIL import ExifTags, Image, ImageCms

from services.worker.children.limits import ChildLimits
from services.worker.children.pool import ImageChildren
from services.worker.imaging.failures import ImageRejected
from shared.recipes import BUILT_IN_RECIPES, AvifOutput, Box, GifOutput, JpegOutput, PngOutput, Recipe, WebpOutput
from shared.recipes.step import Step
from shared.recipes.steps import (
    Adjust,
    AutoOrient,
    Blur,
    Border,
    Crop,
    Resize,
    Rotate,
    Sharpen,
)
from shared.recipes.watermarks import ImageWatermark, TextWatermark
from tests import hostile
from tests.combinations import each_once
from tests.programs import needs_jpegtran

HERE = Path(__file__).parent
WEB = BUILT_IN_RECIPES["web"]
HALF = Recipe(name="half", outputs=(JpegOutput(name="p", fit=Box(width=6120, height=6120)),))
ONE = ChildLimits(worker_children=1)
MAX_MEGABYTES = 200
"""What a child may come to over a bomb; an ordinary photograph takes some 70."""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the limits of children are Linux's")


@pytest.fixture(autouse=True)
def _work_is_importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(HERE))


@pytest.fixture(scope="module")
def photograph() -> bytes:
    """An honest neighbour."""
    return hostile.large_jpeg(1200, 800)


async def end_of(children: ImageChildren, data: bytes, recipe: Recipe = WEB) -> str:
    """Give the code with which an image ends, `good` if there are prints."""
    try:
        await children.develop(data, recipe)
    except ImageRejected as rejected:
        return rejected.code
    return "good"


@pytest.mark.parametrize(
    ("bomb", "code"),
    [
        (hostile.scan_bomb, "too_many_scans"),
        (hostile.segment_bomb, "too_many_chunks"),
        (hostile.junk_bomb, "too_many_chunks"),
        (lambda: hostile.large_jpeg(65_000, 32_000), "too_many_pixels"),
        (hostile.pixel_bomb, "too_many_pixels"),
        (hostile.webp_canvas_bomb, "too_many_pixels"),
        (lambda: hostile.png(40_000, 1), "too_many_pixels"),
        (hostile.chunk_bomb, "too_many_chunks"),
        (hostile.empty_data_bomb, "too_many_chunks"),
        (hostile.text_bomb, "too_much_metadata"),
        (hostile.profile_bomb, "too_much_metadata"),
        (hostile.tiff_directory_bomb, "unsupported_format"),
        (hostile.zip_bomb, "unsupported_format"),
        (lambda: hostile.gif(65_535, 65_535, hostile.gif_frame(1, 1)), "too_many_pixels"),
        (lambda: hostile.gif(1, 1, hostile.gif_frame(65_535, 65_535)), "too_many_pixels"),
        (lambda: hostile.gif(1, 1, hostile.gif_frame(1, 1, 65_000, 65_000)), "too_many_pixels"),
        (lambda: hostile.gif(9, 9, hostile.gif_frame(9, 9, packed=(b"\xff" + b"\xff" * 255) * 40_000)), "unreadable"),
        (lambda: hostile.avif_of_size(65_535, 65_535), "unreadable"),
        (lambda: hostile.avif_of_size(8, 8)[:-10], "unreadable"),
        (hostile.gif_comment_bomb, "too_many_chunks"),
        # Costly only for those who look at what nobody asked for.
        (lambda: hostile.gif(1, 1, *[hostile.gif_frame(1, 1)] * 300_000), "good"),
        (hostile.overfull_png, "good"),
        (hostile.frame_claim_bomb, "good"),
        (lambda: hostile.animation("PNG", 300, 500), "good"),
        (lambda: hostile.animation("WEBP", 300, 500), "good"),
        (lambda: hostile.exif_bomb("JPEG"), "good"),
        (lambda: hostile.exif_bomb("PNG"), "good"),
        (lambda: hostile.exif_bomb("WEBP"), "good"),
    ],
)
async def test_a_bomb_ends_by_name_and_harms_nobody(bomb: Callable[[], bytes], code: str, photograph: bytes) -> None:
    """No child is lost to it, and the same child develops the next image, never having held much."""
    data = bomb()
    with structlog.testing.capture_logs() as logs:
        async with ImageChildren(ONE, "peak_memory:develop_and_tell") as children:
            assert await end_of(children, data) == code
            after = await children.develop(photograph, WEB)
    assert logs == []
    assert [(made.width, made.height) for made in after.outputs] == [(1200, 800), (320, 213)]
    assert after.width < MAX_MEGABYTES + 2 * len(data) // 1_000_000


@pytest.mark.parametrize(
    ("recipe", "size"),
    [
        (Recipe(name="r", steps=(Resize(mode="contain", width=16_000, height=16_000),), outputs=WEB.outputs), (16, 16)),
        (Recipe(name="r", steps=(Resize(width=8000, height=8000, enlarge=True),), outputs=WEB.outputs), (4000, 4000)),
        (Recipe(name="r", outputs=(JpegOutput(name="whole"),)), (6000, 5000)),
        (Recipe(name="r", outputs=(AvifOutput(name="a", fit=Box(width=5000, height=5000)),)), (6000, 4000)),
        (Recipe(name="r", outputs=(JpegOutput(name="long"),)), (20_000, 16)),
    ],
    ids=["padding", "enlarging", "print", "avif", "side"],
)
async def test_what_a_recipe_would_make_is_limited_too(recipe: Recipe, size: tuple[int, int]) -> None:
    """A small file and a small recipe can ask for gigabytes between them."""
    async with ImageChildren(ONE) as children:
        assert await end_of(children, hostile.large_jpeg(*size), recipe) == "too_many_pixels"


@pytest.mark.parametrize(
    "watermark",
    [
        TextWatermark(text="W" * 54, size=1),
        TextWatermark(text="W" * 200, size=1, tile=True),
        TextWatermark(text="W\n" * 100, size=1),
        ImageWatermark(png=base64.b64encode(hostile.png(1, 4000)).decode()),
        ImageWatermark(png=base64.b64encode(hostile.png(1, 100_000)).decode(), width=1),
    ],
    ids=["text", "tiled text", "lines", "image", "long image"],
)
async def test_a_watermark_takes_no_more_than_the_image_does(watermark: TextWatermark | ImageWatermark) -> None:
    """Before it is made to fit it would be dozens of times larger."""
    recipe = Recipe(name="marked", steps=(watermark,), outputs=(JpegOutput(name="p"),))
    async with ImageChildren(ONE, "peak_memory:develop_and_tell") as children:
        developed = await children.develop(hostile.large_jpeg(4200, 2800), recipe)
    assert developed.width < 60 + 6 * 4 * 4200 * 2800 // 1_000_000


async def test_an_image_that_computes_too_long_ends_as_timeout(photograph: bytes) -> None:
    """By its own processor time, so that it is not tried again."""
    slow = Recipe(name="slow", outputs=(AvifOutput(name="a", speed=4),))
    limits = ChildLimits(worker_children=1, child_cpu_seconds=1)
    async with ImageChildren(limits) as children:
        assert await end_of(children, hostile.large_jpeg(4000, 3000), slow) == "timeout"
        assert await end_of(children, photograph) == "good"


@pytest.mark.parametrize(
    ("size", "recipe"), each_once([(16_320, 12_240), (12_000, 9000), (8660, 5770)], ["archive", "social", "web"])
)
async def test_a_large_photograph_takes_less_than_400_megabytes(size: tuple[int, int], recipe: str) -> None:
    """Of 200, 108 and 50 megapixels, as phones make them, by every recipe that does not leave them whole."""
    async with ImageChildren(ONE, "peak_memory:develop_and_tell") as children:
        developed = await children.develop(hostile.large_jpeg(*size), BUILT_IN_RECIPES[recipe])
    assert len(developed.outputs) == len(BUILT_IN_RECIPES[recipe].outputs)
    assert developed.width < 400


@pytest.mark.parametrize(("subsampling", "recipe"), each_once(["4:4:4", "4:2:0"], ["archive", "web"]))
async def test_a_progressive_photograph_of_50_megapixels_takes_less_than_400_megabytes(
    subsampling: str, recipe: str
) -> None:
    """Although libjpeg holds all its coefficients, 300 MB of them without chroma subsampling."""
    async with ImageChildren(ONE, "peak_memory:develop_and_tell") as children:
        assert (await children.develop(progressive(subsampling), BUILT_IN_RECIPES[recipe])).width < 400


@pytest.mark.parametrize("is_progressive", [False, True], ids=["in one pass", "progressive"])
async def test_a_part_of_a_large_photograph_takes_less_than_400_megabytes(*, is_progressive: bool) -> None:
    """There is no copy of it: what was decoded is looked at within the part's edges only."""
    crop = Crop(box=Box(width=8640, height=5760))
    part = Recipe(name="part", steps=(crop,), outputs=(JpegOutput(name="p", fit=Box(width=6000, height=6000)),))
    async with ImageChildren(ONE, "peak_memory:develop_and_tell") as children:
        data = progressive("4:2:0") if is_progressive else hostile.large_jpeg(8660, 5770)
        assert (await children.develop(data, part)).width < 400


PIXEL_STEPS: tuple[Step, ...] = (
    Rotate(angle=2),
    Sharpen(),
    Blur(radius=5),
    Adjust(brightness=1.1, contrast=1.1, saturation=1.1),
    Border(width=20),
    TextWatermark(text="DARKROOM", tile=True),
)


@pytest.mark.parametrize("step", PIXEL_STEPS, ids=lambda step: step.op)
async def test_steps_on_the_largest_print_take_less_than_400_megabytes(step: Step, portrait: bytes) -> None:
    """Whatever was decoded and turned has gone by then, and each step lets go what it no longer needs."""
    resize = Resize(width=5700, height=5700)
    recipe = Recipe(name="r", steps=(AutoOrient(), resize, step), outputs=(JpegOutput(name="p"),))
    async with ImageChildren(ONE, "peak_memory:develop_and_tell") as children:
        assert (await children.develop(portrait, recipe)).width < 400


@pytest.fixture(scope="module")
def portrait() -> bytes:
    """A photograph of 50 megapixels that lies on its side and has a colour profile, as those of phones do."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    side = Image.linear_gradient("L").resize((8660, 5770))
    return hostile.saved(Image.merge("RGB", (side, side, side)), "JPEG", exif=exif, icc_profile=profile)


@pytest.mark.parametrize("output", [JpegOutput, WebpOutput, PngOutput])
async def test_the_largest_print_of_a_portrait_takes_less_than_400_megabytes(
    output: type[JpegOutput | WebpOutput | PngOutput], portrait: bytes
) -> None:
    """Turned, through its profile, and encoded."""
    fit = Box(width=6120, height=6120)
    recipe = Recipe(name="r", steps=(AutoOrient(),), outputs=(output(name="p", fit=fit),))
    async with ImageChildren(ONE, "peak_memory:develop_and_tell") as children:
        assert (await children.develop(portrait, recipe)).width < 400


async def test_coefficients_take_the_place_of_what_is_kept_of_an_earlier_photograph() -> None:
    """What a child keeps for its next image would come on top of the 300 MB."""
    async with ImageChildren(ONE, "peak_memory:develop_and_tell") as children:
        await children.develop(hostile.large_jpeg(8660, 5770), BUILT_IN_RECIPES["archive"])
        assert (await children.develop(progressive("4:4:4"), BUILT_IN_RECIPES["web"])).width < 400


@cache
def progressive(subsampling: str) -> bytes:
    """Make a progressive JPEG of 50 megapixels."""
    side = Image.linear_gradient("L").resize((8660, 5770))
    return hostile.saved(Image.merge("RGB", (side, side, side)), "JPEG", progressive=True, subsampling=subsampling)


@needs_jpegtran
@pytest.mark.parametrize("subsampling", ["4:2:0", "4:4:4"])
async def test_half_of_50_progressive_megapixels_takes_less_than_400_megabytes(subsampling: str) -> None:
    """The coefficients are another process's, before there is a pixel; in a child that has worked before."""
    async with ImageChildren(ONE, "peak_memory:develop_and_tell") as children:
        await children.develop(hostile.large_jpeg(8660, 5770), BUILT_IN_RECIPES["archive"])
        assert (await children.develop(progressive(subsampling), HALF)).width < 400


async def test_half_of_50_megapixels_takes_less_than_400_megabytes() -> None:
    """The largest print that there is: what was decoded, what is made, and little beside."""
    async with ImageChildren(ONE, "peak_memory:develop_and_tell") as children:
        assert (await children.develop(hostile.large_jpeg(8660, 5770), HALF)).width < 400


@pytest.mark.parametrize(
    ("bomb", "code"),
    [
        (lambda: hostile.gif(1, 1, *[hostile.gif_frame(1, 1)] * 300_000), "too_many_frames"),
        (
            lambda: hostile.gif(1, 1, hostile.gif_frame(1, 1), hostile.gif_frame(1, 1, 65_000, 65_000)),
            "too_many_pixels",
        ),
        (lambda: hostile.gif(1, 1, hostile.gif_frame(1, 1), hostile.gif_frame(65_535, 65_535)), "too_many_pixels"),
    ],
    ids=["frames", "offset", "frame"],
)
async def test_an_animation_that_is_kept_moving_ends_by_name_too(
    bomb: Callable[[], bytes], code: str, photograph: bytes
) -> None:
    """All frames are looked at then."""
    moving = Recipe(name="moving", outputs=(GifOutput(name="g", animation="keep"),))
    async with ImageChildren(ONE) as children:
        assert await end_of(children, bomb(), moving) == code
        assert await end_of(children, photograph) == "good"
