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
    what = "An image, without a batch; the form may have 25 MiB unless the server is set otherwise."
    file = {"type": "string", "format": "binary", "description": what}
    recipe = {name: field_schema(form[name]) for name in ("recipe", "options")}
    schema = {"type": "object", "properties": {"file": file, **place, **recipe}}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}
