"""Why a request is refused before the application sees it."""

from http import HTTPStatus

from services.gateway.answers.errors import ErrorCode


class EdgeCode(ErrorCode):
    """Why a request is refused before the application sees it."""

    HOST_UNKNOWN = (
        "host_unknown",
        HTTPStatus.MISDIRECTED_REQUEST,
        "이 서버는 “{host}”라는 이름으로 응답하지 않습니다. 운영자는 DARKROOM_ALLOWED_HOSTS에 이름을 넣을 수 있습니다.",
        "This server does not answer under the name “{host}”. Its operator can add it to DARKROOM_ALLOWED_HOSTS.",
    )
    OTHER_SITE = (
        "other_site",
        HTTPStatus.FORBIDDEN,
        "다른 사이트의 페이지가 보낸 요청은 받지 않습니다. 운영자는 DARKROOM_CORS_ORIGINS로 허용할 수 있습니다.",
        "Requests from pages of other sites are not accepted. The operator can allow one in DARKROOM_CORS_ORIGINS.",
    )
