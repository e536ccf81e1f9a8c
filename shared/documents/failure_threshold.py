"""When a batch is given up because too many of its images failed."""

from pydantic import BaseModel, ConfigDict, Field

DEFAULT_FAILURE_SAMPLE = 20


class FailureThreshold(BaseModel):
    """When a batch fails wholesale: at `percent` failed of the images that ended, once at least `sample` have ended.

    Both are of the present generation.
    """

    model_config = ConfigDict(frozen=True)

    percent: float = Field(gt=0, le=100)
    sample: int = Field(default=DEFAULT_FAILURE_SAMPLE, ge=1)

    def is_reached(self, failed_images: int, ended_images: int) -> bool:
        """Whether these figures make the rest not worth developing."""
        return ended_images >= self.sample and 100 * failed_images >= self.percent * ended_images
