"""JPEGs without end, cut short, or with data lost: completed with a note, or refused, never passed as whole."""

import io
import subprocess

import pytest
from PIL import Image

from services.worker.imaging.developing import develop_image
from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.prints import DevelopedImage
from shared.recipes import PngOutput, Recipe
from tests.independent_decoder import decode_with_libvips, difference
from tests.unit.worker.imaging.conftest import Encoded

RECIPE = Recipe(name="whole", outputs=(PngOutput(name="print"),))
END = b"\xff\xd9"
KINDS: dict[str, dict[str, int]] = {
    "baseline": {},
    "progressive": {"progressive": True},
    "optimized": {"optimize": True},
    "full chroma": {"subsampling": 0},
    "with restarts": {"restart_marker_rows": 1},
    "progressive with restarts": {"progressive": True, "restart_marker_blocks": 3},
}


def develop(data: bytes) -> DevelopedImage:
    """Make a whole print of a file."""
    return develop_image(ImageBytes(data), RECIPE, ImageLimits())


def pixels(developed: DevelopedImage) -> Image.Image:
    """Give what the print shows."""
    return Image.open(io.BytesIO(developed.outputs[0].data))


def verdict(data: bytes) -> str | tuple[str, ...]:
    """Give the notes on a file, or the code with which it is refused."""
    try:
        return develop(data).notes
    except ImageRejected as rejected:
        return rejected.code


@pytest.fixture(params=KINDS)
def jpeg(request: pytest.FixtureRequest, photograph: Image.Image, encoded: Encoded) -> bytes:
    """A photograph as a JPEG of each kind."""
    noise = Image.effect_noise(photograph.size, 40).convert("RGB")
    return encoded(Image.blend(photograph, noise, 0.3), "JPEG", quality=85, **KINDS[request.param])


def arithmetic(jpeg: bytes) -> bytes:
    """Code a JPEG anew, without loss."""
    return subprocess.run(["jpegtran", "-arithmetic"], input=jpeg, capture_output=True, check=True).stdout


def test_an_arithmetic_coded_jpeg_without_its_end_marker_is_completed_with_a_note(jpeg: bytes) -> None:
    """Its last pixels are the same whatever lies behind its data."""
    whole = arithmetic(jpeg)
    developed = develop(whole.removesuffix(END))
    assert (developed.notes, develop(whole).notes) == (("end_missing",), ())
    assert pixels(developed).tobytes() == pixels(develop(whole)).tobytes()


@pytest.mark.parametrize("end", [b"", END, bytes(4096) + END], ids=["cut", "end marker", "zeros"])
@pytest.mark.parametrize("share", [0.4, 0.9])
@pytest.mark.parametrize("jpeg", ["baseline", "progressive"], indirect=True)
def test_an_arithmetic_coded_jpeg_that_lacks_pixels_is_never_whole(jpeg: bytes, share: float, end: bytes) -> None:
    """Its decoder takes what is missing for zeros, and says nothing."""
    whole = arithmetic(jpeg)
    assert verdict(whole[: int(len(whole) * share)] + end) in {"unreadable", ("damaged",)}


def test_a_jpeg_that_lacks_its_last_bytes_is_refused(photograph: Image.Image, encoded: Encoded) -> None:
    """The decoder's look-ahead passes for the codes of two blocks, which are a quarter of the smallest image."""
    small = encoded(photograph.resize((8, 8)), "JPEG", quality=85)
    verdicts = {missing: verdict(small[: -len(END) - missing]) for missing in (4, 6, 10)}
    assert verdicts == dict.fromkeys(verdicts, "unreadable")


def test_a_jpeg_without_end_marker_before_another_one_is_completed_with_a_note(
    jpeg: bytes, photograph: Image.Image, encoded: Encoded
) -> None:
    """As behind a preview that was appended; its end marker is not the photograph's."""
    developed = develop(jpeg.removesuffix(END) + encoded(photograph.resize((64, 48)), "JPEG"))
    assert developed.notes == ("end_missing",)
    assert pixels(developed).tobytes() == pixels(develop(jpeg)).tobytes()


@pytest.mark.parametrize("behind", [b"", b"\xff", b"\0" * 5000, b"a trailer of a camera" * 9])
def test_a_jpeg_that_lacks_only_its_end_marker_is_completed_with_a_note(jpeg: bytes, behind: bytes) -> None:
    """Every pixel is there, and they are those of the file with its marker, also to another decoder."""
    developed = develop(jpeg.removesuffix(END) + behind)
    assert developed.notes == ("end_missing",)
    assert pixels(developed).tobytes() == pixels(develop(jpeg)).tobytes()
    assert difference(pixels(developed), decode_with_libvips(jpeg)) < 1


@pytest.mark.parametrize("share", [0.3, 0.4, 0.6, 0.8, 0.95, 0.99])
@pytest.mark.parametrize("filling", ["nothing", "zeros"])
def test_a_jpeg_that_lacks_pixels_is_refused(jpeg: bytes, share: float, filling: str) -> None:
    """A download that was broken off is not filled up with grey and passed off as whole."""
    cut = jpeg[: int(len(jpeg) * share)]
    with pytest.raises(ImageRejected, match="unreadable"):
        develop(cut if filling == "nothing" else cut.ljust(len(jpeg), b"\0"))


@pytest.mark.parametrize("share", [0.3, 0.4, 0.6, 0.8, 0.95, 0.99])
def test_an_end_marker_behind_half_a_jpeg_does_not_make_it_whole(jpeg: bytes, share: float) -> None:
    """The decoder fills what is missing with grey; only restarts may hide how much that is."""
    assert verdict(jpeg[: int(len(jpeg) * share)] + END) in {"unreadable", ("damaged",)}


def test_a_jpeg_with_something_behind_its_end_has_no_note(jpeg: bytes) -> None:
    """Cameras append trailers, videos and further pictures."""
    for behind in (b"\0" * 999, b"trailer", jpeg):
        assert develop(jpeg + behind).notes == ()


def test_a_jpeg_cut_short_is_refused_although_another_one_lies_behind_it(jpeg: bytes) -> None:
    """The end marker at the very end is not its own."""
    assert verdict(jpeg[: len(jpeg) // 2] + END + jpeg) in {"unreadable", ("damaged",)}


def test_zeros_in_place_of_half_the_pixels_are_noticed(photograph: Image.Image, encoded: Encoded) -> None:
    """They decode to something, but to more pixels than there are."""
    jpeg = encoded(photograph, "JPEG", quality=98)
    half = len(jpeg) // 2
    with_zeros = jpeg[:half].ljust(len(jpeg) - 2, b"\0") + END
    assert verdict(with_zeros) in {"unreadable", ("damaged",)}


@pytest.mark.parametrize("replacement", [b"\xff\xd5", b"\x00\x00"])
def test_restart_markers_that_are_wrong_or_missing_are_noted(
    photograph: Image.Image, encoded: Encoded, replacement: bytes
) -> None:
    """The decoder goes on at the next one, and what lies between is lost."""
    jpeg = encoded(photograph, "JPEG", restart_marker_rows=1)
    damaged = jpeg.replace(b"\xff\xd1", replacement, 1)
    assert damaged != jpeg
    assert develop(damaged).notes == ("damaged",)


def test_a_progressive_jpeg_without_its_last_scans_is_noted(photograph: Image.Image, encoded: Encoded) -> None:
    """No decoder complains of it, but it shows less than it was to show."""
    jpeg = encoded(photograph, "JPEG", progressive=True)
    last_scan = jpeg.rindex(b"\xff\xda")
    cut = jpeg[: jpeg.rindex(b"\xff\xc4", 0, last_scan)]
    assert develop(cut + END).notes == ("damaged",)
    with pytest.raises(ImageRejected, match="end is missing"):
        develop(cut)


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (17, 3), (3, 40)])
@pytest.mark.parametrize("options", KINDS.values())
def test_a_small_jpeg_is_whole(size: tuple[int, int], options: dict[str, int], encoded: Encoded) -> None:
    """Scans of a few bytes are judged as rightly as long ones."""
    for mode in ("L", "RGB"):
        jpeg = encoded(Image.effect_noise(size, 90).convert(mode), "JPEG", **options)
        assert develop(jpeg).notes == ()
        assert develop(jpeg.removesuffix(END)).notes == ("end_missing",)


@pytest.mark.parametrize("options", [["-restart", "1"], ["-restart", "5B"], ["-progressive", "-restart", "1"]])
def test_restart_markers_are_counted_as_another_encoder_sets_them(photograph: Image.Image, options: list[str]) -> None:
    """The program cjpeg names the interval before each scan anew, by rows or by blocks."""
    pnm = io.BytesIO()
    photograph.resize((333, 217)).save(pnm, "PPM")
    made = subprocess.run(["cjpeg", *options], input=pnm.getvalue(), capture_output=True, check=True)
    assert develop(made.stdout).notes == ()
