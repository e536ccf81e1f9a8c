"""The one source of wall-clock time, passed in wherever time matters so that tests can own it."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Answers the present as an aware UTC datetime."""


def utc_now() -> datetime:
    """The present in UTC, cut to milliseconds because MongoDB keeps no more."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
