"""Recipes over real connections, with their documents in memory and in MongoDB."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from shared.recipes import BUILT_IN_RECIPES, MAX_RECIPE_BYTES, Recipe
from tests.fakes import DEADLINE_SECONDS
from tests.integration.gateway.conftest import JPEG, ServedGateway

MINE: dict[str, Any] = {
    "steps": [{"op": "crop", "aspect": "3:2"}, {"op": "rotate", "angle": 1.5}],
    "outputs": [{"name": "print", "format": "webp"}],
}
PNG = {"outputs": [{"name": "print", "format": "png"}]}


async def data_of(response: httpx.Response) -> Any:
    """What a good answer brings."""
    assert response.status_code == 200, response.text
    return response.json()["data"]


async def upload(gateway: ServedGateway, **fields: str) -> str:
    """The id of a new batch of two images."""
    files = [("files", (f"{number}.jpg", JPEG)) for number in range(2)]
    response = await gateway.client.post("/pipeline/batch", data={"batch_name": "holiday", **fields}, files=files)
    batch_id: str = (await data_of(response))["batch_id"]
    return batch_id


async def recipe_of(gateway: ServedGateway, batch_id: str) -> Recipe:
    """What the recorded batch is developed by."""
    batch = await gateway.ports.batches.get(batch_id)
    assert batch is not None
    return batch.recipe


async def test_a_stored_recipe_serves_uploads_and_retries_and_leaves_them_alone(sweeping: ServedGateway) -> None:
    """Replaced and deleted, it changes nothing that has begun with it, not even at a retry."""
    mine = Recipe.model_validate({**MINE, "name": "mine"})
    await data_of(await sweeping.client.put("/pipeline/recipes/mine", json=MINE))
    named = await upload(sweeping, recipe="mine")
    inline = await upload(sweeping, options=json.dumps(MINE))
    retried = await upload(sweeping)
    for batch_id in (named, inline, retried):
        await sweeping.move(batch_id, status="FAILURE", failed_images=2)
    await data_of(await sweeping.client.post(f"/pipeline/batch/{retried}/retry", json={"recipe": "mine"}))
    await data_of(await sweeping.client.put("/pipeline/recipes/mine", json=PNG))
    await data_of(await sweeping.client.delete("/pipeline/recipes/mine"))
    for batch_id in (named, inline):
        await data_of(await sweeping.client.post(f"/pipeline/batch/{batch_id}/retry"))
    assert await recipe_of(sweeping, named) == await recipe_of(sweeping, retried) == mine
    assert await recipe_of(sweeping, inline) == mine.model_copy(update={"name": "custom"})
    listed = await data_of(await sweeping.client.get("/pipeline/recipes"))
    assert [recipe["name"] for recipe in listed] == [*BUILT_IN_RECIPES]


async def test_a_retry_brings_its_own_recipe(sweeping: ServedGateway) -> None:
    """Of which the batch keeps all."""
    batch_id = await upload(sweeping)
    await sweeping.move(batch_id, status="FAILURE", failed_images=2)
    await data_of(await sweeping.client.post(f"/pipeline/batch/{batch_id}/retry", json={"options": PNG}))
    assert await recipe_of(sweeping, batch_id) == Recipe.model_validate(PNG)


async def test_many_who_store_at_once_leave_one_whole_recipe(sweeping: ServedGateway) -> None:
    """All are answered, and what is shown is what one of them sent."""
    sent = [{**PNG, "steps": [{"op": "blur", "radius": radius}]} for radius in range(1, 21)]
    answers = await asyncio.gather(*(sweeping.client.put("/pipeline/recipes/mine", json=recipe) for recipe in sent))
    assert {answer.status_code for answer in answers} == {200}
    shown = await data_of(await sweeping.client.get("/pipeline/recipes/mine"))
    assert Recipe.model_validate(shown["recipe"]) in [
        Recipe.model_validate({**recipe, "name": "mine"}) for recipe in sent
    ]


@pytest.mark.parametrize("sent", [b"", json.dumps(PNG).encode()])
async def test_a_recipe_whose_body_breaks_off_is_not_stored(served: ServedGateway, sent: bytes) -> None:
    """Although what came may be a recipe. The sender who still listens is told."""
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    head = "PUT /pipeline/recipes/mine HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 500\r\n\r\n"
    writer.write(head.encode() + sent)
    writer.write_eof()
    answer = await asyncio.wait_for(reader.read(), DEADLINE_SECONDS)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"code":"body_incomplete"' in answer
    assert await served.ports.recipes.all() == []


async def test_options_without_an_end_are_refused_before_they_are_read(served: ServedGateway) -> None:
    """While they arrive; nothing is kept."""
    files = [("files", ("a.jpg", JPEG))]
    data = {"batch_name": "holiday", "options": " " * (MAX_RECIPE_BYTES + 1)}
    response = await served.client.post("/pipeline/batch", data=data, files=files)
    assert (response.status_code, response.json()["error"]["code"]) == (422, "field_too_long")
    assert await served.ports.batches.newest(1) == []
