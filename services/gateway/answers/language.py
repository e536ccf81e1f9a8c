"""Which language an answer is in: Korean, unless the request's Accept-Language prefers English (RFC 9110, 12.5.4)."""

import re
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from shared.translated import Language

_LANGUAGE_RANGE = re.compile(
    r"(?P<tag>\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)(?:[ \t]*;[ \t]*q=(?P<quality>0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?",
    re.IGNORECASE,
)


def preferred_language(accept_language: str | None) -> Language:
    """The language that the header prefers; what cannot be read in it is ignored, and equals go by their order."""
    qualities = _qualities(accept_language or "")
    korean, english = _rank("ko", qualities), _rank("en", qualities)
    return "en" if english > korean else "ko"


def _qualities(header: str) -> dict[str, tuple[float, int]]:
    """Each primary language (or `*`) with its best quality, and how early it stands: larger is earlier."""
    found: dict[str, tuple[float, int]] = {}
    for position, element in enumerate(header.split(",")):
        match = _LANGUAGE_RANGE.fullmatch(element.strip(" \t"))
        if match is None:
            continue
        primary = match["tag"].lower().partition("-")[0]
        rank = (float(match["quality"] or 1), -position)
        found[primary] = max(rank, found.get(primary, rank))
    return found


def _rank(language: Language, qualities: dict[str, tuple[float, int]]) -> tuple[float, int]:
    quality, position = qualities.get(language, qualities.get("*", (0.0, 0)))
    # A language that is not acceptable at all has no place in the order either.
    return (quality, position) if quality > 0 else (0.0, 0)


def request_language(request: HTTPConnection) -> Language:
    """The language that the request wants its answer in."""
    return preferred_language(",".join(request.headers.getlist("accept-language")))


async def _request_language(request: HTTPConnection) -> Language:
    return request_language(request)


RequestLanguage = Annotated[Language, Depends(_request_language)]
