"""What a program does with the client that openapi-python-client makes: `attrs_client.py URL PHOTOGRAPH`."""

import json
import sys
import time
from pathlib import Path

from darkroom_client import Client
from darkroom_client.api.batches import list_batches, show_batch, submit_batch
from darkroom_client.api.drafts import append_images, commit_draft, list_drafts, show_draft
from darkroom_client.api.images import list_failures, list_images, list_tiles, show_print
from darkroom_client.api.recipes import save_recipe, show_recipe, show_recipe_schema
from darkroom_client.models import AppendImagesBody, ListBatchesStatusItem, SubmitBatchBody
from darkroom_client.types import File

url, photograph = sys.argv[1], Path(sys.argv[2])
client = Client(base_url=url)

shown = show_recipe.sync(name="web", client=client)
saved = save_recipe.sync(name="mine", body=shown.data.recipe, client=client)
assert saved.success is True, saved
assert saved.data.recipe.name == "mine"

for recipe in ({}, {"recipe": "mine"}, {"options": json.dumps(saved.data.recipe.to_dict())}):
    body = SubmitBatchBody(
        batch_name="holiday", files=[File(payload=photograph.open("rb"), file_name="제주.jpg")], **recipe
    )
    accepted = submit_batch.sync(client=client, body=body)
    assert accepted.success is True, accepted
    batch_id = accepted.data.context_id
    deadline = time.monotonic() + 60
    while (status := show_batch.sync(batch_id=batch_id, client=client)).data.status not in {"SUCCESS", "FAILURE"}:
        assert time.monotonic() < deadline, status
        time.sleep(0.1)
    assert status.data.status == "SUCCESS", status

[image] = list_images.sync(batch_id=batch_id, client=client).data.images
assert image.name == "제주.jpg"
answer = show_print.sync_detailed(batch_id=batch_id, index=0, output=image.prints[0].output, client=client)
assert len(answer.content) == image.prints[0].size_bytes
assert len(list_batches.sync(client=client).data) == len(("default", "named", "own"))
for status, count in ((list(ListBatchesStatusItem), 3), ([ListBatchesStatusItem.FAILURE], 0)):
    assert len(list_batches.sync(client=client, status=status, q="HOLI").data) == count
tiles = list_tiles.sync(batch_id=batch_id, client=client).data
[tile] = tiles.images
answer = show_print.sync_detailed(batch_id=batch_id, index=tile.index, output=tiles.output, client=client)
assert (tile.name, tile.state, answer.status_code) == ("제주.jpg", "completed", 200)
assert list_failures.sync(batch_id=batch_id, client=client).data.failures == []
assert show_recipe_schema.sync(client=client).data["properties"]

form = SubmitBatchBody(batch_name="in parts", files=[])
draft_id = submit_batch.sync(client=client, body=form, draft=True).data.draft_id
files = [File(payload=photograph.open("rb"), file_name="제주.jpg")]
body = AppendImagesBody(files=files, position=0)
appended = append_images.sync(batch_id=draft_id, client=client, body=body, idempotency_key="first").data
assert (appended.received_images, appended.received[0].name, appended.received[0].unfit) == (1, "제주.jpg", None)
assert show_draft.sync(batch_id=draft_id, client=client).data.received_bytes == photograph.stat().st_size
assert [draft.draft_id for draft in list_drafts.sync(client=client).data] == [draft_id]
assert commit_draft.sync(batch_id=draft_id, client=client).data.total_images == 1

missing = show_batch.sync(batch_id="3f0f4a52-8a51-4bd8-9d52-4f4f6f1b9c11", client=client)
assert (missing.success, missing.error.code) == (False, "batch_not_found")
