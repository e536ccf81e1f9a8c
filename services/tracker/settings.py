"""The tracker's settings, each an environment variable with the prefix DARKROOM_."""

from pydantic import Field

from shared.running.settings import ServiceSettings


class TrackerSettings(ServiceSettings):
    """How results are gathered before they are written."""

    fold_max_results: int = Field(default=500, ge=1)
    """Results written in one go at most."""

    fold_wait_seconds: float = Field(default=0.2, gt=0)
    """The longest that a result waits for others before it is written: people see five updates a second at most, and
    each write costs the same for one result as for a hundred."""

    max_settling_seconds: float = Field(default=75.0, ge=0)
    """Longest that a stopped batch waits for its images in development; then they are revoked like the others. More
    than twice the workers' `image_timeout_seconds`, as an image that loses its child is tried once more."""

    roll_up_seconds: float = Field(default=5.0, gt=0)
    """Pause between two rounds of the reconciler, which adds up every unfinished batch again."""
