"""What all documents have in common."""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Document(BaseModel):
    """A record in the database: immutable, and tolerant of fields that a newer version added."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    format_version: Literal[1] = 1
