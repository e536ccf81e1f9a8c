"""A draft on the stage: begun and extended by gateways that may be killed, and judged once it is a batch."""

from services.gateway.uploading.appends import Appended
from services.gateway.wiring import GatewayParts
from shared.documents import Batch, Draft
from tests.unit.gateway.stage import Stage, parts

FORM = {"batch_name": b"holiday"}


async def begun(stage: Stage) -> str:
    """The id of a new draft."""
    draft = await stage.gateway().drafts.begin(FORM, None)
    return draft.id


async def appended(gateway: GatewayParts, draft_id: str, key: str | None = None, files: int = 2) -> Appended:
    """Append so many files."""
    return await gateway.appends.append(draft_id, parts(files), key)


async def extended(stage: Stage, *keys: str) -> str:
    """The id of a draft with an append of two files for each key."""
    draft_id = await begun(stage)
    for key in keys:
        await appended(stage.gateway(), draft_id, key)
    return draft_id


async def draft_now(stage: Stage, draft_id: str) -> Draft:
    """The draft as it is recorded."""
    draft = await stage.documents.drafts.get(draft_id)
    assert draft is not None
    return draft


async def assert_whole(stage: Stage, batch: Batch | None, images: int, *, tidy: bool = False) -> None:
    """The only batch has so many images, each with its own original; if it is `tidy`, nothing else is stored."""
    assert batch is not None
    assert [recorded.id for recorded in await stage.documents.batches.newest(9)] == [batch.id]
    entries = await stage.documents.manifests.entries(batch.id, 0, 1000)
    assert [entry.index for entry in entries] == list(range(batch.total_images))
    assert (batch.total_images, batch.was_draft) == (images, True)
    keys = {entry.original_key(batch.id) for entry in entries}
    stored = {key for key in stage.objects.stored if batch.id in key}
    assert len(keys) == images
    assert keys <= stored
    assert keys == stored or not tidy
