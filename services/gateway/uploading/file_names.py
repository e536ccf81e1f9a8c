"""Client's names for fields and files, decoded as their senders meant them. They are labels, never part of a path."""

import unicodedata
from collections.abc import Iterable
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from typing import Any
from urllib.parse import unquote_to_bytes

from multipart import content_disposition_unquote, parse_options_header

MAX_NAME_CHARACTERS = 1024
"""Longest label of a file that is kept; more of it is cut off."""

_LEGACY_CHARSET = "cp949"
"""What older Korean systems send where it is no UTF-8."""


def part_names(disposition: str) -> tuple[str, str | None]:
    """Give a part's field and file name from its Content-Disposition, whose bytes were read as Latin-1.

    The field is empty where it has no name, the file name None where it is no file. Of two forms of a file name,
    `filename*` counts (RFC 5987); an encoded word (RFC 2047) and a name that is percent-encoded as a whole are decoded.
    """
    _, options = parse_options_header(disposition, unquote=content_disposition_unquote)
    field = _text(options.get("name", "").encode("latin-1"))
    found, plain = _extended(disposition), options.get("filename")
    if found is not None:
        charset, data = found
        name = _decoded(data, charset)
        if name is None:
            name = _text(data) if plain is None else _plain(plain)
        return field, label(name)
    return field, None if plain is None else label(_plain(plain))


def meant_name(name: str) -> str:
    """What a file of that name is called once a form was received with it, but for its label."""
    # As browsers send it; the library is given the quotes that it takes away.
    quoted = name.replace('"', "%22")
    return _meant(content_disposition_unquote(f'"{quoted}"', filename=True))


def _extended(disposition: str) -> tuple[str | None, bytes] | None:
    """Find the charset and bytes of `filename*`, which the library does not know; mail programs send it in parts."""
    header = Message()
    header["Content-Disposition"] = disposition
    parameters: Iterable[tuple[str, Any]] = header.get_params((), header="Content-Disposition")
    for name, value in parameters:
        if name == "filename" and isinstance(value, tuple):
            charset, _, text = value
            return charset, text.encode("latin-1")
    return None


def _decoded(data: bytes, charset: str | None) -> str | None:
    try:
        return data.decode(charset, errors="replace") if charset else None
    except (LookupError, ValueError):
        return None


def _plain(value: str) -> str:
    return _meant(_text(value.encode("latin-1")))


def _meant(text: str) -> str:
    if text.startswith("=?") and text.endswith("?="):
        return _decoded_words(text)
    if text.isascii() and "%" in text:
        return _percent_decoded(text)
    return text


def _decoded_words(text: str) -> str:
    try:
        return str(make_header(decode_header(text)))
    except (HeaderParseError, LookupError, ValueError):
        return text


def _percent_decoded(text: str) -> str:
    """Decode a name that is other than ASCII in UTF-8; `100%25.jpg` may well be called that."""
    try:
        decoded = unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError:
        return text
    return text if decoded.isascii() else decoded


def _text(data: bytes) -> str:
    for charset in ("utf-8", _LEGACY_CHARSET):
        try:
            return data.decode(charset)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", errors="replace")


def label(name: str) -> str:
    """Cut a name to its limit, without characters that could play tricks on a terminal."""
    cut = name if len(name) <= MAX_NAME_CHARACTERS else f"{name[: MAX_NAME_CHARACTERS - 1]}…"
    return "".join("�" if unicodedata.category(character) in {"Cc", "Cs"} else character for character in cut)
