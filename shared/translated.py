"""Texts for people in the languages that Darkroom speaks."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, Self

Language = Literal["ko", "en"]


@dataclass(frozen=True)
class Translated:
    """A text in every language."""

    korean: str
    english: str

    def in_language(self, language: Language, values: Mapping[str, object] | None = None) -> str:
        """The text in that language; with `values` it is a template, and translated values are filled in likewise."""
        text = self.english if language == "en" else self.korean
        if values is None:
            return text
        return text.format_map(
            {
                name: value.in_language(language) if isinstance(value, Translated) else value
                for name, value in values.items()
            }
        )


def translated(value: Any, language: Language) -> Any:
    """Give a value for JSON with each text in it in that language."""
    match value:
        case Translated():
            return value.in_language(language)
        case dict():
            return {name: translated(one, language) for name, one in value.items()}
        case list():
            return [translated(one, language) for one in value]
    return value


class TranslatedCode(StrEnum):
    """A catalogue: each member is a stable code for programs and has a text for people."""

    text: Translated

    def __new__(cls, code: str, korean: str, english: str) -> Self:
        """A member that is equal to its code."""
        member = str.__new__(cls, code)
        # Otherwise the whole tuple would be the value by which Enum finds a member.
        member._value_ = code
        member.text = Translated(korean, english)
        return member

    @classmethod
    def of_code(cls, code: str | None) -> Self | None:
        """The member with that code; None if there is none."""
        return next((member for member in cls if member == code), None)
