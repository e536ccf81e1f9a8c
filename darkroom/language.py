"""The language of the person at the terminal."""

from pydantic_settings import BaseSettings

from shared.translated import Language


class _Locale(BaseSettings):
    """The variables that name the language of messages, as POSIX orders them."""

    lc_all: str = ""
    lc_messages: str = ""
    lang: str = ""


def terminal_language() -> Language:
    """Korean in a Korean locale, English otherwise."""
    variables = _Locale()
    name = variables.lc_all or variables.lc_messages or variables.lang
    return "ko" if name.startswith("ko") else "en"
