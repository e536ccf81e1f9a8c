"""The recipe's own schema in the API's documentation, for the bodies that the gateway reads by itself."""

from typing import Any

from fastapi import FastAPI

from shared.recipes import Recipe

_SCHEMAS = "#/components/schemas/"

RECIPE_REFERENCE: dict[str, str] = {"$ref": f"{_SCHEMAS}{Recipe.__name__}"}
"""What a body or a field that is a recipe refers to."""


def describe_recipes(app: FastAPI) -> None:
    """Have the documentation show recipes as they are sent.

    FastAPI knows them from answers only, where every field is there; whoever sends one may leave out those with a
    default.
    """
    generated = app.openapi

    def openapi() -> dict[str, Any]:
        document = generated()
        schema = Recipe.model_json_schema(ref_template=f"{_SCHEMAS}{{model}}")
        parts = schema.pop("$defs")
        document["components"]["schemas"].update({**parts, Recipe.__name__: schema})
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's own documentation does it
