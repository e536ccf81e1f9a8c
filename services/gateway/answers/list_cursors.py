"""Where a page of a list ends: when its last entry was made, and the entry's id."""

import re
from datetime import UTC, datetime, timedelta

CURSOR_PATTERN = r"^([0-9]{1,17}-[0-9A-Za-z-]{1,64})?$"
"""Microseconds since 1970 and an id; empty for the beginning."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def cursor_behind(created_at: datetime, id_: str) -> str:
    """The cursor of what comes behind an entry."""
    return f"{(created_at - _EPOCH) // _MICROSECOND}-{id_}"


def place_at(cursor: str) -> tuple[datetime, str] | None:
    """The entry that a cursor stands behind; None for the beginning."""
    found = re.fullmatch(r"(\d+)-(.+)", cursor)
    return (_EPOCH + int(found[1]) * _MICROSECOND, found[2]) if found else None
