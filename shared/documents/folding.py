"""What trackers learn about a chunk."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from shared.documents.chunk import Outcome


class Folding(BaseModel):
    """What was learnt about one chunk: outcomes per image, and the cause if the chunk was given up."""

    model_config = ConfigDict(frozen=True)

    chunk_id: str
    outcomes: Mapping[int, Outcome] = Field(default_factory=dict)
    abandoned: Outcome | None = None
    chunk_images: int = 0
    """How many images the chunk has, where that is known."""

    @property
    def may_be_whole(self) -> bool:
        """Whether these are outcomes of all images of the chunk, as far as is known."""
        return self.abandoned is None and 0 < self.chunk_images == len(self.outcomes)
