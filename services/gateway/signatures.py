"""Which image format a file's first bytes announce; its name and declared type prove nothing."""

SIGNATURE_BYTES = 12
"""So many first bytes decide."""


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
    if head[4:12] in {b"ftypavif", b"ftypavis"}:
        return "image/avif"
    return None
