"""Which language an Accept-Language header prefers."""

import pytest

from services.gateway.answers.language import preferred_language


@pytest.mark.parametrize(
    "header",
    [
        "en",
        "EN-us",
        "en;q=0.5",
        "en,ko",
        "ko;q=0.5,en;q=0.9",
        "fr,en;q=0.5",
        "en-US,en;q=0.9",
        "*;q=0.5,en",
        "*,ko;q=0",
        "ko;q=0.7 , en-GB ; q=0.8",
    ],
)
def test_english_is_spoken_to_who_prefers_it(header: str) -> None:
    """By quality, and among equals by order."""
    assert preferred_language(header) == "en"


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "ko",
        "ko,en",
        "ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7",
        "fr",
        "*",
        "en;q=0",
        "en;q=0.2, ko;q=0.3",
    ],
)
def test_korean_is_spoken_to_everybody_else(header: str | None) -> None:
    """Also to who asks for neither, or for anything."""
    assert preferred_language(header) == "ko"


@pytest.mark.parametrize(
    "garbage", ["en;q=abc", "en;q=1.5", "\x00;;;,,=", "=en", "en_US", "q=1;en", "e" * 9, "," * 9999]
)
def test_garbage_is_ignored(garbage: str) -> None:
    """What cannot be read counts as not said."""
    assert preferred_language(garbage) == "ko"
    assert preferred_language(f"{garbage},en") == "en"
