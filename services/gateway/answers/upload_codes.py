"""Error codes of uploads."""

from http import HTTPStatus

from services.gateway.answers.errors import ErrorCode


class UploadCode(ErrorCode):
    """Why an upload is refused."""

    BATCH_NAME_MISSING = (
        "batch_name_missing",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "배치 이름이 없습니다. batch_name 필드에 1~{limit}자 이름을 넣어 주세요.",
        "The batch has no name. Send one of 1 to {limit} characters in the field batch_name.",
    )
    BATCH_NAME_TOO_LONG = (
        "batch_name_too_long",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "배치 이름이 너무 깁니다. {limit}자 이하로 줄여 주세요.",
        "The batch name is too long. Use at most {limit} characters.",
    )
    BATCH_NAME_UNREADABLE = (
        "batch_name_unreadable",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "배치 이름을 읽을 수 없습니다. 제어 문자가 없는 UTF-8 텍스트로 보내 주세요.",
        "The batch name cannot be read. Send it as UTF-8 text without control characters.",
    )
    CHUNK_SIZE_INVALID = (
        "chunk_size_invalid",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "chunk_size는 1에서 {limit} 사이의 정수여야 합니다.",
        "chunk_size has to be a whole number from 1 to {limit}.",
    )
    PRIORITY_UNKNOWN = (
        "priority_unknown",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "priority는 다음 중 하나여야 합니다: {choices}.",
        "priority has to be one of: {choices}.",
    )
    FAILURE_THRESHOLD_INVALID = (
        "failure_threshold_invalid",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "failure_threshold는 0보다 크고 100 이하인 백분율이어야 합니다. 예: 20 또는 12.5.",
        "failure_threshold has to be a percentage above 0 and at most 100, such as 20 or 12.5.",
    )
    FAILURE_SAMPLE_INVALID = (
        "failure_sample_invalid",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "failure_sample은 1 이상의 정수여야 하고, failure_threshold와 함께 보내야 합니다.",
        "failure_sample has to be a whole number of at least 1, and needs a failure_threshold beside it.",
    )
    NO_FILES = (
        "no_files",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "이미지가 없습니다. files 필드에 하나 이상의 파일을 첨부해 주세요.",
        "There are no images. Attach at least one file in the field files.",
    )
    TOO_MANY_FILES = (
        "too_many_files",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "한 배치에는 이미지를 {limit}개까지 보낼 수 있습니다. 여러 배치로 나누어 주세요.",
        "A batch takes at most {limit} images. Send them as several batches.",
    )
    UNEXPECTED_FILE = (
        "unexpected_file",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "“{field}” 필드에는 파일을 받을 수 없습니다. 모든 파일을 files 필드로 보내 주세요.",
        "The field “{field}” takes no file. Send every file in the field files.",
    )
    NOT_A_FILE = (
        "not_a_file",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "files 필드에 파일이 아닌 값이 있습니다. 파일 이름과 함께 파일로 첨부해 주세요.",
        "The field files holds a value that is no file. Attach it as a file, with a file name.",
    )
    NO_IMAGES = (
        "no_images",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "보낸 파일 가운데 현상할 수 있는 이미지가 없습니다. 첫 파일 “{name}”: {problem} 만들어진 것은 없습니다.",
        "None of the files is an image that can be developed. The first, “{name}”: {problem} Nothing was made of them.",
    )
    TOO_MANY_FIELDS = (
        "too_many_fields",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "텍스트 필드가 너무 많습니다. {limit}개까지 보낼 수 있습니다.",
        "The upload has too many text fields. Send at most {limit}.",
    )
    FIELD_TOO_LONG = (
        "field_too_long",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "“{field}” 필드가 너무 깁니다. {limit}바이트 이하로 줄여 주세요.",
        "The field “{field}” is too long. Use at most {limit} bytes.",
    )
    TOO_MANY_UPLOADS = (
        "too_many_uploads",
        HTTPStatus.SERVICE_UNAVAILABLE,
        "동시에 진행 중인 업로드가 너무 많습니다. 잠시 후 다시 보내 주세요.",
        "Too many uploads are under way. Send it again in a moment.",
    )
    BACKLOG_TOO_OLD = (
        "backlog_too_old",
        HTTPStatus.SERVICE_UNAVAILABLE,
        "먼저 받은 배치를 아직 현상에 넘기지 못하고 있습니다. 받은 것은 안전합니다. 잠시 후 다시 보내 주세요.",
        "Batches taken earlier cannot be passed on yet. They are safe; send this one again in a moment.",
    )
    IDEMPOTENCY_KEY_INVALID = (
        "idempotency_key_invalid",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "Idempotency-Key 헤더는 하나만, 출력 가능한 ASCII 문자 1~{limit}자로 보내 주세요.",
        "Send one Idempotency-Key header, of 1 to {limit} printable ASCII characters.",
    )
    IDEMPOTENCY_KEY_REUSED = (
        "idempotency_key_reused",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "이 Idempotency-Key로는 이미 다른 내용의 요청을 받았습니다. 새 요청에는 새 키를 써 주세요.",
        "Another request was received with this Idempotency-Key. Use a new key for a new request.",
    )
