"""Proofs over HTTP: what a recipe makes of one image, before it is used for many."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.gateway.answers.batch_codes import BatchCode
from services.gateway.answers.envelope import Envelope
from services.gateway.answers.language import RequestLanguage
from services.gateway.answers.proof_codes import ProofCode
from services.gateway.answers.recipe_codes import CHOICE_ERRORS
from services.gateway.answers.upload_codes import UploadCode
from services.gateway.collecting.image_pages import Images
from services.gateway.routes.dependencies import ImagesDep, ProofsDep, UploadsDep
from services.gateway.routes.documented_router import DocumentedRouter, raises
from services.gateway.routes.proof_schemas import Proof
from services.gateway.routes.upload_body import FORM_ERRORS, proof_body
from services.gateway.uploading.multipart_parts import boundary_of, read_parts
from shared.documents import Batch
from shared.translated import Language

router = DocumentedRouter(prefix="/pipeline/proofs", tags=["recipes"])

_PENDING: dict[int | str, dict[str, Any]] = {
    202: {"model": Envelope[Proof], "description": "It waits for a worker; its `url` answers it again"}
}


@router.post("", summary="Make a proof / 시험 현상", openapi_extra=proof_body(), responses=_PENDING)
@raises(
    *FORM_ERRORS,
    *CHOICE_ERRORS,
    ProofCode.PROOF_NEEDS_IMAGE,
    ProofCode.PROOF_OF_TWO_IMAGES,
    ProofCode.PROOF_SOURCE_INVALID,
    ProofCode.PROOF_ORIGINAL_GONE,
    ProofCode.TOO_MANY_PROOFS,
    BatchCode.BATCH_NOT_FOUND,
    BatchCode.IMAGE_NOT_FOUND,
    UploadCode.NO_IMAGES,
    UploadCode.BACKLOG_TOO_OLD,
)
async def make_proof(
    request: Request,
    response: Response,
    proofs: ProofsDep,
    uploads: UploadsDep,
    images: ImagesDep,
    language: RequestLanguage,
) -> Envelope[Proof]:
    """Develop one image by a recipe that is being tried out, and wait up to ten seconds for its prints.

    The image is a file, or image `index` of the batch `batch_id`; the form may have 25 MiB unless the server is set
    otherwise. An image that cannot be developed has its reason in `code` and `message`. A proof goes before other work,
    is in no list and in no statistics, and is removed after ten minutes. It is given up if the client leaves while it
    waits.
    """
    boundary = boundary_of(request.headers.get("content-type"))
    async with proofs.limit.enter():
        async with uploads.enter(request.state.upload):
            submitted = await proofs.submit(read_parts(request.stream(), boundary))
        proof = await proofs.follow(submitted.id, _client_left(request))
    return await _answer(proof, images, language, response)


@router.get("/{proof_id}", summary="A proof / 시험 현상 보기", responses=_PENDING)
@raises(ProofCode.PROOF_NOT_FOUND)
async def show_proof(
    proofs: ProofsDep, images: ImagesDep, language: RequestLanguage, response: Response, proof_id: UUID
) -> Envelope[Proof]:
    """What has become of a proof: 202 while it waits for a worker, and 404 once it is removed."""
    return await _answer(await proofs.find(str(proof_id)), images, language, response)


async def _answer(proof: Batch, images: Images, language: Language, response: Response) -> Envelope[Proof]:
    answer = Proof.of(proof, await images.one(proof, 0), language)
    response.headers["Content-Language"] = language
    if answer.state == "pending":
        response.status_code = HTTPStatus.ACCEPTED
    return Envelope(data=answer)


async def _client_left(request: Request) -> None:
    """Return once the connection is closed; the body has to be read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
