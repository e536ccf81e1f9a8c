"""Messages as bytes on the wire, and back."""

from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from shared.errors import UndecodableMessageError
from shared.messaging.messages import Message

MAX_BYTES = 64 * 1024
"""Messages carry references; anything larger is refused before it is parsed."""

_decoder: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="type")])


def encode(message: Message) -> bytes:
    """A message as UTF-8 JSON."""
    return message.encoded()


def decode(data: bytes) -> Message:
    """The message in `data`.

    Raises `UndecodableMessageError` for anything too large, not JSON, of an unknown type or version, or with
    fields missing.
    """
    # Before it is parsed: a message of megabytes would hold up everything else in the process.
    if len(data) > MAX_BYTES:
        raise UndecodableMessageError(f"a message of {len(data)} bytes is larger than {MAX_BYTES}")
    try:
        return _decoder.validate_json(data)
    except ValidationError as error:
        problems = "; ".join(": ".join([*map(str, e["loc"]), e["msg"]]) for e in error.errors()[:5])
        raise UndecodableMessageError(f"not a message this version knows: {problems}") from error
