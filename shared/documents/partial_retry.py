"""Retries of some of the images that failed or were revoked: which these are, and what became of the others."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from shared.documents.chunk import Outcome
from shared.documents.failure_counts import FailureCounts

MAX_INDEXES = 1000
"""Images of a batch that can be retried by their indexes: its document stays small."""

MAX_CODES = 50
"""Codes that one retry can name."""


@dataclass(frozen=True)
class Selection:
    """The images that a retry is of: those whose failure has one of the `codes`, and those in `indexes` in any state.

    The code `revoked` is that of revoked images. `found` counts the images in `indexes` by their results
    (`Outcome.result`). It holds for a batch that has finished in this `generation`; null if it had not finished when
    it was looked at.
    """

    codes: frozenset[str] = frozenset()
    indexes: frozenset[int] = frozenset()
    found: Mapping[str, int] = field(default_factory=dict)
    generation: int | None = None


class PartialRetry(BaseModel):
    """A generation of some images only: those with a result in `codes`, and those that `Batch.remade` names for it.

    The last generation before it that took everything that had failed or was revoked is `full_generation`. Those
    between were partial as well, and took the `earlier_codes`, each with the last generation in which it was taken.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    generation: int
    codes: tuple[str, ...] = ()
    carried_failure_codes: FailureCounts = Field(default_factory=dict)
    """What failed in earlier generations and still counts, by code."""
    carried_revoked_images: int = 0
    """Images that earlier generations left revoked, and that still count so."""
    full_generation: int = 0
    earlier_codes: Mapping[str, int] = Field(default_factory=dict)

    @classmethod
    def following(
        cls,
        earlier: "PartialRetry | None",
        generation: int,
        codes: frozenset[str],
        *,
        carried_failure_codes: FailureCounts,
        carried_revoked_images: int,
    ) -> Self:
        """Make the retry that opens this generation; `earlier` is that of the generation before, if it was partial."""
        return cls(
            generation=generation,
            codes=tuple(sorted(codes)),
            carried_failure_codes=carried_failure_codes,
            carried_revoked_images=carried_revoked_images,
            full_generation=earlier.full_generation if earlier else generation - 1,
            earlier_codes=earlier.retried_codes if earlier else {},
        )

    @property
    def retried_codes(self) -> Mapping[str, int]:
        """Each code that was taken since `full_generation`, with the last generation in which it was."""
        return {**self.earlier_codes, **dict.fromkeys(self.codes, self.generation)}

    def was_retried(self, outcome: Outcome, generation: int) -> bool:
        """Whether images with this outcome of that generation were retried between it and the present one."""
        if outcome.state == "completed":
            return False
        return generation < max(self.full_generation, self.earlier_codes.get(outcome.result, 0))
