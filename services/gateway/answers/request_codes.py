"""Error codes of any request."""

from http import HTTPStatus

from services.gateway.answers.errors import ErrorCode


class RequestCode(ErrorCode):
    """Why a request is refused whatever it is about."""

    CONTENT_TYPE_UNSUPPORTED = (
        "content_type_unsupported",
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "요청 본문은 multipart/form-data 형식이어야 합니다.",
        "The request body has to be multipart/form-data.",
    )
    CONTENT_ENCODING_UNSUPPORTED = (
        "content_encoding_unsupported",
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "압축한 요청 본문은 받지 않습니다. Content-Encoding 헤더 없이 그대로 보내 주세요.",
        "A compressed request body is not taken. Send it as it is, without the header Content-Encoding.",
    )
    BODY_MALFORMED = (
        "body_malformed",
        HTTPStatus.BAD_REQUEST,
        "요청 본문을 multipart/form-data로 읽을 수 없습니다. boundary와 각 파트의 헤더를 확인해 주세요.",
        "The request body cannot be read as multipart/form-data. Check the boundary and the headers of its parts.",
    )
    BODY_INCOMPLETE = (
        "body_incomplete",
        HTTPStatus.BAD_REQUEST,
        "요청 본문이 중간에 끊겨서 아무것도 처리하지 않았습니다. 다시 보내 주세요.",
        "The request body ended half-way, and nothing was done. Send it again.",
    )
    REQUEST_TOO_LARGE = (
        "request_too_large",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "요청이 너무 큽니다. 요청 하나는 {limit}바이트까지입니다. 한 번에 보내는 양을 줄여 주세요.",
        "The request is too large: a request may have {limit} bytes. Send less at once.",
    )
    UPLOAD_STALLED = (
        "upload_stalled",
        HTTPStatus.REQUEST_TIMEOUT,
        "데이터가 너무 느리게 오거나 끊겨서 아무것도 처리하지 않고 요청을 중단했습니다. 다시 보내 주세요.",
        "The data came too slowly or stopped, so the request was given up and nothing was done. Send it again.",
    )
    RANGE_NOT_SATISFIABLE = (
        "range_not_satisfiable",
        HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
        "요청한 범위가 파일 끝을 넘습니다. 파일은 {size_bytes}바이트입니다.",
        "The range begins behind the end of the file, which has {size_bytes} bytes.",
    )
    INVALID_REQUEST = (
        "invalid_request",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "요청에 잘못된 값이 있습니다. details에 적힌 항목을 고쳐 주세요.",
        "The request has values that cannot be used. Correct what the details list.",
    )
    NOT_FOUND = (
        "not_found",
        HTTPStatus.NOT_FOUND,
        "이 주소에는 아무것도 없습니다. 사용할 수 있는 주소는 /docs에 있습니다.",
        "There is nothing at this address. /docs lists what there is.",
    )
    METHOD_NOT_ALLOWED = (
        "method_not_allowed",
        HTTPStatus.METHOD_NOT_ALLOWED,
        "이 주소에서는 쓸 수 없는 HTTP 메서드입니다. Allow 헤더를 확인해 주세요.",
        "This address does not take that HTTP method. The Allow header lists those that it takes.",
    )
    REQUEST_REFUSED = (
        "request_refused",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "요청을 처리할 수 없습니다.",
        "The request cannot be answered.",
    )
    TEMPORARILY_UNAVAILABLE = (
        "temporarily_unavailable",
        HTTPStatus.SERVICE_UNAVAILABLE,
        "지금은 요청을 처리할 수 없습니다. 잠시 후 다시 시도해 주세요.",
        "The request cannot be served at present. Try again in a moment.",
    )
    NOT_READY = (
        "not_ready",
        HTTPStatus.SERVICE_UNAVAILABLE,
        "서비스가 지금은 일할 수 없습니다. 이유는 details에 있습니다.",
        "The service cannot do its work at present. The details say why.",
    )
    INTERNAL_ERROR = (
        "internal_error",
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "서버에 예기치 않은 오류가 생겼습니다. 다시 시도하고, 계속되면 운영자에게 알려 주세요.",
        "Something unexpected went wrong. Try again; if it stays, tell the operator of this service.",
    )
