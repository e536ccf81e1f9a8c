"""Error codes of requests about the system."""

from http import HTTPStatus

from services.gateway.answers.errors import ErrorCode


class SystemCode(ErrorCode):
    """Why what is asked about the system is refused."""

    QUEUE_NOT_FOUND = (
        "queue_not_found",
        HTTPStatus.NOT_FOUND,
        "그런 이름의 큐가 없습니다. 다음 중 하나를 쓰세요: {choices}.",
        "There is no queue of that name. Use one of: {choices}.",
    )
    LETTERS_NOT_CHOSEN = (
        "letters_not_chosen",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "버릴 메시지를 정해 주세요. 본 메시지의 ids, 또는 큐에 있는 메시지 전체의 개수 count 중 하나를 보내야 합니다.",
        "Say what is to be thrown away: send the ids of letters that you saw, or count, the number that there are.",
    )
    DEAD_LETTERS_CHANGED = (
        "dead_letters_changed",
        HTTPStatus.CONFLICT,
        "큐에 있는 메시지가 {count}개가 아니라 {messages}개입니다. 아무것도 버리지 않았으니 다시 확인해 주세요.",
        "The queue has {messages} dead letters and not {count}. None was thrown away; look at them again.",
    )
