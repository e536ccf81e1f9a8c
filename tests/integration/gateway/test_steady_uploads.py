"""A steady flow of small batches on real servers is taken for as long as it comes."""

import asyncio
from pathlib import Path

from services.gateway.settings import GatewaySettings
from tests.integration.gateway.conftest import JPEG, ServedGateway, serving

CLIENTS = 8
BATCHES_EACH = 60


async def upload_one_after_another(gateway: ServedGateway) -> list[int]:
    """The statuses of one client's uploads."""
    answers = [
        await gateway.client.post("/pipeline/batch", data={"batch_name": "small"}, files={"files": ("a.jpg", JPEG)})
        for _ in range(BATCHES_EACH)
    ]
    return [answer.status_code for answer in answers]


async def test_the_relay_keeps_up_with_what_the_gateway_takes(
    tmp_path: Path, mongodb_url: str, rabbitmq_url: str
) -> None:
    """No upload is refused as `backlog_too_old`, and no batch is far behind when the last is in."""
    settings = GatewaySettings(max_backlog_seconds=2.0, grace_seconds=1)
    async with serving(tmp_path / "objects", settings, mongodb_url, rabbitmq_url) as gateway:
        statuses = await asyncio.gather(*(upload_one_after_another(gateway) for _ in range(CLIENTS)))
        unpublished = [
            batch
            for batch in await gateway.ports.batches.unfinished(CLIENTS * BATCHES_EACH)
            if batch.dispatched_at is None
        ]
    assert {status for each in statuses for status in each} == {200}
    assert len(unpublished) <= 2 * CLIENTS
