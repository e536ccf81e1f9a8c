"""How the documentation shows errors."""

import re
from typing import Any

from services.gateway.answers.envelope import ErrorEnvelope, Problem
from services.gateway.answers.errors import MAY_BE_REPEATED, ErrorCode
from shared.translated import Language


def error_responses(*codes: ErrorCode) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI responses of a route that is answered with these errors, an example for each in both languages."""
    responses: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        response = responses.setdefault(int(code.status), {"model": ErrorEnvelope, "description": code.status.phrase})
        if code.status in MAY_BE_REPEATED:
            response["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "In so many seconds."}}
        content = response.setdefault("content", {"application/json": {"examples": {}}})
        examples = content["application/json"]["examples"]
        examples[f"{code} (한국어)"] = {"value": _example(code, "ko")}
        examples[f"{code} (English)"] = {"value": _example(code, "en")}
    return responses


def _example(code: ErrorCode, language: Language) -> dict[str, Any]:
    message = re.sub(r"\{\w+\}", "…", code.text.in_language(language))
    return ErrorEnvelope(error=Problem(code=code.value, message=message)).model_dump()
