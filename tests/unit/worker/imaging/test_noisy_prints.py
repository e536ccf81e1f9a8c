"""Prints that cannot be made small: a JPEG of noise has more bytes than Pillow makes room for."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageFile

from services.worker.imaging.developing import develop_image
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.pixels.encoding import encode
from shared.recipes import BUILT_IN_RECIPES, JpegOutput, PngOutput

ROOT = Path(__file__).parents[4]
USUAL = ImageFile.MAXBLOCK


def noise(width: int, height: int) -> Image.Image:
    """Give noise of full strength in every channel, the same each time."""
    state, values = 1, bytearray()
    while len(values) < 3 * width * height:
        state = state * 6_364_136_223_846_793_005 % 2**64 + 1
        values += state.to_bytes(8, "big")[:4]
    black_and_white = bytes(255 * (value > 127) for value in range(256))
    return Image.frombytes("RGB", (width, height), bytes(values[: 3 * width * height]).translate(black_and_white))


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("quality", [82, 89, 90, 94, 95, 100])
@pytest.mark.parametrize("size", [(400, 300), (1, 16_000), (16_000, 1), (8, 8), (1, 1)])
def test_a_jpeg_of_noise_is_printed_at_every_quality(size: tuple[int, int], quality: int, *, progressive: bool) -> None:
    """Pillow's buffer holds a byte for each pixel, two from quality 95 on; what takes more ended as `out_of_memory`."""
    made = encode(noise(*size), JpegOutput(name="p", quality=quality, progressive=progressive))
    image = Image.open(io.BytesIO(made.data))
    image.load()
    assert image.size == size


def test_a_noisy_photograph_is_archived() -> None:
    """High sensitivity gives such files, and `archive` keeps all their colours."""
    file = io.BytesIO()
    noise(640, 480).save(file, "PNG")
    prints = develop_image(ImageBytes(file.getvalue()), BUILT_IN_RECIPES["archive"], ImageLimits()).outputs
    assert [made.output for made in prints] == ["archive", "thumbnail"]


def test_room_is_made_for_jpegs_only() -> None:
    """How a PNG's pixels are cut into pieces, and so its bytes, depends on the same number."""
    image = noise(400, 300)
    before = encode(image, PngOutput(name="p"))
    encode(image, JpegOutput(name="p", quality=100))
    assert ImageFile.MAXBLOCK == USUAL
    assert encode(image, PngOutput(name="p")) == before


LITTLE_MEMORY = """
import resource
from pathlib import Path
from PIL import Image
from services.worker.imaging.pixels.encoding import encode
from shared.recipes import JpegOutput

image = Image.effect_noise((3000, 3000), 90).convert("RGB")
encode(image.resize((16, 16)), JpegOutput(name="p"))
fields = Path("/proc/self/statm").read_text().split()
room = 9_000_000 * 3 // 2 + 2_000_000  # for the buffer, but not for the coefficients that it is to hold
most = int(fields[0]) * resource.getpagesize() + room
resource.setrlimit(resource.RLIMIT_AS, (most, most))
try:
    encode(image, JpegOutput(name="p"))
except MemoryError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits address space as Linux does")
def test_an_encoder_that_has_no_memory_says_so() -> None:
    """In Pillow's words for any failure of libjpeg, which nothing else is left to cause."""
    ended = subprocess.run([sys.executable, "-c", LITTLE_MEMORY], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.startswith("broken data stream when writing")
