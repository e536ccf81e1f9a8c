import io
from collections.abc import Callable

import pytest
from PIL import ExifTags, Image, ImageChops

from services.worker.imaging import developing
from services.worker.imaging.developing import develop_image
from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.plan import Plan, plan
from services.worker.imaging.sizes import Size, resample
from shared.recipes import Box, JpegOutput, Recipe

Encoded = Callable[..., bytes]
SMALL: dict[str, object] = {"name": "small", "format": "png", "fit": {"width": 160, "height": 160}}
FULL: dict[str, object] = {"name": "full", "format": "png"}
BACK = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""From upright to how a camera stores it with that orientation."""


def recipe(*steps: dict[str, object], outputs: tuple[dict[str, object], ...] = (SMALL,)) -> Recipe:
    """A recipe from plain parts."""
    return Recipe.model_validate({"name": "planned", "steps": steps, "outputs": outputs})


@pytest.mark.parametrize(
    ("steps", "outputs", "working_size"),
    [
        ((), (SMALL,), (160, 120)),
        ((), (SMALL, FULL), (640, 480)),
        (({"op": "resize", "width": 320, "height": 320},), (FULL,), (320, 240)),
        (({"op": "resize", "mode": "cover", "width": 100, "height": 100},), (FULL,), (133, 100)),
        (({"op": "crop", "box": {"width": 64, "height": 64}},), (SMALL,), (64, 64)),
        (({"op": "crop", "aspect": "1:1"},), (SMALL,), (160, 160)),
        (({"op": "crop", "aspect": "1:1", "gravity": "smart"},), (SMALL,), (213, 160)),
        (({"op": "flip"}, {"op": "crop", "box": {"width": 64, "height": 64}}), (SMALL,), (640, 480)),
        (({"op": "rotate", "angle": 90},), (SMALL,), (160, 120)),
        (({"op": "resize", "width": 2000, "height": 2000, "enlarge": True},), (FULL,), (640, 480)),
        (({"op": "resize", "width": 320, "height": 320}, {"op": "crop", "aspect": "1:1"}), (SMALL,), (320, 240)),
    ],
)
def test_no_more_pixels_are_worked_on_than_the_prints_need(
    steps: tuple[dict[str, object], ...], outputs: tuple[dict[str, object], ...], working_size: tuple[int, int]
) -> None:
    """Decoding, colours and steps cost by the pixel."""
    assert plan((640, 480), recipe(*steps, outputs=outputs)).working_size == working_size


@pytest.mark.parametrize("encoder", ["PNG", "JPEG"])
def test_a_plan_is_made_once_for_an_image(
    encoder: str, encoded: Encoded, monkeypatch: pytest.MonkeyPatch, photograph: Image.Image
) -> None:
    """Decoding, steps and prints go by the same."""
    planned = []

    def noted_plan(upright: Size, recipe: Recipe) -> Plan:
        planned.append(upright)
        return plan(upright, recipe)

    monkeypatch.setattr(developing, "plan", noted_plan)
    steps = recipe({"op": "auto_orient"}, {"op": "crop", "aspect": "1:1"}, {"op": "flip"})
    develop_image(ImageBytes(encoded(photograph, encoder)), steps, ImageLimits())
    assert planned == [photograph.size]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("encoder", ["PNG", "JPEG"])
def test_nothing_from_beyond_a_crop_gets_into_the_print(encoder: str, orientation: int, encoded: Encoded) -> None:
    """Whoever cuts off a black bar wants none of it, nor the light line that LANCZOS leaves beside one."""
    upright = Image.new("L", (1600, 1200))
    upright.paste(200, (336, 96, 1236, 696))
    crops: tuple[dict[str, object], ...] = (
        {"op": "crop", "box": {"width": 1264, "height": 1200}, "gravity": "east"},
        {"op": "crop", "box": {"width": 900, "height": 600}, "left": 0, "top": 96},
    )
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    stored = upright if orientation == 1 else upright.transpose(BACK[orientation])
    data = encoded(stored, encoder, exif=exif)
    made = develop_image(ImageBytes(data), recipe({"op": "auto_orient"}, *crops), ImageLimits())
    assert (made.width, made.height) == stored.size
    levels = set(Image.open(io.BytesIO(made.outputs[0].data)).convert("L").tobytes())
    assert levels == {200} if encoder == "PNG" else levels <= set(range(192, 209))


def test_what_lies_just_inside_a_crop_is_not_lost_to_faster_decoding(encoded: Encoded) -> None:
    """A thin frame shows on all four sides alike, though pixels of half and quarter decodings lie across its edges."""
    image = Image.new("L", (1600, 1200), 230)
    image.paste(0, (401, 305, 701, 605))
    image.paste(230, (408, 312, 694, 598))
    crop: dict[str, object] = {"op": "crop", "box": {"width": 300, "height": 300}, "left": 401, "top": 305}
    output: dict[str, object] = {"name": "small", "format": "png", "fit": {"width": 30, "height": 30}}
    made = develop_image(
        ImageBytes(encoded(image, "JPEG", quality=97)), recipe(crop, outputs=(output,)), ImageLimits()
    ).outputs[0]
    small = Image.open(io.BytesIO(made.data)).convert("L")
    sides = [small.tobytes()[30 * row + column] for column, row in ((0, 15), (29, 15), (15, 0), (15, 29))]
    assert max(sides) < 110, sides


def test_an_exact_crop_is_decoded_finer_only_where_there_is_room(encoded: Encoded, photograph: Image.Image) -> None:
    """A phone's 108 megapixels are not refused for the sake of a pixel's edge."""
    crop: dict[str, object] = {"op": "crop", "box": {"width": 320, "height": 240}, "left": 9, "top": 9}
    data = encoded(photograph, "JPEG")
    with_room, without = (
        develop_image(ImageBytes(data), recipe(crop), ImageLimits(max_decoded_pixels=pixels))
        for pixels in (640 * 480, 320 * 240)
    )
    assert [(made.width, made.height) for made in (with_room.outputs[0], without.outputs[0])] == [(160, 120)] * 2
    with pytest.raises(ImageRejected, match="too_many_pixels"):
        develop_image(ImageBytes(data), recipe(crop), ImageLimits(max_decoded_pixels=320 * 240 - 1))


def test_a_crop_that_names_its_place_is_no_matter_of_taste() -> None:
    """`smart` would choose, but there is nothing left to choose."""
    box = {"width": 64, "height": 64}
    planned = plan((640, 480), recipe({"op": "crop", "box": box, "left": 3, "top": 5, "gravity": "smart"}))
    assert (planned.part, planned.is_exact, planned.steps) == ((3, 5, 67, 69), True, ())


@pytest.mark.parametrize("size", [(4000, 2900), (2900, 4000)])
def test_a_part_is_resampled_alike_with_and_without_a_copy(size: tuple[int, int]) -> None:
    """Large images are looked at where they are; every pixel is that of a part that was cut out before."""
    noise = Image.effect_noise((size[0] // 8, size[1] // 8), 80).resize(size, Image.Resampling.BICUBIC)
    image = Image.merge("RGB", (noise, noise, noise.point(lambda value: 255 - value)))
    within = (11, 7, size[0] - 5, size[1] - 3)
    for made in ((size[0] - 300, size[1] - 200), (900, 700), (301, 299)):
        copied = image.crop(within).resize(made, Image.Resampling.LANCZOS, reducing_gap=2.0)
        resampled = resample(image, made, (11.0, 7.0, size[0] - 5.0, size[1] - 3.0), within)
        assert max(ImageChops.difference(copied, resampled).tobytes()) <= 1


def test_a_crop_to_a_pixel_is_that_pixel(encoded: Encoded) -> None:
    """The least that can be left, at the very end of the image."""
    image = Image.new("RGB", (801, 601))
    image.putpixel((800, 600), (10, 200, 30))
    crop: dict[str, object] = {"op": "crop", "box": {"width": 1, "height": 1}, "left": 900, "top": 900}
    made = develop_image(ImageBytes(encoded(image, "PNG")), recipe(crop), ImageLimits()).outputs[0]
    pixel = Image.open(io.BytesIO(made.data)).convert("RGB")
    assert (pixel.size, pixel.getpixel((0, 0))) == ((1, 1), (10, 200, 30))


def test_the_working_size_is_that_of_the_largest_output() -> None:
    """Its print is then the working image itself."""
    outputs = tuple(JpegOutput(name=f"print-{side}", fit=Box(width=side, height=side)) for side in (10, 300, 77))
    assert plan((1003, 777), Recipe(name="r", outputs=outputs)).working_size == (300, 232)


@pytest.mark.parametrize(
    "steps",
    [
        ({"op": "crop", "box": {"width": 400, "height": 300}, "left": 200, "top": 100},),
        ({"op": "crop", "aspect": "1:1", "gravity": "east"}, {"op": "flip"}),
        ({"op": "blur", "radius": 12.0},),
        ({"op": "border", "width": 40, "colour": "#204060"},),
        ({"op": "rotate", "angle": 30},),
        ({"op": "adjust", "brightness": 1.1, "contrast": 0.8, "saturation": 0.3},),
        ({"op": "watermark_text", "text": "Darkroom", "size": 0.2},),
    ],
    ids=lambda steps: "+".join(step["op"] for step in steps),
)
def test_working_on_fewer_pixels_looks_the_same(photograph: Image.Image, steps: tuple[dict[str, object], ...]) -> None:
    """Against the slow way: all steps in full size, and shrunk last."""
    file = io.BytesIO()
    photograph.save(file, "PNG")
    fast = develop_image(ImageBytes(file.getvalue()), recipe(*steps), ImageLimits()).outputs[0]
    full = develop_image(ImageBytes(file.getvalue()), recipe(*steps, outputs=(FULL,)), ImageLimits()).outputs[0]
    slow = Image.open(io.BytesIO(full.data)).resize((fast.width, fast.height), Image.Resampling.LANCZOS)
    difference = ImageChops.difference(Image.open(io.BytesIO(fast.data)).convert("RGB"), slow.convert("RGB"))
    histogram = difference.convert("L").histogram()
    mean = sum(value * count for value, count in enumerate(histogram)) / sum(histogram)
    assert mean < 4, mean
