"""JPEGs of several scans, rewritten: the same pixels and metadata, without the coefficients in memory."""

import errno
import io
from collections.abc import Callable
from random import Random

import pytest
from PIL import ExifTags, Image, ImageChops

from services.worker.imaging.failures import ImageRejected
from services.worker.imaging.files import one_pass
from services.worker.imaging.files.jpeg_frames import coefficient_bytes, is_read_in_one_pass
from services.worker.imaging.files.one_pass import rewrite_in_one_pass
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.pixels import decoding
from services.worker.imaging.pixels.decoding import Decoded, decode
from services.worker.imaging.sizes import Size
from tests.fuzz.mutations import mutated
from tests.programs import needs_jpegtran

Encoded = Callable[..., bytes]

LIMITS = ImageLimits()


def whole(size: Size) -> Size:
    """Every pixel is needed."""
    return size


def decoded(data: bytes) -> Decoded:
    """Decode the file whole."""
    return decode(ImageBytes(data), LIMITS, whole, orient=True)


def end_of(data: bytes) -> bytes | str:
    """Give all pixels, or the code of the rejection."""
    try:
        return decoded(data).image.tobytes()
    except ImageRejected as rejected:
        return rejected.code


@pytest.fixture
def _no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "_MAX_HELD_BYTES", 0)


@needs_jpegtran
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("options", [{}, {"subsampling": "4:4:4"}, {"subsampling": "4:2:2", "quality": 97}])
def test_the_same_pixels_and_metadata_come_out(
    mode: str, options: dict[str, object], encoded: Encoded, photograph: Image.Image, display_p3: bytes
) -> None:
    """Colours of every kind, the profile, EXIF and comments."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    extras = {"exif": exif, "icc_profile": display_p3, "comment": b"mine", "dpi": (300, 300)}
    data = encoded(photograph.convert(mode), "JPEG", progressive=True, **extras, **options)
    original = ImageBytes(data)
    assert rewrite_in_one_pass(original)
    assert is_read_in_one_pass(original.data)
    before, after = (Image.open(io.BytesIO(file)) for file in (data, original.data))
    assert ImageChops.difference(before, after).getbbox() is None
    kept = ("icc_profile", "exif", "comment", "dpi", "adobe_transform")
    assert {name: before.info.get(name) for name in kept} == {name: after.info.get(name) for name in kept}


@needs_jpegtran
@pytest.mark.usefixtures("_no_room")
def test_a_large_jpeg_of_several_scans_is_decoded_in_one_pass(
    encoded: Encoded, photograph: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When its file, coefficients and pixels are too much together; upright as ever."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    data = encoded(photograph, "JPEG", progressive=True, exif=exif)
    rewritten = []

    def watched(original: ImageBytes) -> bool:
        rewritten.append(original.data)
        return rewrite_in_one_pass(original)

    monkeypatch.setattr(decoding, "rewrite_in_one_pass", watched)
    made = decoded(data)
    assert rewritten == [data]
    assert made.orientation == 6
    assert ImageChops.difference(made.image, Image.open(io.BytesIO(data))).getbbox() is None


@needs_jpegtran
def test_inks_stay_what_they_were_without_adobes_marker(
    encoded: Encoded, photograph: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which jpegtran puts into a file that has none, and by which they would be taken for inverted."""
    data = encoded(photograph.convert("CMYK"), "JPEG", progressive=True)
    marker = data.index(b"\xff\xee\0\x0eAdobe")
    data = data[:marker] + data[marker + 16 :]
    rewritten = ImageBytes(data)
    assert rewrite_in_one_pass(rewritten)
    assert b"Adobe" in rewritten.data
    as_it_is = decoded(data).image
    monkeypatch.setattr(decoding, "_MAX_HELD_BYTES", 0)
    assert ImageChops.difference(decoded(data).image, as_it_is).getbbox() is None
    # As Pillow wrote them inverted, and no marker is needed to see it.
    assert ImageChops.difference(as_it_is, Image.open(io.BytesIO(data))).getbbox() is None


@pytest.mark.usefixtures("_no_room")
def test_what_is_read_in_one_pass_or_too_large_is_not_rewritten(
    encoded: Encoded, photograph: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would cost time for nothing."""

    def refuse(_original: ImageBytes) -> bool:
        raise AssertionError

    monkeypatch.setattr(decoding, "rewrite_in_one_pass", refuse)
    assert decoded(encoded(photograph, "JPEG")).image.size == (640, 480)
    progressive = encoded(photograph, "JPEG", progressive=True)
    with pytest.raises(ImageRejected) as caught:
        decode(ImageBytes(progressive), ImageLimits(max_decoded_pixels=640 * 480 - 1), whole, orient=True)
    assert caught.value.code == "too_many_pixels"


@pytest.mark.usefixtures("_no_room")
def test_without_jpegtran_it_is_decoded_as_it_is(
    encoded: Encoded, photograph: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In more memory, which the child's limit has room for."""
    monkeypatch.setattr(one_pass, "_PROGRAM", "no-such-program")
    data = encoded(photograph, "JPEG", progressive=True)
    original = ImageBytes(data)
    assert not rewrite_in_one_pass(original)
    assert original.data is data
    assert coefficient_bytes(data) > 0
    assert ImageChops.difference(decoded(data).image, Image.open(io.BytesIO(data))).getbbox() is None


@pytest.mark.usefixtures("_no_room")
def test_where_no_process_can_be_started_it_is_decoded_as_it_is(
    encoded: Encoded, photograph: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine's trouble is not the file's fault."""

    def refuse(*_: object, **__: object) -> None:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr("shutil.which", lambda _program: "/usr/bin/jpegtran")
    monkeypatch.setattr("subprocess.run", refuse)
    data = encoded(photograph, "JPEG", progressive=True)
    assert ImageChops.difference(decoded(data).image, Image.open(io.BytesIO(data))).getbbox() is None


@needs_jpegtran
def test_damaged_files_end_as_they_do_otherwise(
    encoded: Encoded, photograph: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the same pixels, or by the same name: jpegtran's own idea of a damaged file is not used."""
    data = encoded(photograph.resize((64, 48)), "JPEG", progressive=True)
    files = [data, data[: len(data) // 2], *(mutated(data, [data], Random(number)) for number in range(200))]
    as_they_are = [end_of(file) for file in files]
    monkeypatch.setattr(decoding, "_MAX_HELD_BYTES", 0)
    assert [end_of(file) for file in files] == as_they_are
    assert len({end for end in as_they_are if isinstance(end, bytes)}) > 5
    assert "unreadable" in as_they_are


def test_a_decoded_jpeg_lets_its_bytes_go(encoded: Encoded, photograph: Image.Image) -> None:
    """Nobody needs them then; those of an animation are read again."""
    jpeg, png = (ImageBytes(encoded(photograph, encoder)) for encoder in ("JPEG", "PNG"))
    for original in (jpeg, png):
        decode(original, LIMITS, whole, orient=True)
    assert jpeg.data == b""
    assert png.data
