"""File names for what people take home, made of a client's text: harmless on every system, and readable in Korean."""

import unicodedata
from pathlib import PurePosixPath
from urllib.parse import quote

MAX_STEM_BYTES = 160
"""In UTF-8; with what is added a name stays below 255 bytes, the most that file systems take."""

JOINERS = frozenset("\u200c\u200d")
"""Parts of words and of emoji; other characters that cannot be seen can turn a name's direction."""

_NOT_ON_WINDOWS = frozenset('<>:"/\\|?*')
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def file_stem(text: str, otherwise: str) -> str:
    """The text as a part of a file name: composed (NFC), without anything that is a path or cannot be seen.

    What has to go becomes `_`; `otherwise` stands for an empty text.
    """
    composed = unicodedata.normalize("NFC", text)
    harmless = "".join("_" if _is_harmful(character) else character for character in composed)
    # Cut between bytes of a character, the rest of it is dropped.
    return harmless.encode()[:MAX_STEM_BYTES].decode(errors="ignore").strip() or otherwise


def print_name(label: str, output: str, extension: str) -> str:
    """The file name of a print: `IMG_2041-web.jpg` for the output `web` of an original labelled `a/IMG_2041.png`."""
    stem = PurePosixPath(label.replace("\\", "/")).stem
    return f"{file_stem(stem, 'image')}-{output}.{extension}"


def numbered(index: int, total: int, name: str) -> str:
    """The name with the image's index before it: unlike any other image's, and in the order of the upload if sorted."""
    return f"{index:0{len(str(total - 1))}}-{name}"


def content_disposition(kind: str, name: str) -> str:
    """The header's value: `kind` is `inline` or `attachment`; old clients get the name's ASCII letters (RFC 6266)."""
    plain = "".join(character if character.isalnum() or character in "-_. " else "_" for character in name)
    # `isalnum` is true of Hangul too, which ASCII replaces by `?`, a character that Windows refuses.
    plain = plain.encode("ascii", errors="replace").decode().replace("?", "_")
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _is_harmful(character: str) -> bool:
    if character in _NOT_ON_WINDOWS:
        return True
    return unicodedata.category(character) in _INVISIBLE and character not in JOINERS
