"""Batches beside the page: made, looked at and awaited through the API."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import httpx

END_MILLISECONDS = 60_000
END_SECONDS = 60.0


async def until(condition: Callable[[], Awaitable[object]], what: str, seconds: float = END_SECONDS) -> None:
    """Return once the condition holds; AssertionError when it does not in time."""
    deadline = time.monotonic() + seconds
    while not await condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        await asyncio.sleep(0.05)


async def upload_files(address: str, name: str, files: Sequence[Path], **form: object) -> str:
    """Make a batch of files; its id."""
    parts = [("files", (path.name, path.read_bytes())) for path in files]
    async with httpx.AsyncClient(base_url=address, timeout=60) as client:
        answer = await client.post("/pipeline/batch", data={"batch_name": name, **form}, files=parts)
    return str(answer.raise_for_status().json()["data"]["batch_id"])


async def developed(address: str, name: str, files: Sequence[Path], **form: object) -> str:
    """Make a batch of files, and wait until it has ended; its id."""
    batch_id = await upload_files(address, name, files, **form)

    async def has_ended() -> bool:
        return (await status_of(address, batch_id))["finished_at"] is not None

    await until(has_ended, f"the end of {name}")
    return batch_id


async def status_of(address: str, batch_id: str) -> dict[str, Any]:
    """The batch as the API has it."""
    status: dict[str, Any] = await data_of(address, f"/pipeline/batch/{batch_id}")
    return status


async def data_of(address: str, path: str, **query: str) -> Any:
    """What the API answers."""
    async with httpx.AsyncClient(base_url=address, timeout=30) as client:
        answer = await client.get(path, params=query)
    return answer.raise_for_status().json()["data"]


async def control(address: str, batch_id: str, name: str) -> None:
    """Ask something of a batch."""
    async with httpx.AsyncClient(base_url=address, timeout=30) as client:
        (await client.post(f"/pipeline/batch/{batch_id}/{name}")).raise_for_status()


async def batch_named(address: str, name: str) -> str:
    """The id of the only batch of that name."""
    listed = await data_of(address, "/pipeline/batch", q=name)
    (batch_id,) = [batch["batch_id"] for batch in listed if batch["batch_name"] == name]
    return str(batch_id)
