"""Conditional requests by entity tags (RFC 9110, 8.8.3 and 13.1.2)."""

import re
from collections.abc import Sequence

_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


def is_named(etag: str, if_none_match: Sequence[str]) -> bool:
    """Whether one of the If-None-Match headers names the tag, by the weak comparison, or any with `*`."""
    value = ",".join(if_none_match).strip()
    return value == "*" or etag.removeprefix("W/") in _TAG.findall(value)
