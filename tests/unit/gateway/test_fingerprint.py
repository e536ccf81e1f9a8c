"""What makes two requests the same: their fields, and their files in order."""

import pytest

from services.gateway.uploading.fingerprint import RequestFingerprint
from shared.documents import ManifestEntry

FILES = [("a.jpg", 1, "aa"), ("b.jpg", 2, "bb")]
FIELDS = {"batch_name": b"holiday", "chunk_size": b"7"}


def of(files: list[tuple[str, int, str]], fields: dict[str, bytes]) -> str:
    """The fingerprint of a request."""
    fingerprint = RequestFingerprint()
    for index, (name, size_bytes, sha256) in enumerate(files):
        fingerprint.add(ManifestEntry(index=index, name=name, size_bytes=size_bytes, sha256=sha256))
    return fingerprint.with_fields(fields)


def test_the_same_request_has_the_same_fingerprint() -> None:
    """In whichever order its fields came; it may be asked for twice."""
    assert of(FILES, FIELDS) == of(FILES, dict(reversed(FIELDS.items())))
    fingerprint = RequestFingerprint()
    assert fingerprint.with_fields(FIELDS) == fingerprint.with_fields(FIELDS) == of([], FIELDS)
    assert len(of(FILES, FIELDS)) == 64


@pytest.mark.parametrize(
    ("files", "fields"),
    [
        (FILES, {**FIELDS, "batch_name": b"Holiday"}),
        (FILES, {**FIELDS, "recipe": b""}),
        (FILES, {"batch_name": b"holiday"}),
        (FILES, {"batch_name": b"holiday7", "chunk_size": b""}),
        (list(reversed(FILES)), FIELDS),
        (FILES[:1], FIELDS),
        ([*FILES, FILES[0]], FIELDS),
        ([("a.jpeg", 1, "aa"), FILES[1]], FIELDS),
        ([("a.jpg", 3, "aa"), FILES[1]], FIELDS),
        ([("a.jpg", 1, "ab"), FILES[1]], FIELDS),
        ([('a.jpg", 1, "aa"]["b.jpg', 2, "bb")], FIELDS),
    ],
)
def test_another_request_has_another(files: list[tuple[str, int, str]], fields: dict[str, bytes]) -> None:
    """A field, a name, a size, a byte, the order; and no name can pass for two files."""
    assert of(files, fields) != of(FILES, FIELDS)
