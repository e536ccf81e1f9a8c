"""Error codes of requests for statistics."""

from http import HTTPStatus

from services.gateway.answers.errors import ErrorCode


class StatisticsCode(ErrorCode):
    """Why statistics are refused."""

    RANGE_EMPTY = (
        "range_empty",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "from은 to보다 앞서야 합니다.",
        "The time in from has to be before the one in to.",
    )
    RANGE_IN_FUTURE = (
        "range_in_future",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "from이 아직 오지 않은 시각입니다. 지난 시각을 보내 주세요.",
        "The time in from has not come yet. Send one that has passed.",
    )
    RANGE_TOO_LONG = (
        "range_too_long",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "기간이 너무 깁니다. {step}초 간격으로는 {limit}개 지점까지입니다. 기간을 줄이거나 step을 늘려 주세요.",
        "The range is too long: with steps of {step} s it may have {limit} points. Shorten it, or use larger steps.",
    )
