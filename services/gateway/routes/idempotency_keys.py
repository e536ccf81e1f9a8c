"""The Idempotency-Key of a request that makes something."""

import re
from typing import Annotated

from fastapi import Depends, Header, Request

from services.gateway.answers.errors import ApiError
from services.gateway.answers.upload_codes import UploadCode
from services.gateway.routes.documented_router import raises

MAX_KEY_CHARACTERS = 255

_KEY = re.compile(rf"[\x20-\x7e]{{1,{MAX_KEY_CHARACTERS}}}")


@raises(UploadCode.IDEMPOTENCY_KEY_INVALID, UploadCode.IDEMPOTENCY_KEY_REUSED)
async def _idempotency_key(
    request: Request,
    idempotency_key: Annotated[  # noqa: ARG001  for the documentation; read from the request, where it may stand twice
        str | None,
        Header(
            description="Names this request, in 1 to 255 printable ASCII characters. Sent again with the same key, it "
            "is answered as the first time, and makes nothing more. The key of a batch is free again when it is "
            "deleted, that of a draft when it or its batch is deleted, when it expires, or a day after its commit; an "
            "append's counts within its draft.",
            examples=["2025-01-15-jeju"],
        ),
    ] = None,
) -> str | None:
    values = request.headers.getlist("idempotency-key")
    if not values:
        return None
    if len(values) > 1 or not _KEY.fullmatch(values[0]):
        raise ApiError(UploadCode.IDEMPOTENCY_KEY_INVALID, limit=MAX_KEY_CHARACTERS)
    return values[0]


IdempotencyKey = Annotated[str | None, Depends(_idempotency_key)]
