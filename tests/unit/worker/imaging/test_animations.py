"""Animations: their first frame, or all of them, as they were seen and for as long."""

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import ExifTags, Image, ImageChops, ImageDraw

from services.worker.imaging.developing import develop_image
from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.files.gif_blocks import count_gif_frames
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from shared.recipes import Box, GifOutput, JpegOutput, OutputSpec, Recipe, RecipePart, WebpOutput
from shared.recipes.steps import AutoOrient, Crop, Flip

Encoded = Callable[..., bytes]

DURATIONS = (40, 100, 250, 70)
EXACT_WEBP = WebpOutput(name="moving", lossless=True, animation="keep")
EXACT_GIF = GifOutput(name="moving", animation="keep")
BLANK = (0, 0, 0, 0)

Colour = str | tuple[int, int, int, int]


def scenes(*, transparent: bool = False) -> list[Image.Image]:
    """Four frames in which a box walks over a ground, which may be nothing."""
    made = []
    for number in range(4):
        frame = Image.new("RGBA", (60, 40), BLANK if transparent else (20, 90, 40, 255))
        ImageDraw.Draw(frame).rectangle((10 * number, 8, 10 * number + 15, 25), fill=(250, 60 * number, 10, 255))
        made.append(frame if transparent else frame.convert("RGB"))
    return made


def animation(encoded: Encoded, encoder: str, *, transparent: bool = False, loop: int | None = 0) -> bytes:
    """Encode the scenes as Pillow does."""
    first, *others = scenes(transparent=transparent)
    options: dict[str, Any] = {} if loop is None else {"loop": loop}
    if encoder == "WEBP":
        options |= {"lossless": True, "kmax": 1}
    if encoder == "GIF":
        options["disposal"] = 2 if transparent else 1
    if encoder == "AVIF":
        options = {"quality": 100, "subsampling": "4:4:4"}
    return encoded(first, encoder, save_all=True, append_images=others, duration=list(DURATIONS), **options)


def recipe(*outputs: OutputSpec, steps: tuple[RecipePart, ...] = ()) -> Recipe:
    """A recipe of these parts."""
    return Recipe.model_validate({"name": "r", "steps": steps, "outputs": outputs})


def frames_of(data: bytes) -> Iterator[tuple[Image.Image, int]]:
    """Give each frame as a viewer shows it, with its milliseconds."""
    with Image.open(io.BytesIO(data)) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            image.load()
            yield image.convert("RGBA"), image.info["duration"]


def boxed(ground: Colour, box: Colour) -> Image.Image:
    """Give a frame of one colour, which may be nothing, with a box of another in it."""
    frame = Image.new("RGBA", (20, 20), ground)
    ImageDraw.Draw(frame).rectangle((8, 8, 15, 15), fill=box)
    return frame


def seen(image: Image.Image) -> bytes:
    """Give an image's pixels without the colours that are hidden."""
    shown = Image.new("RGBA", image.size)
    shown.paste(image, mask=image.getchannel("A"))
    return shown.tobytes()


def difference(one: Image.Image, other: Image.Image) -> int:
    """Give the largest difference of what is seen of two images."""
    white = [Image.new("RGBA", one.size, "white") for _ in "12"]
    white[0].alpha_composite(one.convert("RGBA"))
    white[1].alpha_composite(other.convert("RGBA"))
    return max(ImageChops.difference(white[0].convert("RGB"), white[1].convert("RGB")).tobytes())


@pytest.mark.parametrize("encoder", ["GIF", "WEBP", "PNG", "AVIF"])
def test_by_default_the_first_frame_is_printed(encoded: Encoded, encoder: str) -> None:
    """And how many there are is told."""
    output = WebpOutput(name="still", lossless=True)
    developed = develop_image(ImageBytes(animation(encoded, encoder)), recipe(output), ImageLimits())
    assert (developed.frames, developed.format) == (4, encoder.lower())
    print_image = Image.open(io.BytesIO(developed.outputs[0].data))
    assert getattr(print_image, "n_frames", 1) == 1
    assert difference(print_image, scenes()[0]) < 8


@pytest.mark.parametrize("output", [EXACT_WEBP, EXACT_GIF], ids=lambda output: output.format)
@pytest.mark.parametrize("transparent", [False, True])
@pytest.mark.parametrize("encoder", ["GIF", "WEBP", "PNG", "AVIF"])
def test_every_frame_is_kept_as_it_was_seen(
    encoded: Encoded, encoder: str, output: OutputSpec, *, transparent: bool
) -> None:
    """Also where a frame holds only what is new in it, or clears what was there; and each for as long as before."""
    data = animation(encoded, encoder, transparent=transparent)
    (made,) = develop_image(ImageBytes(data), recipe(output), ImageLimits()).outputs
    kept = list(frames_of(made.data))
    assert [duration for _, duration in kept] == list(DURATIONS)
    tolerance = 40 if encoder == "AVIF" else 8  # at the box's edges
    assert all(
        difference(frame, scene) <= tolerance
        for (frame, _), scene in zip(kept, scenes(transparent=transparent), strict=True)
    )


@pytest.mark.parametrize("output", [EXACT_WEBP, EXACT_GIF], ids=lambda output: output.format)
@pytest.mark.parametrize(("encoder", "loop", "plays"), [
    ("GIF", None, 1), ("GIF", 0, 0), ("GIF", 2, 3), ("WEBP", 0, 0), ("WEBP", 1, 1), ("WEBP", 3, 3), ("PNG", 2, 2),
])  # fmt: skip
def test_it_is_played_as_often_as_before(
    encoded: Encoded, encoder: str, loop: int | None, plays: int, output: OutputSpec
) -> None:
    """A GIF counts how often it is played again, the others how often it is played."""
    (made,) = develop_image(ImageBytes(animation(encoded, encoder, loop=loop)), recipe(output), ImageLimits()).outputs
    written = Image.open(io.BytesIO(made.data)).info.get("loop")
    expected = {0: 0, 1: None}.get(plays, plays - 1) if output.format == "gif" else plays
    assert written == expected


def test_steps_sizes_and_still_prints_go_along(encoded: Encoded) -> None:
    """Moving and still outputs of one recipe, in its order, each in its size; smart cutting does not jump about."""
    outputs = (
        JpegOutput(name="still", fit=Box(width=30, height=30)),
        GifOutput(name="small", fit=Box(width=30, height=30), animation="keep"),
        WebpOutput(name="square", cover=Box(width=20, height=20), gravity="smart", lossless=True, animation="keep"),
    )
    steps = (AutoOrient(), Flip())
    developed = develop_image(ImageBytes(animation(encoded, "GIF")), recipe(*outputs, steps=steps), ImageLimits())
    assert [(made.output, made.width, made.height, made.media_type) for made in developed.outputs] == [
        ("still", 30, 20, "image/jpeg"),
        ("small", 30, 20, "image/gif"),
        ("square", 20, 20, "image/webp"),
    ]
    for made, box in zip(developed.outputs[1:], [(0, 0, 60, 40), (10, 0, 50, 40)], strict=True):
        mirrored = (scene.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for scene in scenes())
        for (frame, _), scene in zip(frames_of(made.data), mirrored, strict=True):
            slow = scene.crop(box).resize(frame.size, Image.Resampling.LANCZOS)
            assert difference(frame.resize((5, 5)), slow.resize((5, 5))) < 40


def test_an_animation_of_one_frame_is_a_still_image(encoded: Encoded, photograph: Image.Image) -> None:
    """Whatever the output says."""
    (made,) = develop_image(ImageBytes(encoded(photograph, "PNG")), recipe(EXACT_WEBP), ImageLimits()).outputs
    assert difference(Image.open(io.BytesIO(made.data)), photograph) == 0


@pytest.mark.parametrize("metadata", ["strip", "copyright"])
@pytest.mark.parametrize("lossless", [False, True])
def test_frames_that_end_up_all_the_same_are_printed_and_stay_transparent(
    encoded: Encoded, metadata: str, *, lossless: bool
) -> None:
    """For libwebp makes a still image of them, whose pixels begin where an animation has its flags."""
    first = scenes(transparent=True)[0]
    second = first.copy()
    second.paste("red", (50, 30, 55, 35))
    exif = Image.Exif()
    exif[ExifTags.Base.Copyright] = "Kim Sajin"
    data = encoded(first, "PNG", save_all=True, append_images=[second], duration=100, exif=exif)
    output = EXACT_WEBP.model_copy(update={"lossless": lossless})
    cropped = recipe(output, steps=(Crop(box=Box(width=40, height=40), left=0, top=0),))
    (made,) = develop_image(ImageBytes(data), cropped.model_copy(update={"metadata": metadata}), ImageLimits()).outputs
    image = Image.open(io.BytesIO(made.data)).convert("RGBA")
    assert image.getchannel("A").tobytes() == first.crop((0, 0, 40, 40)).getchannel("A").tobytes()
    assert difference(image, first.crop((0, 0, 40, 40))) <= (0 if lossless else 60)


@pytest.mark.parametrize("colours", [3, 256])
@pytest.mark.parametrize(
    "later", [("red", "red"), ("black", "black"), ("black", "red"), (BLANK, "black"), (BLANK, BLANK)]
)
@pytest.mark.parametrize("first", [("red", "red"), ("black", "black"), (BLANK, "red"), (BLANK, "black")])
def test_a_gifs_frame_is_gone_before_the_next_whatever_is_seen_of_either(
    encoded: Encoded, first: tuple[Colour, Colour], later: tuple[Colour, Colour], colours: int
) -> None:
    """Pillow clears frames to their own colour if they can say nothing, and leaves black out as if it were nothing."""
    frames = [boxed(*first), boxed(BLANK, "blue"), boxed(*later)]
    data = encoded(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=100)
    output = EXACT_GIF.model_copy(update={"colours": colours})
    (made,) = develop_image(ImageBytes(data), recipe(output), ImageLimits()).outputs
    kept = [seen(frame) for frame, _ in frames_of(made.data)]
    assert kept == [seen(frame) for frame in frames]


def test_a_gifs_transparent_colour_is_one_of_those_that_it_may_have(encoded: Encoded) -> None:
    """Also in a frame that hides nothing."""
    solid = Image.radial_gradient("L").resize((20, 20)).convert("RGBA")
    data = encoded(solid, "PNG", save_all=True, append_images=[boxed(BLANK, "blue")], duration=100)
    (made,) = develop_image(
        ImageBytes(data), recipe(EXACT_GIF.model_copy(update={"colours": 4})), ImageLimits()
    ).outputs
    first, second = (frame for frame, _ in frames_of(made.data))
    assert len(first.getcolors() or []) == 3
    assert set(first.getchannel("A").tobytes()) == {255}
    assert second.getpixel((0, 0)) != second.getpixel((10, 10)) == (0, 0, 255, 255)


def test_the_still_image_before_an_apng_is_no_frame_of_it(encoded: Encoded) -> None:
    """It is what programs show that do not know APNG."""
    poster = Image.new("RGB", (60, 40), "navy")
    data = encoded(poster, "PNG", save_all=True, default_image=True, append_images=scenes(), duration=list(DURATIONS))
    still, moving = develop_image(
        ImageBytes(data), recipe(WebpOutput(name="s", lossless=True), EXACT_WEBP), ImageLimits()
    ).outputs
    assert difference(Image.open(io.BytesIO(still.data)), poster) == 0
    kept = list(frames_of(moving.data))
    assert [difference(frame, scene) for (frame, _), scene in zip(kept, scenes(), strict=True)] == [0] * 4


@pytest.mark.parametrize("encoder", ["GIF", "WEBP", "PNG", "AVIF"])
@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (ImageLimits(max_frames=3), "too_many_frames"),
        (ImageLimits(max_animation_pixels=4 * 60 * 40 - 1), "too_many_pixels"),
    ],
)
def test_more_than_the_caps_allow_is_rejected_only_where_it_moves(
    encoded: Encoded, encoder: str, limits: ImageLimits, code: str
) -> None:
    """Before the second frame is decoded; a still print needs the first one only."""
    data = animation(encoded, encoder)
    assert develop_image(ImageBytes(data), recipe(JpegOutput(name="p")), limits).frames == 4
    with pytest.raises(ImageRejected) as caught:
        develop_image(ImageBytes(data), recipe(EXACT_WEBP), limits)
    assert caught.value.code == code


def test_prints_that_are_kept_in_memory_count_together(encoded: Encoded) -> None:
    """Each output's frames are held until it is encoded."""
    outputs = (EXACT_WEBP, EXACT_GIF.model_copy(update={"name": "other"}))
    with pytest.raises(ImageRejected, match="megapixels"):
        develop_image(
            ImageBytes(animation(encoded, "GIF")), recipe(*outputs), ImageLimits(max_animation_pixels=7 * 60 * 40)
        )


def test_a_frame_bomb_costs_nothing(encoded: Encoded) -> None:
    """5,000 frames of nine megapixels in some 100 KB; an APNG may claim two thousand million."""
    gif = encoded(Image.new("L", (3000, 3000)), "GIF")
    start = gif.index(b"\x2c")
    tiny = b"\x2c" + struct.pack("<4HB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    bomb = gif[:start] + tiny * 5000 + b";"
    png = animation(encoded, "PNG")
    at = png.index(b"acTL")
    many = struct.pack(">2I", 2**31 - 1, 0)
    claimed = png[:at] + b"acTL" + many + struct.pack(">I", zlib.crc32(b"acTL" + many)) + png[at + 16 :]
    for data in (bomb, claimed):
        with pytest.raises(ImageRejected) as caught:
            develop_image(ImageBytes(data), recipe(EXACT_GIF), ImageLimits())
        assert caught.value.code == "too_many_frames"


def test_a_frame_that_stretches_a_gif_far_beyond_its_canvas_is_rejected(encoded: Encoded) -> None:
    """Pillow makes the whole animation as large as it."""
    gif = animation(encoded, "GIF")
    huge = b"\x2c" + struct.pack("<4HB", 0, 0, 20_000, 20_000, 0) + b"\x02\x02\x44\x01\x00;"
    with pytest.raises(ImageRejected) as caught:
        develop_image(ImageBytes(gif[:-1] + huge), recipe(EXACT_GIF), ImageLimits())
    assert caught.value.code == "too_many_pixels"


@pytest.mark.parametrize("encoder", ["GIF", "WEBP", "PNG", "AVIF"])
def test_half_an_animation_is_unreadable_where_it_moves(encoded: Encoded, encoder: str) -> None:
    """A frame that is missing is not made up."""
    data = animation(encoded, encoder)
    with pytest.raises(ImageRejected) as caught:
        develop_image(ImageBytes(data[: len(data) - 60]), recipe(EXACT_WEBP), ImageLimits())
    assert caught.value.code == "unreadable"


@pytest.mark.parametrize("output", [EXACT_WEBP, EXACT_GIF], ids=lambda output: output.format)
def test_a_frame_stays_no_longer_than_every_format_can_say(encoded: Encoded, output: OutputSpec) -> None:
    """Found with damaged files: a WebP's frame may claim four hours and more, an AVIF's a century."""
    first, *others = scenes()
    data = encoded(first, "WEBP", save_all=True, lossless=True, append_images=others, duration=[16_000_000, 9, 9, 9])
    (made,) = develop_image(ImageBytes(data), recipe(output), ImageLimits()).outputs
    assert next(frames_of(made.data))[1] == 655_350


def test_gif_frames_are_counted_without_decoding(encoded: Encoded) -> None:
    """As Pillow counts them, and up to the damage."""
    data = animation(encoded, "GIF")
    assert count_gif_frames(data, 100) == 4
    assert count_gif_frames(data, 3) == 3
    assert [count_gif_frames(data[:length], 100) for length in (0, 10, 13)] == [0, 0, 0]
    assert count_gif_frames(encoded(Image.new("P", (9, 9)), "GIF", comment=b"\x2c" * 700), 100) == 1


@pytest.mark.parametrize("output", [EXACT_WEBP, EXACT_GIF], ids=lambda output: output.format)
def test_the_same_animation_gives_the_same_bytes_without_a_comment(encoded: Encoded, output: OutputSpec) -> None:
    """Nothing of the original's metadata is left in it."""
    first, *others = scenes()
    data = encoded(first, "GIF", save_all=True, append_images=others, duration=40, comment=b"SECRET")
    one, two = (develop_image(ImageBytes(data), recipe(output), ImageLimits()).outputs[0].data for _ in range(2))
    assert one == two
    assert b"SECRET" in data
    assert b"SECRET" not in one


def test_every_frame_is_shown_in_the_animations_colours(encoded: Encoded, display_p3: bytes) -> None:
    """Its profile stands once, before the frames, and prints have none."""
    first, *others = [Image.new("RGB", (20, 20), (200, 60, 60 + number)) for number in range(3)]
    data = encoded(first, "WEBP", save_all=True, append_images=others, lossless=True, icc_profile=display_p3)
    (made,) = develop_image(ImageBytes(data), recipe(EXACT_WEBP), ImageLimits()).outputs
    shown = [frame.convert("RGB").tobytes()[:2] for frame, _ in frames_of(made.data)]
    assert [(red > 210, green < 50) for red, green in shown] == [(True, True)] * 3


def test_a_gif_without_a_picture_is_unreadable() -> None:
    """It may end right behind its header, or behind a comment."""
    header = b"GIF89a" + struct.pack("<2H", 48, 40) + bytes(3)
    for rest in (b"", b";", b"\x21\xfe\x02hi\0;"):
        with pytest.raises(ImageRejected) as caught:
            develop_image(ImageBytes(header + rest), recipe(EXACT_GIF), ImageLimits())
        assert caught.value.code == "unreadable"
