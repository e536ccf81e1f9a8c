"""The upload's body as the API's documentation shows it, made from the form that reads it."""

from typing import Any

from services.gateway.answers.request_codes import RequestCode
from services.gateway.answers.upload_codes import UploadCode
from services.gateway.uploading.append_upload import MAX_POSITION, POSITION_FIELD
from services.gateway.uploading.submission_form import SubmissionForm

FORM_ERRORS = (
    UploadCode.UNEXPECTED_FILE,
    UploadCode.NOT_A_FILE,
    UploadCode.TOO_MANY_FIELDS,
    UploadCode.FIELD_TOO_LONG,
    RequestCode.REQUEST_TOO_LARGE,
    RequestCode.BODY_MALFORMED,
    RequestCode.BODY_INCOMPLETE,
    RequestCode.CONTENT_TYPE_UNSUPPORTED,
    RequestCode.UPLOAD_STALLED,
)
"""What is wrong with the form of files and fields itself."""


def upload_body() -> dict[str, Any]:
    """Give the OpenAPI of a multipart body with the form's fields and the files.

    A draft's fields are taken as JSON as well. That is not said here: clients that are generated of a body in two
    media types send every upload as JSON.
    """
    schema = SubmissionForm.model_json_schema()
    properties = {name: _field_schema(field) for name, field in schema["properties"].items()}
    files = {
        "type": "array",
        "items": {"type": "string", "format": "binary"},
        "description": "JPEG, PNG, WebP, GIF or AVIF images; repeat the field for each. Files of other kinds fail by "
        "name, as long as there is one image among them. A draft is begun without any.",
    }
    body = {
        "type": "object",
        "required": ["batch_name", "files"],
        "properties": {"batch_name": properties.pop("batch_name"), "files": files, **properties},
    }
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": body}}}}


def append_body() -> dict[str, Any]:
    """Give the OpenAPI of a multipart body with files for a draft."""
    position = {
        "type": "integer",
        "minimum": 0,
        "maximum": MAX_POSITION,
        "description": "Where the first of these files stands in your own order. The batch has its images in the order "
        "of this number, then of arrival; the files of one request stay together. 0 if absent.",
    }
    files = {"type": "array", "minItems": 1, "items": {"type": "string", "format": "binary"}}
    body = {"type": "object", "required": ["files"], "properties": {"files": files, POSITION_FIELD: position}}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": body}}}}


def proof_body() -> dict[str, Any]:
    """Give the OpenAPI of a multipart body with a recipe and an image."""
    form = SubmissionForm.model_json_schema()["properties"]
    place = {
        "batch_id": {"type": "string", "format": "uuid", "description": "The batch whose image it is, without a file."},
        "index": {"type": "integer", "minimum": 0, "description": "Its place in that batch, from 0."},
    }
    what = "An image, without a batch; the form may have 25 MiB unless the server is set otherwise."
    file = {"type": "string", "format": "binary", "description": what}
    recipe = {name: _field_schema(form[name]) for name in ("recipe", "options")}
    schema = {"type": "object", "properties": {"file": file, **place, **recipe}}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


def _field_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Say of an optional field what it is when it is sent; forms have no null."""
    shown = {name: value for name, value in schema.items() if name not in {"anyOf", "title", "examples"}}
    if schema.get("default") in {None, ""}:
        shown.pop("default", None)
    sent: dict[str, Any] = next((choice for choice in schema.get("anyOf", ()) if choice.get("type") != "null"), {})
    example = {"example": schema["examples"][0]} if "examples" in schema else {}
    return {**sent, **shown, **example}
