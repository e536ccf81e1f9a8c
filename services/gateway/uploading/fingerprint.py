"""What tells one upload request from another: its text fields, and its files in their order."""

import hashlib
import json
from collections.abc import Mapping

from shared.documents import ManifestEntry


class RequestFingerprint:
    """Takes a request's files as they come in; a million of them cost it no more memory than one."""

    def __init__(self) -> None:
        self._files = hashlib.sha256()

    def add(self, file: ManifestEntry) -> None:
        """Take the next file."""
        # As JSON, because no name can then be taken for the end of one file and the beginning of another.
        self._files.update(json.dumps([file.name, file.size_bytes, file.sha256]).encode())

    def with_fields(self, fields: Mapping[str, bytes]) -> str:
        """The SHA-256 of the request in hexadecimal; its fields may have come before or after the files."""
        whole = self._files.copy()
        whole.update(json.dumps([[name, value.hex()] for name, value in sorted(fields.items())]).encode())
        return whole.hexdigest()
