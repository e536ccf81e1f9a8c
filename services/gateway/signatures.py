"""Which image format a file's first bytes announce; its name and declared type prove nothing."""

SIGNATURE_BYTES = 12
"""So many first bytes decide."""


def image_media_type(head: bytes) -> str | None:
    """`image/jpeg`, `image/png` or `image/webp`; None for anything else."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return None
