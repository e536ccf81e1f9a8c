"""The form of a proof as the API's documentation shows it."""

from typing import Any

from services.gateway.routes.upload_body import field_schema
from services.gateway.uploading.submission_form import SubmissionForm


def proof_body() -> dict[str, Any]:
    """Give the OpenAPI of a multipart body with a recipe and an image."""
    form = SubmissionForm.model_json_schema()["properties"]
    place = {
        "batch_id": {"type": "string", "format": "uuid", "description": "The batch whose image it is, without a file."},
        "index": {"type": "integer", "minimum": 0, "description": "Its place in that batch, from 0."},
    }
    file = {"type": "string", "format": "binary", "description": "An image of up to 25 MB, without a batch."}
    recipe = {name: field_schema(form[name]) for name in ("recipe", "options")}
    schema = {"type": "object", "properties": {"file": file, **place, **recipe}}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}
