"""Recipes over HTTP: brought along by an upload, stored under a name, and what is wrong with one."""

import base64
import json
from typing import Any

import pytest

from services.gateway.answers.request_bodies import MAX_BODY_BYTES
from services.gateway.settings import GatewaySettings
from shared.documents import StoredRecipe
from shared.recipes import BUILT_IN_RECIPES, MAX_RECIPE_BYTES, Recipe
from tests import hostile
from tests.fakes import START
from tests.unit.gateway.conftest import JPEG, Gateway

MINE: dict[str, Any] = {
    "steps": [{"op": "auto_orient"}, {"op": "resize", "width": 800, "height": 600}],
    "outputs": [{"name": "print", "format": "webp", "quality": 70}],
}
OTHER: dict[str, Any] = {"outputs": [{"name": "other", "format": "png"}]}
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def settings() -> GatewaySettings:
    """As many stored recipes as a test can make."""
    return GatewaySettings(max_recipes=3)


async def uploaded(gateway: Gateway, **fields: str) -> tuple[int, dict[str, Any]]:
    """Status and body of the answer to an upload of one image with these fields."""
    response = await gateway.upload(("a.jpg", JPEG), fields={"batch_name": "holiday", **fields}, headers=ENGLISH)
    body: dict[str, Any] = response.json()
    return response.status_code, body


async def asked(gateway: Gateway, method: str, name: str, **request: Any) -> tuple[int, dict[str, Any]]:
    """Status and body of the answer about a recipe."""
    headers = {**ENGLISH, **request.pop("extra_headers", {})}
    response = await gateway.client.request(method, f"/pipeline/recipes/{name}", headers=headers, **request)
    body: dict[str, Any] = response.json()
    return response.status_code, body


async def names(gateway: Gateway) -> list[str]:
    """The recipes as they are listed."""
    response = await gateway.client.get("/pipeline/recipes")
    return [recipe["name"] for recipe in response.json()["data"]]


async def test_an_upload_brings_its_own_recipe(gateway: Gateway) -> None:
    """The batch holds all of it."""
    status, body = await uploaded(gateway, options=json.dumps(MINE))
    assert status == 200
    batch = await gateway.ports.batches.get(body["data"]["batch_id"])
    assert batch is not None
    assert batch.recipe == Recipe.model_validate({**MINE, "name": "custom"})
    shown = await gateway.client.get(f"/pipeline/batch/{batch.id}")
    assert shown.json()["data"]["recipe"] == "custom"


async def test_a_mistake_is_told_to_people_and_to_programs(gateway: Gateway) -> None:
    """With step and field; nothing of the upload is kept."""
    options = {**MINE, "steps": [{"op": "auto_orient"}, {"op": "resize", "width": 0, "height": 1, "unit": "cm"}]}
    status, body = await uploaded(gateway, options=json.dumps(options))
    assert (status, body["error"]["code"]) == (422, "recipe_invalid")
    assert body["error"]["message"] == "The recipe cannot be used: step 2 (resize), field width: has to be at least 1."
    assert [(found["loc"], found["type"]) for found in body["error"]["details"]] == [
        (["steps", 1, "resize", "width"], "greater_than_equal"),
        (["steps", 1, "resize", "unit"], "extra_forbidden"),
    ]
    assert await gateway.is_empty()


async def test_a_mistake_is_told_in_korean_as_well(gateway: Gateway) -> None:
    """As every sentence."""
    fields: dict[str, str | bytes] = {"batch_name": "x", "options": '{"outputs": []}'}
    response = await gateway.upload(("a.jpg", JPEG), fields=fields)
    assert response.json()["error"]["message"] == "레시피를 쓸 수 없습니다. outputs: 1개 이상이어야 합니다."


async def test_each_mistake_has_a_sentence_of_its_own(gateway: Gateway) -> None:
    """In the reader's language, without the place, which a form shows already."""
    recipe = {"steps": [{"op": "blur", "radius": 0}], "outputs": [{"name": "p", "format": "png", "gravity": "up"}]}
    answers = {
        language: await gateway.client.put("/pipeline/recipes/mine", json=recipe, headers={"Accept-Language": language})
        for language in ("ko", "en")
    }
    sentences = {
        language: [problem["sentence"] for problem in answer.json()["error"]["details"]]
        for language, answer in answers.items()
    }
    assert sentences["ko"][0] == "0보다 커야 합니다."
    assert sentences["en"][0] == "has to be more than 0."
    assert sentences["en"][1].startswith("has to be one of: 'center'")


async def test_the_list_says_how_large_prints_become(gateway: Gateway) -> None:
    """So that what a recipe makes can be said without asking for each."""
    listed = (await gateway.client.get("/pipeline/recipes")).json()["data"]
    outputs = {recipe["name"]: recipe["outputs"] for recipe in listed}
    size = {"width": 1600, "height": 1600}
    assert outputs["web"][0] == {"name": "web", "format": "jpeg", "fit": size, "cover": None}
    assert outputs["social"][2]["cover"] == {"width": 1200, "height": 630}


async def test_options_and_recipe_together_are_refused(gateway: Gateway) -> None:
    """Although both are good."""
    status, body = await uploaded(gateway, options=json.dumps(MINE), recipe="web")
    assert (status, body["error"]["code"]) == (422, "recipe_and_options")


async def test_options_are_bounded_before_they_are_read(gateway: Gateway) -> None:
    """The largest watermark fits."""
    png = base64.b64encode(hostile.png(20, 10).ljust(48 * 1024, b"-")).decode()
    options = json.dumps({**OTHER, "steps": [{"op": "watermark_image", "png": png}]})
    assert (await uploaded(gateway, options=options))[0] == 200
    status, body = await uploaded(gateway, options=options + " " * MAX_RECIPE_BYTES)
    assert (status, body["error"]["code"]) == (422, "field_too_long")
    assert str(MAX_RECIPE_BYTES) in body["error"]["message"]


async def test_a_recipe_is_stored_shown_listed_used_and_deleted(gateway: Gateway) -> None:
    """Under the name in its address."""
    status, body = await asked(gateway, "PUT", "mine", json=MINE)
    assert (status, body["data"]["name"], body["data"]["built_in"]) == (200, "mine", False)
    assert body["data"]["saved_at"] == "2025-01-15T10:30:00"
    assert await asked(gateway, "GET", "mine") == (200, body)
    assert Recipe.model_validate(body["data"]["recipe"]) == Recipe.model_validate({**MINE, "name": "mine"})
    assert await names(gateway) == [*BUILT_IN_RECIPES, "mine"]
    status, upload = await uploaded(gateway, recipe="mine")
    assert status == 200
    assert await asked(gateway, "DELETE", "mine") == (200, {"success": True, "data": {"name": "mine", "deleted": True}})
    assert (await asked(gateway, "GET", "mine"))[1]["error"]["code"] == "recipe_not_found"
    assert await names(gateway) == [*BUILT_IN_RECIPES]
    batch = await gateway.ports.batches.get(upload["data"]["batch_id"])
    assert batch is not None
    assert batch.recipe == Recipe.model_validate({**MINE, "name": "mine"})


async def test_replacing_a_recipe_changes_nothing_that_has_begun(gateway: Gateway) -> None:
    """Whoever uploads later gets the new one."""
    await asked(gateway, "PUT", "mine", json=MINE)
    begun = (await uploaded(gateway, recipe="mine"))[1]["data"]["batch_id"]
    await asked(gateway, "PUT", "mine", json=OTHER)
    later = (await uploaded(gateway, recipe="mine"))[1]["data"]["batch_id"]
    outputs = [
        [output.name for output in batch.recipe.outputs]
        for batch in (await gateway.ports.batches.get(begun), await gateway.ports.batches.get(later))
        if batch
    ]
    assert outputs == [["print"], ["other"]]


async def test_putting_the_same_again_changes_nothing(gateway: Gateway) -> None:
    """A client that heard no answer just repeats itself."""
    first = await asked(gateway, "PUT", "mine", json=MINE)
    assert await asked(gateway, "PUT", "mine", json=MINE) == first


async def test_two_people_do_not_replace_each_others_recipe_unseen(gateway: Gateway) -> None:
    """Who has read an older one hears of it, and the newer one stays; who repeats what was stored is answered."""
    await asked(gateway, "PUT", "mine", json=MINE)
    tag = (await gateway.client.get("/pipeline/recipes/mine")).headers["ETag"]
    gateway.clock.step(1)
    stored = await gateway.client.put("/pipeline/recipes/mine", json=OTHER, headers={"If-Match": tag})
    assert (stored.status_code, stored.headers["ETag"] != tag) == (200, True)
    repeated = await gateway.client.put("/pipeline/recipes/mine", json=OTHER, headers={"If-Match": tag})
    assert (repeated.status_code, repeated.text) == (200, stored.text)
    for method, body in (("PUT", {"json": MINE}), ("DELETE", {})):
        status, answer = await asked(gateway, method, "mine", extra_headers={"If-Match": tag}, **body)
        assert (status, answer["error"]["code"]) == (412, "recipe_changed")
    assert (await asked(gateway, "GET", "mine"))[1]["data"]["recipe"]["outputs"][0]["name"] == "other"
    newest = {"If-Match": f'"x", {stored.headers["ETag"]}'}
    assert (await asked(gateway, "PUT", "mine", json=MINE, extra_headers=newest))[0] == 200
    assert (await asked(gateway, "DELETE", "mine", extra_headers={"If-Match": "*"}))[0] == 200


@pytest.mark.parametrize("header", ['W/"x"', '"x"', "*", "x", ""])
async def test_a_recipe_that_is_gone_is_not_stored_as_a_changed_one(gateway: Gateway, header: str) -> None:
    """Nor is a tag guessed, or read weakly."""
    status, body = await asked(gateway, "PUT", "mine", json=MINE, extra_headers={"If-Match": header})
    assert (status, body["error"]["code"]) == (412, "recipe_changed")
    assert await names(gateway) == [*BUILT_IN_RECIPES]


async def test_a_new_recipe_takes_no_others_place(gateway: Gateway) -> None:
    """If that is asked for."""
    new = {"If-None-Match": "*"}
    assert (await asked(gateway, "PUT", "mine", json=MINE, extra_headers=new))[0] == 200
    status, body = await asked(gateway, "PUT", "mine", json=OTHER, extra_headers=new)
    assert (status, body["error"]["code"]) == (412, "recipe_changed")
    tag = (await gateway.client.get("/pipeline/recipes/mine")).headers["ETag"]
    weak = {"If-Match": f"W/{tag}"}
    assert (await asked(gateway, "PUT", "mine", json=OTHER, extra_headers=weak))[0] == 412
    assert (await asked(gateway, "PUT", "mine", json=OTHER))[0] == 200


async def test_what_a_get_answers_can_be_put(gateway: Gateway) -> None:
    """That is how one's own begins: with a built-in one, under another name."""
    recipe = (await asked(gateway, "GET", "social"))[1]["data"]["recipe"]
    status, body = await asked(gateway, "PUT", "mine", json=recipe)
    assert (status, body["data"]["recipe"]["name"]) == (200, "mine")
    assert (await asked(gateway, "PUT", "mine", json={**recipe, "name": "mine"}))[0] == 200
    del recipe["name"]
    assert (await asked(gateway, "PUT", "mine", json=recipe))[0] == 200
    assert (await asked(gateway, "GET", "mine"))[1]["data"]["recipe"] == {**recipe, "name": "mine"}


async def test_built_in_recipes_are_listed_and_shown_but_never_changed(gateway: Gateway) -> None:
    """Everybody relies on what they are."""
    assert {"web", "web-webp", "thumbnail", "archive", "social"} <= set(await names(gateway))
    for name, recipe in BUILT_IN_RECIPES.items():
        status, body = await asked(gateway, "GET", name)
        assert (status, body["data"]["built_in"], body["data"]["saved_at"]) == (200, True, None)
        assert Recipe.model_validate(body["data"]["recipe"]) == recipe
    for request in ({"method": "PUT", "json": MINE}, {"method": "DELETE"}):
        status, body = await asked(gateway, name="web", **request)
        assert (status, body["error"]["code"]) == (409, "recipe_built_in")
    assert (await asked(gateway, "GET", "web"))[1]["data"]["built_in"]


async def test_a_built_in_recipe_wins_over_a_stored_one_of_its_name(gateway: Gateway) -> None:
    """One may have been stored before Darkroom brought along its own; it is not listed twice."""
    recipe = Recipe.model_validate({**MINE, "name": "web"})
    await gateway.ports.recipes.save(StoredRecipe(recipe=recipe, saved_at=START))
    assert await names(gateway) == [*BUILT_IN_RECIPES]
    assert (await asked(gateway, "GET", "web"))[1]["data"]["built_in"]
    batch_id = (await uploaded(gateway, recipe="web"))[1]["data"]["batch_id"]
    batch = await gateway.ports.batches.get(batch_id)
    assert batch is not None
    assert batch.recipe == BUILT_IN_RECIPES["web"]


async def test_the_list_tells_what_each_recipe_does(gateway: Gateway) -> None:
    """In brief."""
    await asked(gateway, "PUT", "mine", json=MINE)
    [*_, mine] = (await gateway.client.get("/pipeline/recipes")).json()["data"]
    assert mine == {
        "name": "mine",
        "built_in": False,
        "saved_at": "2025-01-15T10:30:00",
        "steps": ["auto_orient", "resize"],
        "outputs": [{"name": "print", "format": "webp", "fit": None, "cover": None}],
        "self": "/pipeline/recipes/mine",
    }


async def test_only_so_many_are_stored(gateway: Gateway) -> None:
    """One that is stored can still be replaced."""
    for number in range(3):
        assert (await asked(gateway, "PUT", f"mine-{number}", json=MINE))[0] == 200
    status, body = await asked(gateway, "PUT", "mine-3", json=MINE)
    assert (status, body["error"]["code"]) == (409, "too_many_recipes")
    assert (await asked(gateway, "PUT", "mine-0", json=OTHER))[0] == 200
    await asked(gateway, "DELETE", "mine-1")
    assert (await asked(gateway, "PUT", "mine-3", json=MINE))[0] == 200


@pytest.mark.parametrize(
    ("method", "name", "request_", "status", "code"),
    [
        ("GET", "sepia", {}, 404, "recipe_not_found"),
        ("DELETE", "sepia", {}, 404, "recipe_not_found"),
        ("GET", "UPPER", {}, 422, "invalid_request"),
        ("PUT", "a.b", {"json": MINE}, 422, "invalid_request"),
        ("PUT", "x" * 33, {"json": MINE}, 422, "invalid_request"),
        ("PUT", "mine", {"json": {**MINE, "zoom": 2}}, 422, "recipe_invalid"),
        ("PUT", "mine", {"content": b""}, 422, "invalid_request"),
        ("PUT", "mine", {"content": b"{"}, 422, "recipe_invalid"),
        (
            "PUT",
            "mine",
            {"content": b"{", "extra_headers": {"Content-Type": "application/json"}},
            422,
            "invalid_request",
        ),
        ("PUT", "mine", {"content": b" " * MAX_BODY_BYTES + b"{}"}, 413, "request_too_large"),
    ],
)
async def test_what_cannot_be_is_refused(
    gateway: Gateway, method: str, name: str, request_: dict[str, Any], status: int, code: str
) -> None:
    """And nothing is stored."""
    answered, body = await asked(gateway, method, name, **request_)
    assert (answered, body["error"]["code"]) == (status, code)
    assert await names(gateway) == [*BUILT_IN_RECIPES]


async def test_an_unknown_name_is_answered_with_all_names(gateway: Gateway) -> None:
    """The stored ones too; nothing of the upload is kept."""
    await asked(gateway, "PUT", "mine", json=MINE)
    status, body = await uploaded(gateway, recipe="sepia")
    assert (status, body["error"]["code"]) == (422, "recipe_unknown")
    assert body["error"]["details"] == {"choices": sorted([*BUILT_IN_RECIPES, "mine"])}
    assert await gateway.is_empty()


async def test_the_documentation_shows_the_recipes_own_schema(gateway: Gateway) -> None:
    """As it is sent: with descriptions and an example, and only what has no default is required."""
    api = (await gateway.client.get("/openapi.json")).json()
    schemas = api["components"]["schemas"]
    recipe = schemas["Recipe"]
    assert recipe["required"] == ["outputs"]
    assert recipe["examples"]
    assert all(field["description"] for field in recipe["properties"].values())
    assert recipe["additionalProperties"] is False
    assert schemas["Resize"]["required"] == ["width", "height"]
    upload = api["paths"]["/pipeline/batch"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    reference = {"$ref": "#/components/schemas/Recipe"}
    assert upload["properties"]["options"]["type"] == "string"
    put = api["paths"]["/pipeline/recipes/{name}"]["put"]
    assert put["requestBody"]["content"]["application/json"]["schema"] == reference


async def test_every_reference_in_the_documentation_leads_somewhere(gateway: Gateway) -> None:
    """Those that were written by hand, too."""
    text = (await gateway.client.get("/openapi.json")).text
    schemas = json.loads(text)["components"]["schemas"]
    prefix = '"$ref":"#/components/schemas/'
    references = {found.partition('"')[0] for found in text.split(prefix)[1:]}
    assert references
    assert references <= set(schemas)


@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded", None])
async def test_a_recipe_is_json_whatever_its_type_and_may_begin_with_a_mark(
    gateway: Gateway, content_type: str | None
) -> None:
    """As curl sends it, and as editors on Windows save it."""
    headers = {"Content-Type": content_type} if content_type else {}
    content = b"\xef\xbb\xbf" + json.dumps(MINE).encode()
    status, body = await asked(gateway, "PUT", "mine", content=content, extra_headers=headers)
    assert (status, body["data"]["recipe"]["outputs"][0]["name"]) == (200, "print")


async def test_the_schema_of_recipes_is_given_once(gateway: Gateway) -> None:
    """As the command prints it; a client that has it is answered 304."""
    response = await gateway.client.get("/pipeline/recipes/schema")
    assert (response.status_code, response.json()["data"]) == (200, Recipe.model_json_schema())
    tag = response.headers["etag"]
    again = await gateway.client.get("/pipeline/recipes/schema", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)


async def test_a_recipe_cannot_take_the_address_of_the_schema(gateway: Gateway) -> None:
    """One that an earlier version stored can be deleted."""
    status, body = await asked(gateway, "PUT", "schema", json=MINE)
    assert (status, body["error"]["code"]) == (409, "recipe_name_reserved")
    recipe = Recipe.model_validate({**MINE, "name": "schema"})
    await gateway.ports.recipes.save(StoredRecipe(recipe=recipe, saved_at=START))
    assert (await asked(gateway, "DELETE", "schema"))[0] == 200
