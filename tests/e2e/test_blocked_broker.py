"""RabbitMQ with its memory full: it takes no messages, and whoever hands in batches is told so in time."""

import asyncio
from pathlib import Path

import httpx

from tests.e2e.test_upload_to_prints import follow
from tests.integration.broker.memory_alarm import memory_alarm
from tests.processes import running_services, wait_until
from tests.servers import Server
from tests.servers.rabbitmq import RabbitmqAddress


async def test_uploads_are_refused_once_the_backlog_is_too_old_and_none_is_lost(
    rabbitmq_server: Server[RabbitmqAddress],
    rabbitmq_url: str,
    mongodb_url: str,
    photographs: list[Path],
    tmp_path: Path,
) -> None:
    """503 with Retry-After and not ready; when the alarm is over, everything that was taken is developed."""
    settings = {"DARKROOM_MAX_BACKLOG_SECONDS": "2"}
    with running_services(tmp_path, rabbitmq_url, mongodb_url, **settings) as darkroom:
        async with memory_alarm(rabbitmq_server):
            answers = await asyncio.to_thread(upload_until_refused, darkroom.base_url, photographs[0])
            assert not await asyncio.to_thread(darkroom.is_ready)
        refusal = answers[-1]
        assert (refusal.status_code, refusal.json()["error"]["code"]) == (503, "backlog_too_old")
        assert int(refusal.headers["Retry-After"]) > 0
        taken = [answer.json()["data"]["context_id"] for answer in answers[:-1]]
        assert taken
        for batch_id in taken:
            last = (await asyncio.to_thread(follow, darkroom.base_url, batch_id))[-1]
            assert (last["status"], last["completed_images"]) == ("SUCCESS", 1), darkroom.logs()
        wait_until(lambda: upload(darkroom.base_url, photographs[0]).is_success, "uploads are taken again")


def upload(base_url: str, photograph: Path) -> httpx.Response:
    """Hand in a batch of one image."""
    files = {"files": (photograph.name, photograph.read_bytes())}
    return httpx.post(f"{base_url}/pipeline/batch", data={"batch_name": "full"}, files=files, timeout=30)


def upload_until_refused(base_url: str, photograph: Path) -> list[httpx.Response]:
    """Every answer, the refusal last."""
    answers: list[httpx.Response] = []

    def is_refused() -> bool:
        answers.append(upload(base_url, photograph))
        return not answers[-1].is_success

    wait_until(is_refused, "an upload is refused")
    return answers
