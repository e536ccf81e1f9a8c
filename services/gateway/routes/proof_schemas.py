"""The JSON of proofs, field by field."""

from pydantic import Field

from services.gateway.answers.addresses import batch_path, proof_path
from services.gateway.answers.envelope import Body, Instant
from services.gateway.answers.schemas import EXAMPLE_ID
from services.gateway.collecting.image_pages import ListedImage, OutcomeFilter
from services.gateway.routes.image_schemas import PrintLink
from shared.documents import Batch, StageTimes
from shared.failure_codes import failure_sentence
from shared.translated import Language


class ProofOriginal(Body):
    """The image that the proof is of."""

    name: str = Field(examples=["IMG_2041.jpg"])
    url: str = Field(examples=[f"{batch_path(EXAMPLE_ID)}/images/0/original"])
    size_bytes: int = Field(examples=[3120455])

    width: int | None = Field(default=None, examples=[4032])
    """In pixels, as stored; null until it is developed."""

    height: int | None = Field(default=None, examples=[3024])

    format: str | None = Field(default=None, examples=["jpeg"])
    """What its bytes say; null until it is developed."""


class Proof(Body):
    """One image developed by a recipe that is tried out."""

    proof_id: str = Field(examples=[EXAMPLE_ID])

    url: str = Field(examples=[proof_path(EXAMPLE_ID)])
    """Where this is answered again."""

    expires_at: Instant
    """From then on it is removed, with the original and the prints."""

    state: OutcomeFilter = Field(examples=["completed"])
    """`pending` while it waits for a worker; `revoked` if it was cancelled."""

    prints: tuple[PrintLink, ...] = ()
    original: ProofOriginal

    timings_ms: StageTimes = Field(default={}, examples=[{"decode": 41, "0:auto_orient": 6, "print:web": 38}])
    """How long each stage took: `number:step` for the recipe's steps, `print:name` for outputs."""

    duration_ms: int | None = Field(default=None, examples=[130])
    """How long all of it took; null unless it is completed."""

    code: str | None = Field(default=None, examples=[None])
    """Why it failed, for programs."""

    message: str | None = Field(default=None, examples=[None])
    """Why it failed, for people."""

    @classmethod
    def of(cls, proof: Batch, image: ListedImage, language: Language) -> "Proof":
        """The proof, whose one image this is."""
        outcome, index = image.outcome, image.entry.index
        found = (
            outcome.original.model_dump(include={"width", "height", "format"}) if outcome and outcome.original else {}
        )
        url = f"{batch_path(proof.id)}/images/{index}/original"
        return cls(
            proof_id=proof.id,
            url=proof_path(proof.id),
            expires_at=proof.proof_expires_at or proof.updated_at,
            state=image.state,
            prints=tuple(PrintLink.of(proof.id, index, made) for made in outcome.prints) if outcome else (),
            original=ProofOriginal(name=image.entry.name, url=url, size_bytes=image.entry.size_bytes, **found),
            timings_ms=outcome.timings_ms if outcome else {},
            duration_ms=outcome.duration_ms if outcome and outcome.state == "completed" else None,
            code=outcome.code if outcome else None,
            message=failure_sentence(outcome.code, outcome.message, language) if outcome else None,
        )
