"""What each of the recorded images must give, with libvips as the judge of pixels."""

import io
from pathlib import Path

import pytest
from PIL import Image

from services.worker.imaging.developing import develop_image
from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.prints import DevelopedImage
from shared.recipes import PngOutput, Recipe, WebpOutput
from tests.independent_decoder import decode_with_libvips, difference

RECORDED = Path(__file__).parents[3] / "recorded" / "images"
KINDS = {
    "canon.CR3": "camera raw",
    "fuji.RAF": "camera raw",
    "html_named.jpg": "HTML",
    "jpeg_12bit.jpg": "12-bit JPEG",
    "nikon.NEF": "camera raw",
    "panasonic.RW2": "camera raw",
    "photo.heic": "HEIC",
    "photo.ico": "ICO",
    "photo.jp2": "JPEG 2000",
    "photo.jxl": "JPEG XL",
    "photo.psd": "Photoshop",
    "photo.svgz": "SVG",
    "photo.tif": "TIFF",
    "svg_bom.svg": "SVG",
    "svg_doctype.svg": "SVG",
    "svg_illustrator.svg": "SVG",
    "svg_longcomment.svg": "SVG",
    "svg_plain.svg": "SVG",
}

RECIPE = Recipe(name="whole", outputs=(PngOutput(name="print"),))


def develop(file: Path) -> DevelopedImage:
    """Make a whole print of a file."""
    return develop_image(ImageBytes(file.read_bytes()), RECIPE, ImageLimits())


def pixels(developed: DevelopedImage) -> Image.Image:
    """Give what the print shows."""
    return Image.open(io.BytesIO(developed.outputs[0].data))


@pytest.mark.parametrize("name", ["jpeg_arith.jpg", "jpeg_arith_prog.jpg"])
def test_an_arithmetic_coded_jpeg_is_developed_whatever_its_length(name: str) -> None:
    """Its decoder cannot wait for more data, and Pillow gives it 64 KiB at a time."""
    file = RECORDED / "jpeg_arithmetic" / name
    developed = develop(file)
    assert (developed.width, developed.height, developed.notes) == (900, 600, ())
    assert difference(pixels(developed), decode_with_libvips(file.read_bytes())) < 1


def test_a_wrong_restart_marker_is_noted() -> None:
    """What lies between it and the next one is lost, and libjpeg goes on."""
    assert develop(RECORDED / "jpeg_damage" / "jpeg_rst_wrong.jpg").notes == ("damaged",)


@pytest.mark.parametrize("chunk", ["exif", "iccp", "phys", "text"])
def test_an_ancillary_chunk_with_a_wrong_checksum_is_left_out_with_a_note(chunk: str) -> None:
    """What it says cannot be trusted, but the pixels are whole."""
    file = RECORDED / "png_checksums" / f"png_{chunk}_badcrc.png"
    developed = develop(file)
    assert developed.notes == ("chunks_ignored",)
    assert difference(pixels(developed), decode_with_libvips(file.read_bytes())) == 0


def test_pixels_with_a_wrong_checksum_are_developed() -> None:
    """Pillow has always taken them, and no note is due for what their own checksum says."""
    assert develop(RECORDED / "png_checksums" / "contrast_idat_badcrc_accepted.png").notes == ()


@pytest.mark.parametrize("name", ["png_cicp_p3.png", "png_gama_linear.png"])
def test_colours_that_a_png_names_without_a_profile_are_heeded(name: str) -> None:
    """Both show what the reference shows in sRGB."""
    developed = develop(RECORDED / "png_colours" / name)
    assert developed.notes == ()
    assert difference(pixels(developed), Image.open(RECORDED / "png_colours" / "ref_quad.png")) < 2


def test_a_gif_is_transparent_where_its_first_frame_does_not_reach() -> None:
    """Not of the first colour of its palette."""
    image = pixels(develop(RECORDED / "gif_first_frame" / "gif_small_first_frame.gif")).convert("RGBA")
    assert image.getcolors() == [(400, (255, 0, 0, 255)), (2000, (0, 0, 0, 0))]


def test_an_animated_gif_is_transparent_where_its_first_frame_does_not_reach() -> None:
    """In its first frame, and in later ones where nothing has been drawn yet."""
    recipe = Recipe(name="moving", outputs=(WebpOutput(name="print", animation="keep", lossless=True),))
    file = RECORDED / "gif_first_frame" / "gif_small_first_frame_anim.gif"
    developed = develop_image(ImageBytes(file.read_bytes()), recipe, ImageLimits())
    moving = pixels(developed)
    assert (developed.frames, getattr(moving, "n_frames", 1)) == (2, 2)
    for number in range(2):
        moving.seek(number)
        seen = moving.convert("RGBA").getchannel("A")
        assert (seen.getpixel((0, 0)), seen.getextrema()) == (0, (0, 255))


def test_an_avif_is_cropped_as_its_owner_did() -> None:
    """To its clean aperture, as another decoder does."""
    file = RECORDED / "avif_clean_aperture" / "avif_clap.avif"
    developed = develop(file)
    assert (developed.width, developed.height) == (200, 150)
    assert difference(pixels(developed), decode_with_libvips(file.read_bytes())) < 2


@pytest.mark.parametrize("name", sorted(file.name for file in (RECORDED / "named_kinds").iterdir()))
def test_a_known_kind_is_named_with_what_to_do(name: str) -> None:
    """Neither called a video nor said to be damaged; a camera's MPO is a JPEG."""
    file = RECORDED / "named_kinds" / name
    if name == "a.mpo":
        assert (develop(file).format, develop(file).notes) == ("jpeg", ())
        return
    with pytest.raises(ImageRejected) as rejected:
        develop(file)
    assert rejected.value.code == "unsupported_format"
    assert KINDS[name] in rejected.value.message
    assert "upload" in rejected.value.message.lower()


@pytest.mark.parametrize("name", ["cmyk_no_adobe_inverted.jpg", "cmyk_no_adobe_straight.jpg"])
def test_inks_are_taken_the_way_round_that_makes_sense(name: str) -> None:
    """Where Adobe's marker does not say which way that is; neither of the two prints black."""
    shown = pixels(develop(RECORDED / "cmyk" / "cmyk_adobe.jpg"))
    guessed = develop(RECORDED / "cmyk" / name)
    assert guessed.notes == ("inks_guessed", "cmyk_naive")
    assert difference(pixels(guessed), shown) < 12
    assert develop(RECORDED / "cmyk" / "cmyk_adobe.jpg").notes == ("cmyk_naive",)


@pytest.mark.parametrize("font", ["sans", "serif"])
@pytest.mark.parametrize(
    ("text", "notes"),
    [("© 사진 2026", ()), ("Photo\nline two", ()), ("photo 😀", ("letters_missing",)), ("صورة", ("letters_missing",))],
)
def test_a_watermark_whose_letters_the_font_lacks_is_noted(font: str, text: str, notes: tuple[str, ...]) -> None:
    """The boxes that are printed in their place are no surprise then."""
    steps = [{"op": "watermark_text", "text": text, "font": font}]
    recipe = Recipe.model_validate({"name": "marked", "steps": steps, "outputs": [{"name": "print", "format": "png"}]})
    original = ImageBytes((RECORDED / "png_colours" / "ref_quad.png").read_bytes())
    assert develop_image(original, recipe, ImageLimits()).notes == notes
