"""Which release runs."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def release() -> str:
    """The installed release, such as `0.1.0`; `unknown` where the code runs without being installed."""
    try:
        return version("darkroom")
    except PackageNotFoundError:
        return "unknown"
