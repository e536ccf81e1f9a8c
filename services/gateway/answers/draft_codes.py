"""Error codes of requests about drafts."""

from http import HTTPStatus

from services.gateway.answers.errors import ErrorCode


class DraftCode(ErrorCode):
    """Why a draft, or what is appended to it, is refused."""

    DRAFT_NOT_FOUND = (
        "draft_not_found",
        HTTPStatus.NOT_FOUND,
        "이 ID의 초안이 없습니다. GET /pipeline/drafts 목록에서 ID를 확인하거나 새 초안을 만들어 주세요.",
        "There is no draft with this id. GET /pipeline/drafts lists the ids; or begin a new draft.",
    )
    DRAFT_COMMITTED = (
        "draft_committed",
        HTTPStatus.CONFLICT,
        "이미 배치로 확정된 초안이라 바꿀 수 없습니다. 나머지 파일은 새 초안이나 새 배치로 올려 주세요.",
        "The draft is committed and can be changed no more. Upload further files as a new draft or batch.",
    )
    DRAFT_EXPIRED = (
        "draft_expired",
        HTTPStatus.GONE,
        "오랫동안 파일이 오지 않아 초안이 만료되었습니다. 새 초안을 만들어 다시 올려 주세요.",
        "The draft has expired, as no file came for a long time. Begin a new draft and upload its files again.",
    )
    DRAFT_EMPTY = (
        "draft_empty",
        HTTPStatus.CONFLICT,
        "초안에 아직 파일이 없습니다. 파일을 올린 다음 확정해 주세요.",
        "The draft holds no files yet. Append some, then commit it.",
    )
    DRAFT_TAKES_NO_FILES = (
        "draft_takes_no_files",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "초안을 만들 때는 파일을 받지 않습니다. 초안을 만든 다음 그 images 주소로 파일을 보내 주세요.",
        "A draft is begun without files. Send them to its images address afterwards.",
    )
    APPEND_TOO_MANY_FILES = (
        "append_too_many_files",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "한 번에 파일을 {limit}개까지 추가할 수 있습니다. 나머지는 다음 요청으로 보내 주세요.",
        "One request appends at most {limit} files. Send the others with the next one.",
    )
    POSITION_INVALID = (
        "position_invalid",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "position은 0에서 {limit} 사이의 정수여야 합니다.",
        "position has to be a whole number from 0 to {limit}.",
    )
