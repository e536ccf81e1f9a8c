"""The JSON about messages that were given up, field by field."""

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import ConfigDict, Field

from services.gateway.answers.envelope import Body, Instant
from shared.errors import UndecodableMessageError
from shared.messaging.encoding import decode
from shared.ports import DeadLetter, QueueDepth

MAX_SHOWN_BYTES = 4096
"""Of a letter's body; our own messages about one chunk or batch are shorter."""

MAX_REPLAYED = 10_000
"""Most letters that one request without ids sends again."""

MAX_COUNT = 1_000_000_000
"""More letters than any queue has; numbers of any length could not be answered."""


class DeadLetterQueue(Body):
    """A queue, and how many of its messages were given up."""

    queue: str = Field(examples=["tracker.results"])
    messages: int = Field(examples=[1])

    @classmethod
    def of(cls, depth: QueueDepth) -> Self:
        return cls(queue=depth.queue.name, messages=depth.dead_letters)


class DeadLetterQueues(Body):
    """Every work queue, in the order of the flow."""

    queues: Sequence[DeadLetterQueue]


class DeadLetterStatus(Body):
    """A message that was given up."""

    position: int = Field(examples=[0])
    """Among those shown; it may be another next time."""

    id: str = Field(examples=["9f86d081884c7d659a2feaa0"])
    """Stays, and is the same for copies of one message; what `replay` and `drop` take."""

    reason: str = Field(examples=["delivery_limit"])
    """Why it was given up, as its consumer or the broker says."""

    type: str | None = Field(examples=["chunk.ready"])
    """Null for what is no message of Darkroom, or of a newer version."""

    body: str
    """As text, its first 4 KiB; bytes that are no text are escaped."""

    batch_id: str | None
    chunk_id: str | None
    died_at: Instant | None

    @classmethod
    def of(cls, position: int, letter: DeadLetter) -> Self:
        try:
            message = decode(letter.body)
        except UndecodableMessageError:
            message = None
        return cls(
            position=position,
            id=letter.id,
            reason=letter.reason,
            type=getattr(message, "type", None),
            body=letter.body[:MAX_SHOWN_BYTES].decode(errors="backslashreplace"),
            batch_id=getattr(message, "batch_id", None),
            chunk_id=getattr(message, "chunk_id", None),
            died_at=letter.died_at,
        )


class DeadLetterList(Body):
    """Some of a queue's dead letters."""

    letters: Sequence[DeadLetterStatus]


class ChosenLetters(Body):
    """Which dead letters to send again."""

    model_config = ConfigDict(extra="forbid")

    # Strict, because `true` would be one letter.
    count: int | None = Field(default=None, ge=1, le=MAX_REPLAYED, strict=True, examples=[None])
    ids: Annotated[Sequence[str], Field(max_length=100)] | None = Field(default=None, examples=[None])


class DroppedLetters(ChosenLetters):
    """Which dead letters to throw away."""

    count: int | None = Field(default=None, ge=1, le=MAX_COUNT, strict=True, examples=[None])


class LettersReplayed(Body):
    """How many letters were sent to their queue again."""

    replayed: int = Field(examples=[1])


class LettersDropped(Body):
    """How many letters were thrown away."""

    dropped: int = Field(examples=[1])
