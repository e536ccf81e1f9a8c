"""Small originals and colour profiles made on the spot."""

import io
import itertools
import struct
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

Encoded = Callable[..., bytes]


@pytest.fixture
def encoded() -> Encoded:
    """Encode an image with Pillow's own options."""

    def encode(image: Image.Image, encoder: str, **options: Any) -> bytes:
        file = io.BytesIO()
        image.save(file, encoder, **options)
        return file.getvalue()

    return encode


@pytest.fixture
def photograph() -> Image.Image:
    """A gradient of 640 x 480 pixels that is different in each corner."""
    across = Image.linear_gradient("L").rotate(90).resize((640, 480))
    down = Image.linear_gradient("L").resize((640, 480))
    return Image.merge("RGB", (across, down, Image.radial_gradient("L").resize((640, 480))))


@pytest.fixture(scope="session")
def display_p3() -> bytes:
    """A matrix profile with Display P3's primaries and a gamma of 2.2."""
    primaries = {
        b"rXYZ": (0.51512, 0.24120, -0.00105),
        b"gXYZ": (0.29198, 0.69225, 0.04189),
        b"bXYZ": (0.15710, 0.06657, 0.78407),
    }
    gamma = b"curv" + struct.pack(">4xIH", 1, round(2.2 * 256))
    tags = {name: _xyz(*values) for name, values in primaries.items()}
    return _profile(b"RGB ", b"XYZ ", {**tags, b"rTRC": gamma, b"gTRC": gamma, b"bTRC": gamma})


@pytest.fixture(scope="session")
def adobe_rgb() -> bytes:
    """A matrix profile with Adobe RGB (1998)'s primaries, adapted to D50, and its gamma."""
    primaries = {
        b"rXYZ": (0.60974, 0.31111, 0.01947),
        b"gXYZ": (0.20528, 0.62567, 0.06087),
        b"bXYZ": (0.14919, 0.06322, 0.74457),
    }
    gamma = b"curv" + struct.pack(">4xIH", 1, 563)
    tags = {name: _xyz(*values) for name, values in primaries.items()}
    return _profile(b"RGB ", b"XYZ ", {**tags, b"rTRC": gamma, b"gTRC": gamma, b"bTRC": gamma})


@pytest.fixture(scope="session")
def grey_gamma_1() -> bytes:
    """A grey profile with linear light, so that conversion visibly brightens."""
    return _profile(b"GRAY", b"XYZ ", {b"kTRC": b"curv" + struct.pack(">4xI", 0)})


@pytest.fixture(scope="session")
def dull_cmyk() -> bytes:
    """A CMYK profile whose full inks are half as strong as naive conversion has them."""
    corners = (_lab(*inks) for inks in itertools.product((0, 1), repeat=4))
    identity = struct.pack(">9i", *(65_536 * (row == column) for row in range(3) for column in range(3)))
    ramp = bytes(range(256))
    table = b"mft1" + struct.pack(">4x4B", 4, 3, 2, 0) + identity + ramp * 4 + b"".join(corners) + ramp * 3
    return _profile(b"CMYK", b"Lab ", {b"A2B0": table})


def _lab(cyan: int, magenta: int, yellow: int, black: int) -> bytes:
    lightness = 255 - 40 * (cyan + magenta + yellow) - 100 * black
    return bytes((lightness, 128 - 30 * cyan + 30 * magenta, 128 - 30 * cyan + 30 * yellow))


def _xyz(*values: float) -> bytes:
    return b"XYZ " + struct.pack(">4x3i", *(round(value * 65_536) for value in values))


def _profile(space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    """Put an ICC version 2 profile together (ICC.1:2001-04, section 6)."""
    everything = {b"wtpt": _xyz(0.9642, 1.0, 0.8249), **tags}
    offset = 128 + 4 + 12 * len(everything)
    directory, contents = struct.pack(">I", len(everything)), b""
    for name, tag in everything.items():
        directory += name + struct.pack(">2I", offset + len(contents), len(tag))
        contents += tag + bytes(-len(tag) % 4)
    device = {b"RGB ": b"mntr", b"GRAY": b"mntr", b"CMYK": b"prtr"}[space]
    header = struct.pack(
        ">I4sI4s4s4s12s4s", offset + len(contents), b"", 0x02400000, device, space, connection, b"", b"acsp"
    )
    illuminant = struct.pack(">3i", round(0.9642 * 65_536), 65_536, round(0.8249 * 65_536))
    return header.ljust(68, b"\0") + illuminant + bytes(48) + directory + contents
