"""Every step on pixels whose result can be told by heart."""

import base64
import io
import unicodedata
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat
from pydantic import TypeAdapter

from services.worker.imaging.developing import develop_image
from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from shared.failure_codes import FailureCode
from shared.recipes import Recipe, RecordedRecipe
from shared.recipes.watermarks import MAX_TEXT_CHARACTERS, TextWatermark
from tests import hostile

RED, GREEN, BLUE, WHITE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)
NOTHING = (0, 0, 0, 0)


def png(image: Image.Image) -> bytes:
    """The image as a file."""
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def after(image: Image.Image, *steps: dict[str, Any], **output: Any) -> Image.Image:
    """The print after some steps."""
    recipe = Recipe.model_validate({"steps": steps, "outputs": [{"name": "p", "format": "png", **output}]})
    return Image.open(io.BytesIO(develop_image(ImageBytes(png(image)), recipe, ImageLimits()).outputs[0].data))


def quarters() -> Image.Image:
    """Forty pixels square: red and green above, blue and white below."""
    image = Image.new("RGB", (40, 40), WHITE)
    for place, colour in (((0, 0, 20, 20), RED), ((20, 0, 40, 20), GREEN), ((0, 20, 20, 40), BLUE)):
        image.paste(colour, place)
    return image


def corners(image: Image.Image) -> list[object]:
    """The colours at the four corners, row by row."""
    right, bottom = image.width - 1, image.height - 1
    return [image.convert("RGB").getpixel(place) for place in ((0, 0), (right, 0), (0, bottom), (right, bottom))]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ({"op": "rotate", "angle": 90}, [BLUE, RED, WHITE, GREEN]),
        ({"op": "rotate", "angle": -90}, [GREEN, WHITE, RED, BLUE]),
        ({"op": "rotate", "angle": 180}, [WHITE, BLUE, GREEN, RED]),
        ({"op": "rotate", "angle": 360}, [RED, GREEN, BLUE, WHITE]),
        ({"op": "flip"}, [GREEN, RED, WHITE, BLUE]),
        ({"op": "flip", "axis": "vertical"}, [BLUE, WHITE, RED, GREEN]),
        ({"op": "crop", "box": {"width": 20, "height": 20}, "left": 10, "top": 10}, [RED, GREEN, BLUE, WHITE]),
        ({"op": "crop", "box": {"width": 20, "height": 40}, "gravity": "west"}, [RED, RED, BLUE, BLUE]),
        ({"op": "crop", "aspect": "2:1", "gravity": "south"}, [BLUE, WHITE, BLUE, WHITE]),
        ({"op": "border", "width": 3, "colour": "#000000"}, [BLACK] * 4),
        ({"op": "resize", "mode": "contain", "width": 80, "height": 40, "background": "#0000ff"}, [BLUE] * 4),
        ({"op": "resize", "mode": "cover", "width": 40, "height": 20, "gravity": "north"}, [RED, GREEN, RED, GREEN]),
        ({"op": "rotate", "angle": 45, "background": "#0000ff"}, [BLUE] * 4),
    ],
    ids=lambda value: "-".join(str(part) for part in value.values()) if isinstance(value, dict) else "",
)
def test_parts_end_up_where_the_step_says(step: dict[str, Any], expected: list[object]) -> None:
    """Clockwise is clockwise, north is up."""
    assert corners(after(quarters(), step)) == expected


@pytest.mark.parametrize(
    ("step", "size"),
    [
        ({"op": "resize", "width": 20, "height": 30}, (20, 20)),
        ({"op": "resize", "width": 80, "height": 80}, (40, 40)),
        ({"op": "resize", "width": 80, "height": 90, "enlarge": True}, (80, 80)),
        ({"op": "resize", "width": 999, "height": 999, "enlarge": True}, (160, 160)),
        ({"op": "resize", "mode": "exact", "width": 10, "height": 30}, (10, 30)),
        ({"op": "resize", "mode": "cover", "width": 10, "height": 30}, (10, 30)),
        ({"op": "resize", "mode": "contain", "width": 100, "height": 30}, (100, 30)),
        ({"op": "border", "width": 7}, (54, 54)),
        ({"op": "crop", "box": {"width": 90, "height": 10}}, (40, 10)),
    ],
)
def test_sizes_are_what_the_step_says(step: dict[str, Any], size: tuple[int, int]) -> None:
    """Nothing is enlarged that is not to be, and nothing by more than four times."""
    assert after(quarters(), step).size == size


@pytest.mark.parametrize(("left", "top"), [(30, 375), (375, 30), (700, 700)])
def test_a_smart_crop_keeps_what_has_detail(left: int, top: int) -> None:
    """Wherever it lies; a second, paler one elsewhere does not pull the part to where there is nothing."""
    image = Image.new("RGB", (900, 900), (128, 128, 128))
    image.paste(Image.effect_noise((150, 150), 90).convert("RGB"), (left, top))
    image.paste(Image.effect_noise((150, 150), 60).convert("RGB"), (top, 375) if top != 375 else (375, 700))
    made = after(image, {"op": "crop", "box": {"width": 240, "height": 240}, "gravity": "smart"})
    assert ImageStat.Stat(made.convert("L")).stddev[0] > 40


def test_a_smart_crop_does_not_look_at_what_is_hidden() -> None:
    """Cut-outs often have the whole photograph under what is transparent."""
    noise = Image.effect_noise((900, 300), 90)
    image = Image.merge("RGBA", (noise, noise, noise, Image.new("L", (900, 300))))
    image.paste((*RED, 255), (660, 60, 840, 240))
    made = after(image, {"op": "crop", "aspect": "1:1", "gravity": "smart"}).convert("RGBA")
    assert made.getchannel("A").histogram()[255] == 180 * 180


def test_colours_are_adjusted_one_after_the_other() -> None:
    """Half as bright; then without any contrast, which is one grey; and without colour."""
    pixel = Image.new("RGB", (4, 4), (200, 100, 50))
    assert after(pixel, {"op": "adjust", "brightness": 0.5}).convert("RGB").getpixel((0, 0)) == (100, 50, 25)
    assert after(pixel, {"op": "adjust", "contrast": 0}).convert("RGB").getpixel((0, 0)) == (124, 124, 124)
    grey = after(pixel, {"op": "grayscale"})
    assert grey.getpixel((0, 0)) == after(pixel, {"op": "adjust", "saturation": 0}).convert("L").getpixel((0, 0)) == 124


def test_a_background_is_put_behind_what_is_transparent() -> None:
    """Half of red and half of blue."""
    half = Image.new("RGBA", (4, 4), (*RED, 128))
    assert after(half, {"op": "background", "colour": "#0000ff"}).convert("RGBA").getpixel((0, 0)) == (128, 0, 127, 255)


@pytest.mark.parametrize("hidden", [NOTHING, (0, 255, 0, 0), (255, 255, 255, 0)])
@pytest.mark.parametrize("step", [{"op": "sharpen", "radius": 2, "amount": 200}, {"op": "blur", "radius": 2}])
def test_hidden_colours_never_show(step: dict[str, Any], hidden: tuple[int, ...]) -> None:
    """What is seen is one flat grey, so it stays one up to its edges."""
    image = Image.new("RGBA", (40, 40), hidden)
    image.paste((128, 128, 128, 255), (20, 0, 40, 40))
    made = after(image, step).convert("RGBA")
    seen = {made.getpixel((x, 20)) for x in range(21, 40)}
    assert all(abs(channel - 128) <= 1 for pixel in seen for channel in pixel[:3])  # type: ignore[index]


@pytest.mark.parametrize("alpha", [255, 128, 10])
def test_what_lets_something_through_is_sharpened_as_well(alpha: int) -> None:
    """As much as what does not."""
    noise = Image.effect_noise((100, 100), 60)
    image = Image.merge("RGBA", (noise, noise, noise, Image.new("L", noise.size, alpha)))
    made = after(image, {"op": "sharpen"})
    assert made.convert("RGBA").getchannel("R").tobytes() == after(noise, {"op": "sharpen"}).convert("L").tobytes()


@pytest.mark.parametrize("angle", [10, 90])
def test_turning_leaves_what_was_transparent_so(angle: float) -> None:
    """Only the corners that open are filled."""
    image = Image.new("RGBA", (200, 200), (*RED, 0))
    image.paste((*RED, 255), (80, 80, 120, 120))
    made = after(image, {"op": "rotate", "angle": angle, "background": "#0000ff"}).convert("RGBA")
    middle = made.width // 2
    assert made.getpixel((middle, middle)) == (*RED, 255)
    assert made.getpixel((middle - 60, middle))[3] == 0  # type: ignore[index]
    assert made.getpixel((0, 0)) == ((*BLUE, 255) if angle == 10 else (*RED, 0))


def test_turning_leaves_no_seam_between_the_image_and_its_background() -> None:
    """White on white is white, also where both take part in a pixel."""
    made = after(Image.new("RGB", (60, 40), WHITE), {"op": "rotate", "angle": 33})
    assert made.mode == "RGB"
    assert made.convert("L").getextrema() == (255, 255)


def test_a_border_of_a_transparent_image_does_not_fill_it() -> None:
    """Nothing of it shows through."""
    made = after(Image.new("RGBA", (10, 10), NOTHING), {"op": "border", "width": 2, "colour": "#ff0000"})
    assert [made.getpixel((x, 5)) for x in (1, 5)] == [(*RED, 255), NOTHING]


@pytest.mark.parametrize("tile", [False, True])
@pytest.mark.parametrize(("opacity", "expected"), [(1, 255), (0.5, 128), (0.25, 64)])
def test_a_watermark_has_the_opacity_that_was_asked_for(opacity: float, expected: int, *, tile: bool) -> None:
    """Once or many times: white on black says how much of it there is."""
    mark = base64.b64encode(png(Image.new("RGBA", (50, 50), "white"))).decode()
    black = Image.new("RGB", (400, 400))
    laid = after(black, {"op": "watermark_image", "png": mark, "opacity": opacity, "tile": tile})
    written = after(black, {"op": "watermark_text", "text": "ㅁㅁ", "size": 0.2, "opacity": opacity, "tile": tile})
    assert laid.convert("L").getextrema()[1] == expected
    assert abs(int(written.convert("L").getextrema()[1]) - expected) <= 2  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("position", "place"),
    [
        ("northwest", (8, 8, 88, 88)),
        ("north", (160, 8, 240, 88)),
        ("center", (160, 160, 240, 240)),
        ("southeast", (312, 312, 392, 392)),
    ],
)
def test_a_watermark_lies_where_it_was_put(position: str, place: tuple[int, ...]) -> None:
    """A fifth of the width, 2 % from the edges."""
    mark = base64.b64encode(png(Image.new("RGBA", (50, 50), "white"))).decode()
    step = {"op": "watermark_image", "png": mark, "opacity": 1, "position": position}
    assert after(Image.new("RGB", (400, 400)), step).convert("L").getbbox() == place


def test_a_watermark_of_several_lines_shows_them_all() -> None:
    """One below the other, and none is cut off."""
    black = Image.new("RGB", (400, 400))
    heights = []
    for text in ("AAAA", "AAAA\nBBBB", "AAAA\nBBBB\nCCCC"):
        made = after(black, {"op": "watermark_text", "text": text, "size": 0.1, "opacity": 1, "position": "center"})
        _left, top, _right, bottom = made.convert("L").getbbox() or (0, 0, 0, 0)
        heights.append(bottom - top)
    assert heights[1] > 2 * heights[0]
    assert heights[2] > 3 * heights[0]
    marked = [
        after(black, {"op": "watermark_text", "text": text, "font": "serif"}).tobytes()
        for text in ("A\nB", "A\r\nB", "A\rB")
    ]
    assert len(set(marked)) == 1
    same = after(black, {"op": "watermark_text", "text": "AAAA\n", "size": 0.1, "opacity": 1})
    assert ImageChops.difference(same, black).getbbox()


@pytest.mark.parametrize("text", ["제주 사진관", "Café Ångström"])
def test_letters_that_come_in_parts_are_written_as_one(text: str) -> None:
    """Texts that are copied on a Mac do; the layout would put jamo side by side. They also count as one each."""
    black = Image.new("RGB", (400, 100))
    parts = unicodedata.normalize("NFD", text)
    assert parts != text
    step = {"op": "watermark_text", "text": text, "opacity": 1}
    assert after(black, {**step, "text": parts}).tobytes() == after(black, step).tobytes()
    recorded = TypeAdapter(RecordedRecipe).validate_python(
        {"steps": [{**step, "text": parts}], "outputs": [{"name": "p", "format": "png"}]}
    )
    assert recorded.steps[0].text == text  # type: ignore[union-attr] # it is the watermark
    TextWatermark(text=unicodedata.normalize("NFD", "각" * MAX_TEXT_CHARACTERS))


@pytest.mark.parametrize("size", [0.5, 1])
def test_a_text_that_is_too_long_is_made_to_fit(size: float) -> None:
    """As wide as the image, in its own proportions, however high its letters were to be."""
    step = {"op": "watermark_text", "text": "HHHHHHHHHH" * 3, "size": size, "opacity": 1, "position": "center"}
    left, top, right, bottom = after(Image.new("RGB", (600, 300)), step).convert("L").getbbox() or (0, 0, 0, 0)
    assert right - left > 590
    assert 15 < bottom - top < 25


@pytest.mark.parametrize("size", [(40, 160), (40, 4000), (1, 4000)])
def test_a_watermark_that_is_too_high_is_made_to_fit(size: tuple[int, int]) -> None:
    """As high as the image, in its own proportions."""
    mark = base64.b64encode(png(Image.new("RGBA", size, "white"))).decode()
    step = {"op": "watermark_image", "png": mark, "width": 1, "opacity": 1, "position": "northwest"}
    found = after(Image.new("RGB", (400, 200)), step).convert("L").getbbox()
    left = round(0.02 * 200)
    assert found == (left, 0, left + max(1, round(size[0] * 200 / size[1])), 200)


@pytest.mark.parametrize(
    ("encoded", "sentence"),
    [
        ("AAAA", "The recipe's watermark is not a PNG that can be used."),
        (base64.b64encode(hostile.png(2001, 2000)).decode(), "The recipe's watermark has more than 4 megapixels."),
    ],
)
def test_an_image_says_so_where_a_recorded_watermark_cannot_be_used(encoded: str, sentence: str) -> None:
    """Recipes that were taken before watermarks were looked at are still in use."""
    recorded = TypeAdapter(RecordedRecipe).validate_python(
        {"steps": [{"op": "watermark_image", "png": encoded}], "outputs": [{"name": "p", "format": "png"}]}
    )
    with pytest.raises(ImageRejected) as rejected:
        develop_image(ImageBytes(png(quarters())), recorded, ImageLimits())
    code = FailureCode.WATERMARK_UNREADABLE
    assert (rejected.value.code, rejected.value.message) == (code, f"{sentence} {code.advice}")


@pytest.mark.parametrize("size", [(2, 600), (600, 1)])
def test_the_best_part_of_a_sliver_is_found(size: tuple[int, int]) -> None:
    """Small as it is looked at, it has no edges inside its frame."""
    assert after(Image.new("RGB", size), {"op": "crop", "aspect": "1:1", "gravity": "smart"}).size == (min(size),) * 2
