"""What the Celery worker is told by the process that measures it."""

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic_settings import BaseSettings, SettingsConfigDict


class CeleryDesignSettings(BaseSettings):
    """Read from environment variables with the prefix BENCH_CELERY_."""

    model_config = SettingsConfigDict(env_prefix="BENCH_CELERY_", frozen=True)

    rabbitmq_url: str = "amqp://"
    mongodb_url: str = "mongodb://127.0.0.1/celery"
    prints: Path | None = None
    """Folder for the prints; without it, images are read and nothing is made of them."""

    count_after: Literal["image", "chunk"] = "image"
    """When the batch's counters are incremented. The contract's progress moves image by image, as the original's did;
    after each chunk is the fewest writes that still count, and progress in steps of a chunk."""


@cache
def celery_design_settings() -> CeleryDesignSettings:
    """The settings of this process, read once."""
    return CeleryDesignSettings()
