"""What all documents have in common."""

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

Priority = Literal["high", "normal", "low"]
"""How urgent a batch is."""

PRIORITIES: tuple[Priority, ...] = get_args(Priority)


class Document(BaseModel):
    """A record in the database: immutable, and tolerant of fields that a newer version added."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    format_version: Literal[1] = 1
