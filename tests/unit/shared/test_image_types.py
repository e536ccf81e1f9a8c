"""What a file's first bytes say that it is."""

import gzip

import pytest

from shared.image_types import HEAD_BYTES, UnfitFile, recognise


def unfit(data: bytes) -> UnfitFile:
    """Recognise a file that cannot be developed."""
    found = recognise(data)
    assert isinstance(found, UnfitFile)
    return found


@pytest.mark.parametrize(
    ("head", "image_format"),
    [
        (b"\xff\xd8\xff\xe0", "jpeg"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "webp"),
        (b"GIF87a", "gif"),
        (b"GIF89a", "gif"),
        (b"\0\0\0\x1cftypavif", "avif"),
        (b"\0\0\0\x1cftypavis\0\0\0\0avismsf1miaf", "avif"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "avif"),
        (b"\0\0\0\x1cftypmsf1\0\0\0\0msf1miafavis", "avif"),
    ],
)
def test_formats_that_are_developed_are_recognised(head: bytes, image_format: str) -> None:
    """Whatever the file is called, and whatever follows."""
    assert recognise(head) == image_format
    assert recognise(head + bytes(HEAD_BYTES)) == image_format


@pytest.mark.parametrize(
    ("head", "type_name"),
    [
        (b"II*\0", "TIFF or camera raw"),
        (b"MM\0*", "TIFF or camera raw"),
        (b"IIU\0\x18\0\0\0", "camera raw"),
        (b"FUJIFILMCCD-RAW 0201", "camera raw"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", "camera raw"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", "video"),
        (b"RIFF\x24\0\0\0AVI LIST", "video"),
        (b"\x1aE\xdf\xa3", "video"),
        (b"BM\x9a\0\0\0\0\0\0\0", "BMP"),
        (b"\0\0\0\x0cJXL \r\n", "JPEG XL"),
        (b"8BPS\0\1", "Photoshop"),
        (b"%PDF-1.7", "PDF"),
        (b"<svg/>", "SVG"),
        (b'<?xml version="1.0"?>\n<svg xmlns="">', "SVG"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN">\n<svg>', "SVG"),
        (b"<!-- " + b"x" * 500 + b" --><svg>", "SVG"),
        (b"<!DOCTYPE html><html>", "HTML"),
        (b"<!-- " + b"x" * 5000 + b" --><svg>", "XML, perhaps SVG"),
        (gzip.compress(b"<svg xmlns=''>", mtime=0), "SVG, compressed"),
        (gzip.compress(b"a note", mtime=0), "gzip"),
        (b"II*\0\x10\0\0\0CR\2\0", "camera raw"),
        (b"II\xbc\1", "JPEG XR"),
        (b"gimp xcf v011", "GIMP"),
        (b"v/1\1\2\0", "OpenEXR"),
        (b"#?RADIANCE\n", "Radiance HDR"),
        (b"qoif\0\0", "QOI"),
        (b"P6\n4 4\n", "Netpbm"),
        (b"DDS |", "DDS"),
        (b"AT&TFORM", "DjVu"),
        (bytes(128) + b"DICM", "DICOM"),
        (b"PK\3\4", "ZIP"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"II\x1a\0\0\0HEAPCCDR", "camera raw"),
        (b"MMOR\0\0\0\x08", "camera raw"),
        (b"\0\0\0\x18ftypavci\0\0\0\0mif1avci", "HEIC"),
        (b"\0\0\1\0moov\0\0\0\x6cmvhd", "video"),
        (b"\0\0\0\x08wide\0\1\0\0mdat", "video"),
        (b"FLV\1\5\0\0\0", "video"),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video"),
        ((b"\x47" + bytes(187)) * 3, "video"),
        ((bytes(4) + b"\x47" + bytes(187)) * 3, "video"),
        (b"\0\0\0\x18ftypM4A \0\0\0\0", "audio"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "audio"),
        (b"ID3\3\0", "audio"),
        (b"PK\3\4" + bytes(26) + b"[Content_Types].xml", "Office"),
        (b"PK\5\6", "ZIP"),
        (b"Rar!\x1a\7\0", "compressed archive"),
        (b"7z\xbc\xaf'\x1c\0\4", "compressed archive"),
        (b"a.jpg" + bytes(252) + b"ustar\0", "tar archive"),
        (b"<?xpacket begin=''?><x:xmpmeta>", "XMP"),
        (b'<?xml version="1.0"?><!DOCTYPE plist PUBLIC', "property list of Apple"),
        (b"<head><title>404", "HTML"),
        (b"\0\0\2\0\1\0", "cursor or Targa"),
        (b"\0\5\x16\7\0\2\0\0", "AppleDouble"),
        (b"\0\0\0\1Bud1\0\0\x10\0", ".DS_Store"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Thumbs.db or Office"),
    ],
)
def test_a_type_that_is_not_developed_is_named(head: bytes, type_name: str) -> None:
    """The owner reads what the file is, not only that it failed."""
    found = unfit(head + b"\0" * 64)
    assert (found.code, found.type_name) == ("unsupported_format", type_name)
    assert f"type {type_name}. " in found.message


@pytest.mark.parametrize(
    "data",
    [
        b"Dear diary, today I took a picture.\r\n",
        "오늘 사진을 찍었다.".encode() * HEAD_BYTES,
        "\ufeffNotes".encode("utf-16-le"),
    ],
)
def test_a_text_is_called_a_text(data: bytes) -> None:
    """Also where its first bytes end within a character."""
    assert unfit(data).type_name == "text"


@pytest.mark.parametrize("data", [b"\xff", b"\xff\xd8", b"\0" * 100, b"\x89PNG\r\n\x1a\r"])
def test_what_is_of_no_known_type_is_unreadable(data: bytes) -> None:
    """And so are beginnings cut short."""
    assert (unfit(data).code, unfit(data).type_name) == ("unreadable", None)


def test_an_empty_file_is_called_empty() -> None:
    """Phones upload files of zero bytes when their storage is full."""
    assert unfit(b"").code == "empty_file"


def test_a_brand_beyond_the_first_box_does_not_count() -> None:
    """What follows it is any file's own."""
    assert unfit(b"\0\0\0\x18ftypmif1\0\0\0\0mif1heicavif").type_name == "HEIC"
