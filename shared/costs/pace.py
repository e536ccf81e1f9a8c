"""How fast a batch moves at present."""

import math
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

MEMORY_SECONDS = 15.0
"""What happened so long ago weighs 1/e of what happens now."""


class Pace(BaseModel):
    """Work that ended, and the seconds in which it did, both weighed less the longer ago.

    While a batch is younger than the memory, their ratio is its average: a mean of rates would hang on the first.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    work: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    seconds: float = Field(default=0.0, ge=0, allow_inf_nan=False)

    def went_on(self, work: float, seconds: float) -> Self:
        """This pace after so much more work in so many seconds; itself where a clock went back."""
        if not seconds > 0 or not work >= 0:
            return self
        # Both are spread over the interval, which may be longer than the memory.
        kept = math.exp(-seconds / MEMORY_SECONDS)
        weighed = MEMORY_SECONDS * (1 - kept)
        return self.model_copy(
            update={
                "work": self.work * kept + work / seconds * weighed,
                "seconds": self.seconds * kept + weighed,
            }
        )

    @property
    def work_per_second(self) -> float | None:
        """The rate; None as long as nothing has ended."""
        return self.work / self.seconds if self.work > 0 and self.seconds > 0 else None
