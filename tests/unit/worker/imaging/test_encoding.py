import io

import pytest
from PIL import Image

from services.worker.imaging.pixels.encoding import encode, save
from services.worker.settings import WorkerSettings
from shared.recipes import MAX_OUTPUT_SIDE, AvifOutput, GifOutput, JpegOutput, OutputSpec, PngOutput, WebpOutput

OUTPUTS: tuple[OutputSpec, ...] = (
    JpegOutput(name="p"),
    WebpOutput(name="p"),
    PngOutput(name="p"),
    AvifOutput(name="p"),
    GifOutput(name="p"),
)


def reopened(data: bytes) -> Image.Image:
    """Decode a print."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize(
    ("output", "extension", "media_type", "pillow_format"),
    [
        (OUTPUTS[0], "jpg", "image/jpeg", "JPEG"),
        (OUTPUTS[1], "webp", "image/webp", "WEBP"),
        (OUTPUTS[2], "png", "image/png", "PNG"),
        (OUTPUTS[3], "avif", "image/avif", "AVIF"),
        (OUTPUTS[4], "gif", "image/gif", "GIF"),
    ],
)
def test_a_print_says_what_it_is(output: OutputSpec, extension: str, media_type: str, pillow_format: str) -> None:
    """Its key and its Content-Type come from here, never from a client."""
    made = encode(Image.new("RGB", (8, 6)), output)
    assert (made.output, made.extension, made.media_type) == ("p", extension, media_type)
    assert (made.width, made.height) == reopened(made.data).size == (8, 6)
    assert reopened(made.data).format == pillow_format


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: output.format)
@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_every_normal_mode_can_be_printed_in_every_format(output: OutputSpec, mode: str) -> None:
    """Pillow itself refuses to save transparency as JPEG."""
    assert reopened(encode(Image.new(mode, (8, 6)), output).data).size == (8, 6)


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: output.format)
def test_nothing_of_the_metadata_reaches_a_print(output: OutputSpec, display_p3: bytes) -> None:
    """Pillow takes comments, profiles and text over from the original unless it is stopped."""
    image = Image.new("RGB", (8, 6))
    image.info.update(
        exif=b"Exif\0\0MM\0*SECRET", comment=b"SECRET", xmp=b"<x>SECRET</x>", icc_profile=display_p3, dpi=(72, 72)
    )
    made = encode(image, output)
    assert b"SECRET" not in made.data
    assert b"acsp" not in made.data
    left = set(reopened(made.data).info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density", "loop", "background"}
    assert left <= {"timestamp", "duration", "version"}


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: output.format)
def test_the_same_pixels_give_the_same_bytes(output: OutputSpec, photograph: Image.Image) -> None:
    """A second processing overwrites a print with itself."""
    assert encode(photograph, output) == encode(photograph.copy(), output)


def test_encoding_leaves_the_image_as_it_was(photograph: Image.Image) -> None:
    """It is taken as it is, not copied, and other prints are made of it."""
    photograph.info["comment"] = b"mine"
    pixels = photograph.tobytes()
    for output in OUTPUTS:
        encode(photograph, output)
    assert photograph.info == {"comment": b"mine"}
    assert photograph.tobytes() == pixels


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: output.format)
def test_a_still_print_of_an_opened_animation_has_one_frame(output: OutputSpec, photograph: Image.Image) -> None:
    """Pillow would write them all."""
    file = io.BytesIO()
    photograph.save(file, "PNG", save_all=True, append_images=[photograph.rotate(180)])
    opened = Image.open(file)
    opened.load()
    assert opened.n_frames == 2  # type: ignore[attr-defined] # of PngImageFile only
    assert getattr(reopened(encode(opened, output).data), "n_frames", 1) == 1


def test_the_longest_print_that_is_allowed_is_one_that_webp_can_hold() -> None:
    """The recipe's sizes and the setting `max_print_side` end there."""
    assert encode(Image.new("L", (MAX_OUTPUT_SIDE, 1)), WebpOutput(name="p")).width == MAX_OUTPUT_SIDE
    assert WorkerSettings.model_fields["max_print_side"].default == MAX_OUTPUT_SIDE


@pytest.mark.parametrize(("quality", "sampling"), [(82, (2, 2)), (90, (1, 1))])
def test_high_quality_keeps_all_colour(photograph: Image.Image, quality: int, sampling: tuple[int, int]) -> None:
    """4:2:0 below quality 90, 4:4:4 from there."""
    image = reopened(encode(photograph, JpegOutput(name="p", quality=quality)).data)
    assert image.layer[0][1:3] == sampling  # type: ignore[attr-defined] # of JpegImageFile only


def test_quality_makes_a_difference(photograph: Image.Image) -> None:
    """The recipe's figure arrives at the encoder."""
    for kind in (JpegOutput, WebpOutput):
        low, high = (len(encode(photograph, kind(name="p", quality=quality)).data) for quality in (20, 95))
        assert low < high


@pytest.mark.parametrize(
    ("said", "raised"),
    [
        ("broken data stream when writing image file", MemoryError),
        ("Failed to encode image: Out of memory", MemoryError),
        ("encoder error -2", OSError),
    ],
)
def test_an_encoder_without_memory_is_told_from_one_that_fails(said: str, raised: type[Exception]) -> None:
    """Another child, with nothing else in its memory, may do it; Pillow says either with one kind of error."""

    class Unwritable(Image.Image):
        def save(self, *_arguments: object, **_options: object) -> None:
            raise OSError(said)

    with pytest.raises(raised):
        save(Unwritable(), "JPEG")
