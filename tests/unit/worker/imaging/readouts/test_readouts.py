"""What is read of an original, against what a person would say of it."""

import io
import json
import math
import struct
from collections.abc import Callable
from random import Random
from typing import Any

import blurhash
import pytest
from PIL import ExifTags, Image, ImageDraw, ImageFilter

from services.worker.imaging.developing import develop_image
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.readouts.blurhash import blurhash_of
from services.worker.imaging.readouts.difference_hash import dhash64
from services.worker.imaging.readouts.dominant_colours import dominant_colours
from services.worker.imaging.readouts.exif import MAX_JSON_BYTES
from services.worker.imaging.readouts.quality import quality_of
from shared.documents import Place, Readings
from shared.recipes import Box, JpegOutput, Readouts, Recipe
from shared.recipes.steps import AutoOrient

Encoded = Callable[..., bytes]

MORE = ("TargetPrinter", "SpectralSensitivity", "LensMake", "LensModel", "CameraOwnerName", "BodySerialNumber")

ALL = Readouts(exif=True, gps=True, perceptual_hash=True, colours=5, placeholder=True, quality=True)


@pytest.fixture
def scene() -> Image.Image:
    """Houses of many sizes and greys before a sky: unlike a gradient it has edges."""
    image = Image.linear_gradient("L").resize((900, 600)).convert("RGB")
    draw = ImageDraw.Draw(image)
    for number in range(40):
        left, top, shade = number * 211 % 880, 150 + number * 97 % 430, number * 53 % 256
        draw.rectangle((left, top, left + 30 + number, top + 90 - number), fill=(shade, 255 - shade, 90))
    return image


def read(data: bytes, asked: Readouts = ALL, *steps: AutoOrient, side: int = 40) -> Readings:
    """Give the readings of a recipe that makes one print."""
    outputs = (JpegOutput(name="p", fit=Box(width=side, height=side)),)
    readings = develop_image(
        ImageBytes(data), Recipe(name="r", steps=steps, outputs=outputs, readouts=asked), ImageLimits()
    ).readings
    assert readings is not None
    return readings


def bits_apart(one: str | None, other: str | None) -> int:
    """Give in how many of 64 bits two hashes differ."""
    return (int(one or "", 16) ^ int(other or "", 16)).bit_count()


def test_nothing_is_read_unless_asked_for(encoded: Encoded, photograph: Image.Image) -> None:
    """Most recipes only make prints."""
    recipe = Recipe(name="r", outputs=(JpegOutput(name="p"),))
    assert develop_image(ImageBytes(encoded(photograph, "JPEG")), recipe, ImageLimits()).readings is None


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (Readouts(exif=True), "exif"),
        (Readouts(gps=True), "gps"),
        (Readouts(perceptual_hash=True), "dhash64"),
        (Readouts(colours=1), "colours"),
        (Readouts(placeholder=True), "blurhash"),
        (Readouts(quality=True), "quality"),
    ],
)
def test_each_readout_is_asked_for_by_itself(encoded: Encoded, scene: Image.Image, asked: Readouts, field: str) -> None:
    """Where a photograph was taken, above all, is nobody's business unless asked for."""
    readings = read(encoded(scene, "JPEG", exif=with_place()), asked).model_dump()
    assert {name for name, value in readings.items() if value} == {field}


def with_place(**more: Any) -> Image.Exif:
    """EXIF of a photograph taken on Jeju, by a camera with a serial number of bytes."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "FUJIFILM\0\x07"
    for name, value in more.items():
        exif[ExifTags.Base[name]] = value
    exif.get_ifd(ExifTags.IFD.Exif).update({ExifTags.Base.FNumber: 2.8, ExifTags.Base.MakerNote: b"\1\2\3"})
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (33.0, 29.0, 20.4), 3: "W", 4: (126.0, 30.0, 0.0), 6: 12.5})
    return exif


def test_exif_is_told_by_its_own_names_and_without_the_place(encoded: Encoded, scene: Image.Image) -> None:
    """Control characters and the maker's bytes are left out."""
    readings = read(encoded(scene, "JPEG", exif=with_place()), Readouts(exif=True))
    assert readings.exif == {"Make": "FUJIFILM", "FNumber": 2.8}
    assert readings.gps is None


@pytest.mark.parametrize(("written", "told"), [
    ("홍길동 사진관".encode(), "홍길동 사진관"),
    ("© 2024 제주\x07".encode(), "© 2024 제주"),
    ("André Grüß © 2024".encode("latin-1"), "André Grüß © 2024"),
    (("선" * 300).encode(), "선" * 200),
])  # fmt: skip
@pytest.mark.parametrize("encoder", ["JPEG", "PNG", "WEBP"])
def test_exif_is_told_in_the_letters_that_were_meant(
    encoded: Encoded, scene: Image.Image, encoder: str, written: bytes, told: str
) -> None:
    """Cameras write UTF-8 where ASCII should be, and Pillow reads it as Latin-1, which some is."""
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = written
    assert read(encoded(scene, encoder, exif=exif), Readouts(exif=True)).exif == {"Artist": told}


@pytest.mark.parametrize("encoder", ["JPEG", "PNG", "WEBP"])
def test_the_place_is_told_on_request(encoded: Encoded, scene: Image.Image, encoder: str) -> None:
    """In degrees as maps take them."""
    readings = read(encoded(scene, encoder, exif=with_place()), Readouts(gps=True))
    assert readings.gps == Place(latitude=33.489, longitude=-126.5, altitude=12.5)


def test_exif_stays_small_and_is_always_json(encoded: Encoded, scene: Image.Image) -> None:
    """A camera's numbers may be infinite, its texts endless."""
    exif = with_place(ImageDescription="d" * 9000, XResolution=72.0)
    for name in ("Software", "Model", "HostComputer", "DocumentName", "PageName", "Copyright", "InkNames", *MORE):
        exif[ExifTags.Base[name]] = ("한" * 199).encode()
    infinite = exif.tobytes().replace(struct.pack(">2I", 72, 1), struct.pack(">2I", 72, 0))
    assert infinite != exif.tobytes()
    found = read(encoded(scene, "JPEG", exif=infinite), Readouts(exif=True)).exif
    assert found is not None
    assert found["ImageDescription"] == "d" * 200
    assert "XResolution" not in found
    assert len(json.dumps(found, allow_nan=False, ensure_ascii=False).encode()) < MAX_JSON_BYTES * 1.2


def test_broken_exif_is_noted_and_the_prints_are_made(
    encoded: Encoded, scene: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pillow's parser raises nearly anything."""

    def raises(_image: Image.Image) -> Image.Exif:
        raise SyntaxError("not a TIFF file")

    monkeypatch.setattr(Image.Image, "getexif", raises)
    recipe = Recipe(name="r", outputs=(JpegOutput(name="p"),), readouts=ALL)
    developed = develop_image(ImageBytes(encoded(scene, "JPEG")), recipe, ImageLimits())
    assert (len(developed.outputs), developed.notes) == (1, ("exif_ignored",))
    assert developed.readings is not None
    assert developed.readings.dhash64
    assert developed.readings.exif is None


def test_huge_exif_is_not_parsed(encoded: Encoded, scene: Image.Image) -> None:
    """Real ones stay below 64 KiB, which is all that a JPEG segment holds; a PNG's may be any size."""
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = "d" * 300_000
    recipe = Recipe(name="r", outputs=(JpegOutput(name="p"),), readouts=Readouts(exif=True))
    assert develop_image(ImageBytes(encoded(scene, "PNG", exif=exif)), recipe, ImageLimits()).notes == ("exif_ignored",)


def test_a_hash_survives_scaling_compression_and_turning(encoded: Encoded, scene: Image.Image) -> None:
    """It is made of the upright image, whatever the recipe's steps and its prints' sizes."""
    original = read(encoded(scene, "PNG")).dhash64
    small = scene.resize((450, 300), Image.Resampling.LANCZOS)
    lying = Image.Exif()
    lying[ExifTags.Base.Orientation] = 6
    copies = [
        encoded(small, "JPEG", quality=40),
        encoded(scene.convert("L"), "WEBP"),
        encoded(scene.rotate(90, expand=True), "JPEG", exif=lying),
    ]
    for side in (40, 900):
        assert [bits_apart(original, read(copy, ALL, side=side).dhash64) <= 5 for copy in copies] == [True] * 3
    assert bits_apart(original, read(encoded(scene.rotate(180), "PNG")).dhash64) > 20


def test_each_bit_says_whether_it_grows_darker_to_the_right() -> None:
    """Row by row; Krawetz's definition on an image of exactly its size."""
    steps = Image.frombytes("L", (9, 8), bytes([9, 8, 7, 6, 5, 6, 7, 8, 9] * 7 + [0] * 9))
    assert dhash64(steps) == "f0" * 7 + "00"


def test_dominant_colours_come_with_their_shares() -> None:
    """The largest first, and nothing of what is hidden or in between."""
    image = Image.new("RGBA", (100, 100), (0, 0, 255, 0))
    image.paste((200, 30, 30, 255), (0, 0, 100, 60))
    image.paste((250, 250, 250, 255), (0, 60, 100, 80))
    found = {colour.colour: colour.share for colour in dominant_colours(image, 5)}
    assert list(found) == ["#c81e1e", "#fafafa"]
    assert found["#c81e1e"] == pytest.approx(0.75, abs=0.01)
    assert dominant_colours(Image.new("LA", (3, 3), (7, 0)), 3) == ()
    assert len(dominant_colours(Image.effect_noise((64, 64), 90), 3)) == 3


@pytest.mark.parametrize(
    ("shades", "strays"),
    [
        ({(224, 172, 140): 40, (200, 150, 120): 30, (40, 30, 25): 15, (250, 250, 250): 10, (30, 60, 200): 5}, ()),
        ({(100, 100, 100): 52, (140, 120, 100): 38, (80, 60, 90): 10}, ((255, 0, 0), (0, 255, 0), (0, 0, 255))),
    ],
    ids=["a-colour-of-few-pixels", "stray-pixels"],
)
def test_dominant_colours_are_those_that_stand_for_the_pixels_best(
    shades: dict[tuple[int, int, int], int], strays: tuple[tuple[int, int, int], ...]
) -> None:
    """A small patch among shades of others has its colour, and no shade loses it to some stray pixels."""
    chance = Random(1)
    pixels = [
        bytes(min(255, max(0, round(chance.gauss(value, 6)))) for value in shade)
        for shade, percent in shades.items()
        for _ in range(percent * 90)
    ]
    for place, stray in enumerate(strays * 9):
        pixels[place * 300] = bytes(stray)
    found = dominant_colours(Image.frombytes("RGB", (90, 100), b"".join(pixels)), len(shades) + bool(strays))
    for shade in shades:
        assert min(math.dist(shade, bytes.fromhex(colour.colour[1:])) for colour in found) < 20, shade


def test_a_placeholder_looks_like_the_image_from_afar(encoded: Encoded, scene: Image.Image) -> None:
    """Decoded by BlurHash's own decoder: dark above, light below."""
    readings = read(encoded(scene.crop((0, 0, 900, 140)), "PNG"))
    rows = blurhash.decode(readings.blurhash, 8, 8)
    assert rows[0][4][1] < rows[7][4][1] - 20
    assert len(readings.blurhash or "") == 28


@pytest.mark.parametrize("size", [(300, 4000), (40, 900), (2000, 30), (500, 400), (1, 1)])
def test_a_placeholder_of_one_grey_is_grey_whatever_its_proportions(size: tuple[int, int]) -> None:
    """Along one or two pixels the waves did not cancel each other out: its corners were black and white."""
    decoded = blurhash.decode(blurhash_of(Image.new("RGB", size, (128, 128, 128))), 16, 16)
    assert all(100 < channel < 150 for row in decoded for pixel in row for channel in pixel)


def test_what_is_hidden_is_not_sharp() -> None:
    """Noise under what is transparent, and the edge of what is not, are no detail of the photograph."""
    noise = Image.effect_noise((400, 400), 90)
    image = Image.merge("RGBA", (noise, noise, noise, Image.new("L", (400, 400))))
    assert quality_of(image).sharpness == 0
    image.paste((128, 128, 128, 255), (100, 100, 200, 200))
    assert quality_of(image).sharpness == 0
    for alpha in (255, 254, 128):
        image.putalpha(alpha)
        assert quality_of(image).sharpness > 1000


def test_blur_and_exposure_are_measured(scene: Image.Image) -> None:
    """The same scene out of focus, far too dark and burnt out."""
    sharp = quality_of(scene)
    assert sharp.sharpness > 10 * quality_of(scene.filter(ImageFilter.GaussianBlur(4))).sharpness
    assert quality_of(scene.point(lambda value: value // 20)).dark_share > 0.3
    burnt = quality_of(scene.point(lambda value: min(255, value * 6)))
    assert burnt.bright_share > 0.3
    assert burnt.brightness > sharp.brightness
    hidden = Image.new("LA", (20, 20), (255, 0))
    assert (quality_of(hidden).bright_share, quality_of(Image.new("L", (1, 1))).sharpness) == (0, 0)


def test_sharpness_does_not_depend_on_the_size_of_the_prints(encoded: Encoded, scene: Image.Image) -> None:
    """A thumbnail's decode is too coarse to judge by, so a larger one is made."""
    data = encoded(scene.resize((2400, 1600), Image.Resampling.LANCZOS), "JPEG", quality=95)
    small, large = (read(data, Readouts(quality=True), side=side).quality for side in (40, 2400))
    assert small is not None
    assert large is not None
    assert small.sharpness == pytest.approx(large.sharpness, rel=0.15)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_everything_can_be_read_of_every_mode_and_of_a_single_pixel(encoded: Encoded, mode: str) -> None:
    """And takes less than 6 KiB in the image's result."""
    encoder = "JPEG" if mode == "CMYK" else "PNG"
    for size in ((1, 1), (3, 700)):
        readings = read(encoded(Image.new(mode, size), encoder))
        assert len(readings.model_dump_json()) < 6 * 1024
        assert Readings.model_validate_json(readings.model_dump_json()) == readings


def test_the_same_original_gives_the_same_readings(encoded: Encoded, scene: Image.Image) -> None:
    """A second processing tells the tracker the same."""
    data = encoded(scene, "JPEG", exif=with_place())
    assert read(data) == read(io.BytesIO(data).getvalue())
