"""Every sentence that the gateway says to people, in Korean and English, by its stable code."""

from collections.abc import Mapping
from types import MappingProxyType

from services.gateway.answers.language import Language

_SENTENCES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "batch_started": (
            "배치 파이프라인 시작됨: {total}개 이미지",
            "Batch pipeline started: {total} images",
        ),
        "batch_name_missing": (
            "배치 이름이 없습니다. batch_name 필드에 1~{limit}자 이름을 넣어 주세요.",
            "The batch has no name. Send one of 1 to {limit} characters in the field batch_name.",
        ),
        "batch_name_too_long": (
            "배치 이름이 너무 깁니다. {limit}자 이하로 줄여 주세요.",
            "The batch name is too long. Use at most {limit} characters.",
        ),
        "batch_name_unreadable": (
            "배치 이름을 읽을 수 없습니다. 제어 문자가 없는 UTF-8 텍스트로 보내 주세요.",
            "The batch name cannot be read. Send it as UTF-8 text without control characters.",
        ),
        "chunk_size_invalid": (
            "chunk_size는 1에서 {limit} 사이의 정수여야 합니다.",
            "chunk_size has to be a whole number from 1 to {limit}.",
        ),
        "recipe_unknown": (
            "그런 이름의 레시피가 없습니다. 다음 중 하나를 쓰세요: {choices}.",
            "There is no recipe of that name. Use one of: {choices}.",
        ),
        "recipe_and_options": (
            "recipe와 options를 함께 쓸 수 없습니다. 저장된 레시피는 recipe로, 직접 쓴 레시피는 options로 보내 주세요.",
            "recipe and options cannot go together. Name a recipe in recipe, or send one of your own in options.",
        ),
        "recipe_invalid": (
            "레시피를 쓸 수 없습니다. {problem}",
            "The recipe cannot be used: {problem}",
        ),
        "recipe_not_found": (
            "그런 이름의 레시피가 없습니다. 이름은 GET /pipeline/recipes에서 볼 수 있습니다.",
            "There is no recipe of that name. GET /pipeline/recipes lists the names.",
        ),
        "recipe_built_in": (
            "기본 레시피는 바꾸거나 지울 수 없습니다. 다른 이름으로 저장해 주세요.",
            "A built-in recipe cannot be changed or deleted. Store yours under another name.",
        ),
        "recipe_name_differs": (
            "레시피 안의 name이 주소의 이름과 다릅니다. 같게 하거나 name을 빼 주세요.",
            "The recipe's own name is not the one in the address. Make them the same, or leave name out.",
        ),
        "too_many_recipes": (
            "레시피는 {limit}개까지 저장할 수 있습니다. 쓰지 않는 것을 지워 주세요.",
            "At most {limit} recipes can be stored. Delete one that is not used.",
        ),
        "priority_unknown": (
            "priority는 다음 중 하나여야 합니다: {choices}.",
            "priority has to be one of: {choices}.",
        ),
        "failure_threshold_invalid": (
            "failure_threshold는 0보다 크고 100 이하인 백분율이어야 합니다. 예: 20 또는 12.5.",
            "failure_threshold has to be a percentage above 0 and at most 100, such as 20 or 12.5.",
        ),
        "failure_sample_invalid": (
            "failure_sample은 1 이상의 정수여야 하고, failure_threshold와 함께 보내야 합니다.",
            "failure_sample has to be a whole number of at least 1, and needs a failure_threshold beside it.",
        ),
        "no_files": (
            "이미지가 없습니다. files 필드에 하나 이상의 파일을 첨부해 주세요.",
            "There are no images. Attach at least one file in the field files.",
        ),
        "too_many_files": (
            "한 배치에는 이미지를 {limit}개까지 보낼 수 있습니다. 여러 배치로 나누어 주세요.",
            "A batch takes at most {limit} images. Send them as several batches.",
        ),
        "unexpected_file": (
            "“{field}” 필드에는 파일을 받을 수 없습니다. 모든 파일을 files 필드로 보내 주세요.",
            "The field “{field}” takes no file. Send every file in the field files.",
        ),
        "not_a_file": (
            "files 필드에 파일이 아닌 값이 있습니다. 파일 이름과 함께 파일로 첨부해 주세요.",
            "The field files holds a value that is no file. Attach it as a file, with a file name.",
        ),
        "empty_file": (
            "“{name}” 파일이 비어 있습니다. 빼거나 다시 선택해 주세요. 배치는 만들어지지 않았습니다.",
            "The file “{name}” is empty. Leave it out or choose it again. No batch was created.",
        ),
        "not_an_image": (
            (
                "“{name}” 파일은 JPEG, PNG, WebP, GIF, AVIF 이미지가 아닙니다. 빼고 다시 보내 주세요. "
                "배치는 만들어지지 않았습니다."
            ),
            "The file “{name}” is no JPEG, PNG, WebP, GIF or AVIF image. Send again without it. No batch was created.",
        ),
        "file_too_large": (
            "“{name}” 파일이 너무 큽니다. 파일 하나는 {limit}바이트까지입니다. 배치는 만들어지지 않았습니다.",
            "The file “{name}” is too large: a file may have {limit} bytes. No batch was created.",
        ),
        "file_name_too_long": (
            "“{name}…” 파일 이름이 너무 깁니다. {limit}자 이하로 줄여 주세요. 배치는 만들어지지 않았습니다.",
            "The file name “{name}…” is too long. Use at most {limit} characters. No batch was created.",
        ),
        "content_type_unsupported": (
            "요청 본문은 multipart/form-data 형식이어야 합니다.",
            "The request body has to be multipart/form-data.",
        ),
        "body_malformed": (
            "요청 본문을 multipart/form-data로 읽을 수 없습니다. boundary와 각 파트의 헤더를 확인해 주세요.",
            "The request body cannot be read as multipart/form-data. Check the boundary and the headers of its parts.",
        ),
        "body_incomplete": (
            "요청 본문이 중간에 끊겼습니다. 배치는 만들어지지 않았으니 다시 보내 주세요.",
            "The request body ended half-way. No batch was created; send it again.",
        ),
        "field_too_long": (
            "“{field}” 필드가 너무 깁니다. {limit}바이트 이하로 줄여 주세요.",
            "The field “{field}” is too long. Use at most {limit} bytes.",
        ),
        "request_too_large": (
            "요청이 너무 큽니다. 요청 하나는 {limit}바이트까지입니다. 여러 배치로 나누어 주세요.",
            "The request is too large: a request may have {limit} bytes. Send several batches.",
        ),
        "upload_stalled": (
            "{seconds}초 동안 데이터가 오지 않아 업로드를 중단했습니다. 배치는 만들어지지 않았으니 다시 보내 주세요.",
            "No data came for {seconds} seconds, so the upload was given up. No batch was created; send it again.",
        ),
        "too_many_uploads": (
            "동시에 진행 중인 업로드가 너무 많습니다. 잠시 후 다시 보내 주세요.",
            "Too many uploads are under way. Send it again in a moment.",
        ),
        "too_many_downloads": (
            "동시에 진행 중인 다운로드가 너무 많습니다. 잠시 후 다시 요청해 주세요.",
            "Too many downloads are under way. Ask again in a moment.",
        ),
        "backlog_too_old": (
            "먼저 받은 배치를 아직 현상에 넘기지 못하고 있습니다. 받은 것은 안전합니다. 잠시 후 다시 보내 주세요.",
            "Batches taken earlier cannot be passed on yet. They are safe; send this one again in a moment.",
        ),
        "idempotency_key_invalid": (
            "Idempotency-Key 헤더는 하나만, 출력 가능한 ASCII 문자 1~{limit}자로 보내 주세요.",
            "Send one Idempotency-Key header, of 1 to {limit} printable ASCII characters.",
        ),
        "idempotency_key_reused": (
            "이 Idempotency-Key로는 이미 다른 내용의 배치가 올라왔습니다. 새 배치에는 새 키를 써 주세요.",
            "Another batch was uploaded with this Idempotency-Key. Use a new key for a new batch.",
        ),
        "batch_not_found": (
            "이 ID의 배치가 없습니다. GET /pipeline/batch 목록에서 ID를 확인해 주세요.",
            "There is no batch with this id. GET /pipeline/batch lists the ids.",
        ),
        "batch_finished": (
            "이미 끝난 배치입니다. 실패했거나 취소된 이미지는 retry로 다시 현상할 수 있습니다.",
            "The batch has finished already. Images that failed or were revoked can be developed again with retry.",
        ),
        "batch_running": (
            "배치가 아직 끝나지 않았습니다. 끝날 때까지 기다리거나 먼저 취소해 주세요.",
            "The batch has not finished yet. Wait for its end, or cancel it first.",
        ),
        "batch_stopping": (
            "배치가 중지되는 중입니다. 현상 중인 이미지까지만 마치고 곧 끝나니 그때 다시 요청해 주세요.",
            "The batch is being stopped. It ends as soon as its images in development are done; ask again then.",
        ),
        "nothing_to_retry": (
            "이 배치에는 실패하거나 취소된 이미지가 없어서 다시 현상할 것이 없습니다.",
            "No image of this batch failed or was revoked, so there is nothing to retry.",
        ),
        "image_not_found": (
            "이 배치의 이미지 번호는 0부터 {last}까지입니다.",
            "The images of this batch are numbered from 0 to {last}.",
        ),
        "image_pending": (
            "이 이미지는 아직 현상되지 않았습니다. 잠시 후 다시 요청해 주세요.",
            "This image is not developed yet. Ask again in a moment.",
        ),
        "image_failed": (
            "이 이미지는 현상하지 못해서 결과물이 없습니다. 이유는 details에 있습니다.",
            "This image could not be developed, so it has no prints. The details say why.",
        ),
        "image_revoked": (
            "배치가 중지되어 이 이미지는 현상되지 않았습니다. 배치를 retry하면 현상됩니다.",
            "This image was not developed because its batch was stopped. A retry of the batch develops it.",
        ),
        "output_not_found": (
            "이 이미지에는 그런 이름의 결과물이 없습니다. 다음 중 하나를 쓰세요: {choices}.",
            "This image has no print of that name. Use one of: {choices}.",
        ),
        "output_unknown": (
            "이 배치에는 그런 이름의 결과물이 없습니다. 다음 중 하나를 쓰세요: {choices}.",
            "This batch has no prints of that name. Use one of: {choices}.",
        ),
        "no_prints": (
            "이 배치에는 현상된 이미지가 없어서 받을 결과물이 없습니다.",
            "No image of this batch was developed, so there are no prints to collect.",
        ),
        "print_missing": (
            "결과물 파일이 저장소에서 사라졌습니다. 운영자에게 알려 주세요.",
            "The print is gone from the object store. Tell whoever runs this service.",
        ),
        "batch_id_malformed": (
            "배치 번호의 형식이 올바르지 않습니다. 업로드 응답의 context_id를 그대로 써 주세요.",
            "This is not the id of a batch. Use the context_id from the answer to the upload as it is.",
        ),
        "invalid_request": (
            "요청에 잘못된 값이 있습니다. details에 적힌 항목을 고쳐 주세요.",
            "The request has values that cannot be used. Correct what the details list.",
        ),
        "not_found": (
            "이 주소에는 아무것도 없습니다. 사용할 수 있는 주소는 /docs에 있습니다.",
            "There is nothing at this address. /docs lists what there is.",
        ),
        "method_not_allowed": (
            "이 주소에서는 쓸 수 없는 HTTP 메서드입니다. Allow 헤더를 확인해 주세요.",
            "This address does not take that HTTP method. The Allow header lists those that it takes.",
        ),
        "request_refused": (
            "요청을 처리할 수 없습니다.",
            "The request cannot be answered.",
        ),
        "temporarily_unavailable": (
            "지금은 요청을 처리할 수 없습니다. 잠시 후 다시 시도해 주세요.",
            "The request cannot be served at present. Try again in a moment.",
        ),
        "not_ready": (
            "서비스가 지금은 일할 수 없습니다. 이유는 details에 있습니다.",
            "The service cannot do its work at present. The details say why.",
        ),
        "internal_error": (
            "서버에 예기치 않은 오류가 생겼습니다. 다시 시도하고, 계속되면 운영자에게 알려 주세요.",
            "Something unexpected went wrong. Try again; if it stays, tell whoever runs this service.",
        ),
    }
)


def sentence(code: str, language: Language, values: Mapping[str, object] | None = None) -> str:
    """The sentence for a code with its values filled in; raises KeyError for a code that has none."""
    korean, english = _SENTENCES[code]
    return (english if language == "en" else korean).format_map({} if values is None else values)


def codes() -> tuple[str, ...]:
    """Every code that has a sentence."""
    return tuple(_SENTENCES)
