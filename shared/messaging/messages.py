"""The messages that services send each other.

Each is one flat JSON object with a `type` and a `version`. Fields are only ever added, with a default;
unknown fields are ignored, so services of neighbouring versions understand each other.
"""

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field

from shared.documents import MAX_STAGES, Original, Outcome, Print, Priority, StageTimes, chunk_id

MAX_NUMBER = 2**31
"""Larger numbers mean nothing here, and some the database could not hold."""


class MessageModel(BaseModel):
    """What all messages have in common."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    identity: ClassVar[tuple[str, ...]]
    """The fields that tell one fact from others of its type."""

    version: Literal[1] = 1

    @classmethod
    def topic(cls, *levels: str) -> str:
        """The routing key of this type of message: its `type`, and what divides it further."""
        return ".".join((cls.model_fields["type"].default, *levels))

    @property
    def routing_key(self) -> str:
        """The topic under which this message is published."""
        return self.topic()

    @property
    def message_id(self) -> str:
        """The same for every publication of the same fact."""
        return ":".join([self.topic(), *(str(getattr(self, name)) for name in self.identity)])

    def encoded(self) -> bytes:
        """The message as UTF-8 JSON."""
        return self.model_dump_json().encode()


class ChunkMessage(MessageModel):
    """What messages about a chunk have in common."""

    identity: ClassVar[tuple[str, ...]] = ("batch_id", "chunk")

    batch_id: str
    chunk: int

    @property
    def chunk_id(self) -> str:
        return chunk_id(self.batch_id, self.chunk)


class BatchSubmitted(MessageModel):
    """Gateway to chunker: the batch is recorded and may be cut into chunks."""

    identity = ("batch_id", "generation")

    type: Literal["batch.submitted"] = "batch.submitted"
    batch_id: str
    generation: int = 0


class ChunkReady(ChunkMessage):
    """Chunker to workers: one chunk may be developed. `attempt` counts from 0.

    `cost_ms`: the processor time that its images are predicted to take together; 0 if unknown.
    `express`: it belongs to the first work of its batch, which goes ahead of what others have waiting.
    """

    identity = ("batch_id", "chunk", "attempt")

    type: Literal["chunk.ready"] = "chunk.ready"
    priority: Priority = "normal"
    attempt: int = Field(default=0, ge=0)
    owner: str = ""
    cost_ms: int = Field(default=0, ge=0, le=MAX_NUMBER)
    express: bool = False

    @property
    def routing_key(self) -> str:
        """Chunks of each priority have a topic of their own, and express ones another."""
        return self.topic("express" if self.express else self.priority)


class ImageMessage(ChunkMessage):
    """What both results of one image carry; `index` counts from 0 in the batch."""

    identity = ("batch_id", "chunk", "index")

    index: int = Field(ge=0, le=MAX_NUMBER)
    chunk_images: int = Field(default=0, ge=0, le=MAX_NUMBER)
    """How many images its chunk has; 0 from a worker of an earlier version."""
    duration_ms: int = Field(default=0, ge=0, le=MAX_NUMBER)
    cpu_ms: int = Field(default=0, ge=0, le=MAX_NUMBER)
    """Processor time of the image's child; 0 where it is not known."""
    size_bytes: int = Field(default=0, ge=0, le=MAX_NUMBER)
    """Of the original; 0 where it is not known."""
    worker: str = ""


class ImageCompleted(ImageMessage):
    """Worker to tracker: every print of one image is stored."""

    type: Literal["image.completed"] = "image.completed"
    prints: tuple[Print, ...] = ()
    original: Original | None = None
    timings_ms: StageTimes = Field(default={}, max_length=MAX_STAGES)

    @property
    def outcome(self) -> Outcome:
        """What the chunk's document says of the image from now on."""
        return Outcome(
            state="completed",
            prints=self.prints,
            original=self.original,
            duration_ms=self.duration_ms,
            timings_ms=self.timings_ms,
            worker=self.worker,
        )


class ImageFailed(ImageMessage):
    """Worker to tracker: one image can never be developed; `code` is stable, `message` is for its owner."""

    type: Literal["image.failed"] = "image.failed"
    code: str
    message: str

    @property
    def outcome(self) -> Outcome:
        """What the chunk's document says of the image from now on."""
        return Outcome(
            state="failed", code=self.code, message=self.message, duration_ms=self.duration_ms, worker=self.worker
        )


ImageResult = ImageCompleted | ImageFailed
"""How the development of one image ended."""


class ImageResults(MessageModel):
    """Worker to tracker: results that were ready at the same moment and share one message, each still its own event.

    A lone result travels as itself; see docs/decisions/0006-results-share-messages.md.
    """

    type: Literal["image.results"] = "image.results"
    results: tuple[Annotated[ImageResult, Field(discriminator="type")], ...] = Field(min_length=1)
    _joined: bytes | None = None

    def made_of(self, encoded: Iterable[bytes]) -> Self:
        """This message as what its results were encoded to before, so that they are not encoded again."""
        self._joined = _RESULTS_AROUND % b",".join(encoded)
        return self

    def encoded(self) -> bytes:
        return super().encoded() if self._joined is None else self._joined

    @property
    def batch_id(self) -> str:
        """The batch of the first result; the others may be of other batches."""
        return self.results[0].batch_id

    @property
    def message_id(self) -> str:
        """Tells the message from others; a worker that develops the same images again may group them otherwise."""
        return f"{self.type}:{self.results[0].message_id}+{len(self.results) - 1}"


_RESULTS_AROUND = b'{"version":1,"type":"image.results","results":[%b]}'


class ChunkFailed(ChunkMessage):
    """Worker to tracker: the chunk's last attempt failed; its images without an outcome fail with this cause."""

    type: Literal["chunk.failed"] = "chunk.failed"
    code: str
    message: str


class BatchStopped(MessageModel):
    """Gateway to tracker: the batch ends early; once results on their way have settled, the rest is revoked.

    The batch document says so too, and a sweep finds it: a lost message costs seconds.
    """

    identity = ("batch_id", "generation")

    type: Literal["batch.stopped"] = "batch.stopped"
    batch_id: str
    generation: int = 0


class ChunkSettled(MessageModel):
    """Tracker to chunker: so many chunks of the generation have settled, and more may be released.

    A count and no list: a later message makes up for a lost one. A gateway that has changed how the batch is to be
    released sends the present count, for the chunker looks at the batch then.
    """

    identity = ("batch_id", "generation", "settled_chunks")

    type: Literal["chunk.settled"] = "chunk.settled"
    batch_id: str
    generation: int
    settled_chunks: int


class BatchProgressed(MessageModel):
    """Chunker, tracker and gateway to every gateway: the batch document has reached this version. Only a hint."""

    identity = ("batch_id", "batch_version")

    type: Literal["batch.progressed"] = "batch.progressed"
    batch_id: str
    batch_version: int


ResultMessage = ImageResult | ImageResults | ChunkFailed | BatchStopped
"""What goes to the tracker: results, and that no more of them will come."""

RESULT_MESSAGES: tuple[type[ResultMessage], ...] = get_args(ResultMessage)

WorkMessage = BatchSubmitted | ChunkSettled
"""What goes to the chunker: there is something to release, or room for more."""

WORK_MESSAGES: tuple[type[WorkMessage], ...] = get_args(WorkMessage)

Message = BatchSubmitted | ChunkReady | ResultMessage | ChunkSettled | BatchProgressed
