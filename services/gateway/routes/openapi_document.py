"""The OpenAPI document, in a form that generators of clients understand."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

_FIRST_ERROR = 400


def operation_id(route: APIRoute) -> str:
    """The function's name: it stays when an address changes, and is what generated functions are called."""
    return route.name


def suit_generators(app: FastAPI) -> None:
    """Have the application's document say that errors are JSON, and nothing that OpenAPI 3.1 lacks."""
    document_of_fastapi = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            for path in document_of_fastapi()["paths"].values():
                for operation in path.values():
                    for status, response in operation["responses"].items():
                        _correct(int(status), response)
        return document_of_fastapi()

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way; FastAPIOffline is no class


def _correct(status: int, response: dict[str, Any]) -> None:
    content: dict[str, Any] = response.get("content", {})
    for shown in content.values():
        # FastAPI describes the items of an event stream as OpenAPI 3.2 does, in a document of 3.1.
        shown.pop("itemSchema", None)
    if status >= _FIRST_ERROR:
        # FastAPI takes an error's model for the media type of the route's success.
        together = {key: value for shown in content.values() for key, value in shown.items()}
        response["content"] = {"application/json": together}
