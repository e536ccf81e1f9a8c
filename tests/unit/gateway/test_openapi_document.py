"""What the OpenAPI document says, for people at /docs and for generators of clients."""

from typing import Annotated, Any
from uuid import UUID

import pytest
from fastapi import Depends, FastAPI

from services.gateway.answers.batch_codes import BatchCode
from services.gateway.routes.documented_router import DocumentedRouter, raises
from tests.unit.gateway.conftest import Gateway


@pytest.fixture
async def document(gateway: Gateway) -> dict[str, Any]:
    """The document as it is served."""
    answer: dict[str, Any] = (await gateway.client.get("/openapi.json")).json()
    return answer


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Every operation."""
    return [operation for path in document["paths"].values() for operation in path.values()]


def parts(node: Any) -> list[dict[str, Any]]:
    """Every object in the document, at any depth."""
    if isinstance(node, list):
        return [part for item in node for part in parts(item)]
    return [node, *parts(list(node.values()))] if isinstance(node, dict) else []


async def test_operations_have_short_names_of_their_own(document: dict[str, Any]) -> None:
    """They are what generated functions are called, so none may change by accident."""
    names = [operation["operationId"] for operation in operations(document)]
    assert len(set(names)) == len(names)
    assert {"submit_batch", "show_batch", "list_batches", "save_recipe", "show_print", "follow_batch"} <= set(names)


async def test_every_error_is_json(document: dict[str, Any]) -> None:
    """Also of routes whose success is something else."""
    for operation in operations(document):
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                schema = response["content"]["application/json"]["schema"]
                assert (list(response["content"]), schema) == (
                    ["application/json"],
                    {"$ref": "#/components/schemas/ErrorEnvelope"},
                ), (operation["operationId"], status)


async def test_every_operation_documents_what_any_may_answer(document: dict[str, Any]) -> None:
    """And when a client may come again."""
    for operation in operations(document):
        assert {"403", "405", "415", "421", "500", "503"} <= set(operation["responses"])
        for status in {"408", "503"} & set(operation["responses"]):
            assert operation["responses"][status]["headers"]["Retry-After"]["schema"] == {"type": "integer"}


async def test_nothing_is_in_it_that_generators_stumble_over(document: dict[str, Any]) -> None:
    """A boolean that is constant, and a keyword of OpenAPI 3.2."""
    assert document["openapi"].startswith("3.1")
    for part in parts(document):
        assert "itemSchema" not in part
        assert not isinstance(part.get("const"), bool)


async def test_what_docs_fill_in_can_be_sent(gateway: Gateway, document: dict[str, Any]) -> None:
    """A page fills in examples and defaults: together they have to make an upload."""
    body = document["paths"]["/pipeline/batch"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    filled_in = {
        name: str(field.get("example", field.get("default")))
        for name, field in body["properties"].items()
        if "example" in field or "default" in field
    }
    assert "batch_name" in filled_in
    # Of an object a page makes an example by itself.
    assert all(field["type"] != "object" and "$ref" not in field for field in body["properties"].values())
    response = await gateway.upload(("a.jpg", b"\xff\xd8\xff\xe0" + bytes(200)), fields={**filled_in})
    assert response.status_code == 200, response.text


async def test_only_the_contracts_times_are_without_an_offset(document: dict[str, Any]) -> None:
    """Every other field that is a time ends in Z; one that is added has to."""
    without_offset = {
        (name, field)
        for name, schema in document["components"]["schemas"].items()
        for field, shape in schema.get("properties", {}).items()
        for part in parts(shape)
        if part.get("example") == "2025-01-15T10:30:00"
    }
    batch = {("BatchStatus", field) for field in ("started_at", "stopped_at", "created_at", "finished_at")}
    assert without_offset == batch | {("RecipeSummary", "saved_at"), ("RecipeAnswer", "saved_at")}


async def test_the_document_is_the_same_each_time(gateway: Gateway, document: dict[str, Any]) -> None:
    """It is made for the first who asks."""
    assert (await gateway.client.get("/openapi.json")).json() == document


@raises(BatchCode.PRINT_MISSING)
async def deepest() -> None:
    """Be depended on by what a route depends on."""


@raises(BatchCode.BATCH_NOT_FOUND)
async def needed(batch_id: UUID, _deepest: Annotated[None, Depends(deepest)]) -> UUID:
    """Be depended on."""
    return batch_id


@raises(BatchCode.TOO_MANY_DOWNLOADS)
async def needed_by_the_way() -> None:
    """Be depended on without a value."""


async def test_an_operation_documents_the_errors_of_what_it_depends_on_and_reads() -> None:
    """Its own, those of its dependencies and theirs, and those of the values in its address, its query and its body."""
    router = DocumentedRouter(prefix="/{batch_id}")

    @router.post("/plain")
    @raises(BatchCode.BATCH_RUNNING)
    async def plain(_needed: Annotated[UUID, Depends(needed)]) -> None:
        """Read the batch's id alone."""

    @router.post("/reading", dependencies=[Depends(needed_by_the_way)])
    async def reading(limit: int, body: dict[str, str]) -> None:
        """Read a number and a body."""

    app = FastAPI()
    app.include_router(router)
    examples = {
        operation["operationId"].partition("_")[0]: {
            name.partition(" ")[0]
            for response in operation["responses"].values()
            for name in response.get("content", {}).get("application/json", {}).get("examples", {})
        }
        for operation in operations(app.openapi())
    }
    assert {"batch_running", "batch_not_found", "print_missing", "batch_id_malformed"} <= examples["plain"]
    assert {"too_many_downloads", "invalid_request", "request_too_large", "upload_stalled"} <= examples["reading"]
    assert not {"invalid_request", "too_many_downloads"} & examples["plain"]
    assert not {"batch_running", "batch_not_found", "print_missing"} & examples["reading"]
