"""Error codes of requests for proofs."""

from http import HTTPStatus

from services.gateway.answers.errors import ErrorCode


class ProofCode(ErrorCode):
    """Why a proof is refused."""

    PROOF_NEEDS_IMAGE = (
        "proof_needs_image",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "시험 현상할 이미지가 없습니다. file 필드에 파일 하나를 첨부하거나 batch_id와 index를 함께 보내 주세요.",
        "There is no image to make a proof of. Attach one in the field file, or send batch_id and index.",
    )
    PROOF_OF_TWO_IMAGES = (
        "proof_of_two_images",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "한 번에 이미지 하나만 시험 현상합니다. 파일 하나를 보내거나 batch_id와 index를 보내 주세요.",
        "A proof is of one image. Send one file, or batch_id and index.",
    )
    PROOF_SOURCE_INVALID = (
        "proof_source_invalid",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "batch_id는 배치의 ID, index는 0 이상의 정수여야 하고, 둘을 함께 보내야 합니다.",
        "batch_id has to be the id of a batch, index a whole number of at least 0, and both go together.",
    )
    PROOF_ORIGINAL_GONE = (
        "proof_original_gone",
        HTTPStatus.NOT_FOUND,
        "이 이미지의 원본이 저장소에 없습니다. 파일을 직접 첨부해 주세요.",
        "The original of this image is not in the object store. Attach the file itself.",
    )
    PROOF_NOT_FOUND = (
        "proof_not_found",
        HTTPStatus.NOT_FOUND,
        "이 ID의 시험 현상이 없습니다. 시험 현상은 잠시 뒤에 지워지니 다시 만들어 주세요.",
        "There is no proof with this id. Proofs are kept for a short time only; make it again.",
    )
    TOO_MANY_PROOFS = (
        "too_many_proofs",
        HTTPStatus.SERVICE_UNAVAILABLE,
        "동시에 만드는 시험 현상이 너무 많습니다. 잠시 후 다시 요청해 주세요.",
        "Too many proofs are being made. Ask again in a moment.",
    )
