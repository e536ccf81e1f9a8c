"""Which release answers, and which page it serves."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version

from services.gateway.answers.built_page import BuiltPage


@cache
def server_version() -> str:
    """The installed release, such as `0.2.0`; `unknown` where the code runs without being installed."""
    try:
        return version("darkroom")
    except PackageNotFoundError:
        return "unknown"


def page_version() -> str | None:
    """The hash of the page that is built at present; None without one."""
    return BuiltPage().version
