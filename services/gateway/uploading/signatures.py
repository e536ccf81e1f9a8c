"""Which image format a file's first bytes announce; its name and declared type prove nothing."""

SIGNATURE_BYTES = 64
"""So many first bytes decide: an AVIF may name ten brands before its own, all others are known by twelve bytes."""

_FIRST_BRAND, _COMPATIBLE_BRANDS = 8, 16
_GENERAL_BRANDS = (b"mif1", b"msf1")
_AVIF_BRANDS = (b"avif", b"avis")


def image_media_type(head: bytes) -> str | None:
    """`image/jpeg`, `image/png`, `image/webp`, `image/gif` or `image/avif`; None for anything else."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head[4:8] == b"ftyp" and _is_avif(head):
        return "image/avif"
    return None


def _is_avif(head: bytes) -> bool:
    """Some name the general brand first, which HEIC does too, and AVIF among those that they are compatible with."""
    major = head[_FIRST_BRAND : _FIRST_BRAND + 4]
    if major in _AVIF_BRANDS:
        return True
    end = min(int.from_bytes(head[:4], "big"), SIGNATURE_BYTES)
    brands = (head[place : place + 4] for place in range(_COMPATIBLE_BRANDS, end, 4))
    return major in _GENERAL_BRANDS and any(brand in _AVIF_BRANDS for brand in brands)
