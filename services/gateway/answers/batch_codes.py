"""Error codes of requests about batches, and notes of answers about them."""

from http import HTTPStatus

from services.gateway.answers.errors import ErrorCode
from shared.translated import TranslatedCode


class BatchCode(ErrorCode):
    """Why a batch, its images or its prints are refused."""

    BATCH_NOT_FOUND = (
        "batch_not_found",
        HTTPStatus.NOT_FOUND,
        "이 ID의 배치가 없습니다. GET /pipeline/batch 목록에서 ID를 확인해 주세요.",
        "There is no batch with this id. GET /pipeline/batch lists the ids.",
    )
    BATCH_FINISHED = (
        "batch_finished",
        HTTPStatus.CONFLICT,
        "이미 끝난 배치입니다. 실패했거나 취소된 이미지는 retry로 다시 현상할 수 있습니다.",
        "The batch has finished already. Images that failed or were revoked can be developed again with retry.",
    )
    BATCH_RUNNING = (
        "batch_running",
        HTTPStatus.CONFLICT,
        "배치가 아직 끝나지 않았습니다. 끝날 때까지 기다리거나 먼저 취소해 주세요.",
        "The batch has not finished yet. Wait for its end, or cancel it first.",
    )
    BATCH_STOPPING = (
        "batch_stopping",
        HTTPStatus.CONFLICT,
        "배치가 중지되는 중입니다. 현상 중인 이미지까지만 마치고 곧 끝나니 그때 다시 요청해 주세요.",
        "The batch is being stopped. It ends as soon as its images in development are done; ask again then.",
    )
    NOTHING_TO_RETRY = (
        "nothing_to_retry",
        HTTPStatus.CONFLICT,
        "다시 현상할 이미지가 없습니다. 무엇이 남았는지는 이 배치의 failure_codes와 revoked_images에 있습니다.",
        "There is nothing to retry. See failure_codes and revoked_images of this batch for what can be.",
    )
    FAILURE_CODE_UNKNOWN = (
        "failure_code_unknown",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "codes에 없는 실패 코드가 있습니다. 이 배치의 failure_codes에 있는 코드나 revoked를 써 주세요.",
        "There is no such failure code. Use codes from failure_codes of this batch, or revoked.",
    )
    FAILURE_CODES_UNRECORDED = (
        "failure_codes_unrecorded",
        HTTPStatus.CONFLICT,
        "이전 버전이 현상한 배치여서 실패를 원인별로 나눌 수 없습니다. codes 없이 retry하거나 indexes로 골라 주세요.",
        (
            "Failures of this batch were counted by an earlier version, and not by cause. Retry it without codes, or "
            "choose images by their indexes."
        ),
    )
    TOO_MANY_INDEXES = (
        "too_many_indexes",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "한 배치에서 번호로 골라 다시 현상할 이미지는 모두 {limit}개까지입니다. 나머지는 새 배치로 올려 주세요.",
        "At most {limit} images of a batch can be retried by their indexes. Upload the others as a new batch.",
    )
    BATCH_ID_MALFORMED = (
        "batch_id_malformed",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "배치 번호의 형식이 올바르지 않습니다. 업로드 응답의 context_id를 그대로 써 주세요.",
        "This is not the id of a batch. Use the context_id from the answer to the upload as it is.",
    )
    IMAGE_NOT_FOUND = (
        "image_not_found",
        HTTPStatus.NOT_FOUND,
        "이 배치의 이미지 번호는 0부터 {last}까지입니다.",
        "The images of this batch are numbered from 0 to {last}.",
    )
    IMAGE_PENDING = (
        "image_pending",
        HTTPStatus.NOT_FOUND,
        "이 이미지는 아직 현상되지 않았습니다. 잠시 후 다시 요청해 주세요.",
        "This image is not developed yet. Ask again in a moment.",
    )
    IMAGE_FAILED = (
        "image_failed",
        HTTPStatus.NOT_FOUND,
        "이 이미지는 현상하지 못해서 결과물이 없습니다. 이유는 details에 있습니다.",
        "This image could not be developed, so it has no prints. The details say why.",
    )
    IMAGE_REVOKED = (
        "image_revoked",
        HTTPStatus.NOT_FOUND,
        "배치가 중지되어 이 이미지는 현상되지 않았습니다. 배치를 retry하면 현상됩니다.",
        "This image was not developed because its batch was stopped. A retry of the batch develops it.",
    )
    OUTPUT_NOT_FOUND = (
        "output_not_found",
        HTTPStatus.NOT_FOUND,
        "이 이미지에는 그런 이름의 결과물이 없습니다. 다음 중 하나를 쓰세요: {choices}.",
        "This image has no print of that name. Use one of: {choices}.",
    )
    OUTPUT_UNKNOWN = (
        "output_unknown",
        HTTPStatus.NOT_FOUND,
        "이 배치에는 그런 이름의 결과물이 없습니다. 다음 중 하나를 쓰세요: {choices}.",
        "This batch has no prints of that name. Use one of: {choices}.",
    )
    NO_PRINTS = (
        "no_prints",
        HTTPStatus.NOT_FOUND,
        "이 배치에는 현상된 이미지가 없어서 받을 결과물이 없습니다.",
        "No image of this batch was developed, so there are no prints to collect.",
    )
    PRINT_MISSING = (
        "print_missing",
        HTTPStatus.NOT_FOUND,
        "{index}번 이미지의 결과물이 저장소에서 사라졌습니다. retry에 indexes: [{index}]를 보내면 다시 만들어집니다.",
        "A print of image {index} is gone from the object store. A retry with indexes: [{index}] makes it again.",
    )
    PRINT_DAMAGED = (
        "print_damaged",
        HTTPStatus.NOT_FOUND,
        "{index}번 이미지의 결과물이 저장소에서 손상되었습니다. retry에 indexes: [{index}]를 보내면 다시 만들어집니다.",
        "A print of image {index} is damaged in the object store. A retry with indexes: [{index}] makes it again.",
    )
    ORIGINAL_MISSING = (
        "original_missing",
        HTTPStatus.NOT_FOUND,
        "{index}번 이미지의 원본이 저장소에 없습니다. 이유는 details에 있습니다. 파일을 새 배치로 다시 올려 주세요.",
        "The original of image {index} is not in the object store; the details say why. Upload it in a new batch.",
    )
    TOO_MANY_DOWNLOADS = (
        "too_many_downloads",
        HTTPStatus.SERVICE_UNAVAILABLE,
        "동시에 진행 중인 다운로드가 너무 많습니다. 잠시 후 다시 요청해 주세요.",
        "Too many downloads are under way. Ask again in a moment.",
    )
    TOO_MANY_COMPARISONS = (
        "too_many_comparisons",
        HTTPStatus.SERVICE_UNAVAILABLE,
        "비슷한 이미지를 찾는 요청이 너무 많습니다. 잠시 후 다시 요청해 주세요.",
        "Too many requests for near-duplicates are under way. Ask again in a moment.",
    )


class BatchNote(TranslatedCode):
    """What an answer about a batch has to explain."""

    HASHES_NOT_TAKEN = (
        "hashes_not_taken",
        (
            "이 배치의 레시피는 perceptual_hash를 읽지 않아 비교할 수 없습니다. "
            "readouts의 perceptual_hash를 true로 한 레시피로 다시 올려 주세요."
        ),
        (
            "The batch's recipe takes no perceptual hashes, so its images cannot be compared. Upload them with a "
            "recipe whose readouts set perceptual_hash to true."
        ),
    )
