"""What a program does with the client that openapi-generator makes: `pydantic_client.py URL PHOTOGRAPH`."""

import sys
import time
from pathlib import Path

from openapi_client import ApiClient, BatchesApi, Configuration, DraftsApi, ImagesApi, RecipesApi
from openapi_client.exceptions import NotFoundException

url, photograph = sys.argv[1], Path(sys.argv[2])
client = ApiClient(Configuration(host=url))
batches, drafts, images, recipes = BatchesApi(client), DraftsApi(client), ImagesApi(client), RecipesApi(client)

saved = recipes.save_recipe("mine", recipes.show_recipe("web").data.recipe)
assert saved.success is True, saved
assert saved.data.recipe.name == "mine"

for recipe in ({}, {"recipe": "mine"}, {"options": saved.data.recipe.to_json()}):
    accepted = batches.submit_batch("holiday", [("제주.jpg", photograph.read_bytes())], **recipe)
    assert accepted.success is True, accepted
    batch_id = accepted.data.context_id
    deadline = time.monotonic() + 60
    while (status := batches.show_batch(batch_id)).data.status not in {"SUCCESS", "FAILURE"}:
        assert time.monotonic() < deadline, status
        time.sleep(0.1)
    assert status.data.status == "SUCCESS", status

[image] = images.list_images(batch_id).data.images
assert image.name == "제주.jpg"
made = image.prints[0]
assert len(images.show_print(batch_id=batch_id, index=0, output=made.output)) == made.size_bytes
assert len(batches.list_batches().data) == len(("default", "named", "own"))
for status, count in ((["SUCCESS", "FAILURE"], 3), (["FAILURE"], 0)):
    assert len(batches.list_batches(status=status, q="HOLI").data) == count
tiles = images.list_tiles(batch_id).data
[tile] = tiles.images
assert (tile.name, tile.state) == ("제주.jpg", "completed")
assert images.show_print(batch_id=batch_id, index=tile.index, output=tiles.output)
assert images.list_failures(batch_id).data.failures == []
assert recipes.show_recipe_schema().data["properties"]

draft_id = batches.submit_batch("in parts", [], draft=True).data.draft_id
appended = drafts.append_images(draft_id, [("제주.jpg", photograph.read_bytes())], idempotency_key="first").data
assert (appended.received_images, appended.received[0].name, appended.received[0].unfit) == (1, "제주.jpg", None)
assert drafts.show_draft(draft_id).data.received_bytes == photograph.stat().st_size
assert [draft.draft_id for draft in drafts.list_drafts().data] == [draft_id]
assert drafts.commit_draft(draft_id).data.total_images == 1

try:
    batches.show_batch("3f0f4a52-8a51-4bd8-9d52-4f4f6f1b9c11")
except NotFoundException as error:
    assert error.data.error.code == "batch_not_found", error  # noqa: PT017  a program of a client, not a test
else:
    raise AssertionError
