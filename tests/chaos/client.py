"""HTTP as clients of a system in trouble use it: any gateway, again and again until there is an answer."""

import asyncio
import contextlib
import json
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import httpx

from shared.recipes import Recipe
from tests.chaos.ledger import Upload

PAUSE_SECONDS = (0.2, 1.0)
TIMEOUT = httpx.Timeout(8.0, read=12.0)
STREAM_SILENCE_SECONDS = 20.0


class Unanswered(Exception):  # noqa: N818 - a state of affairs, which a client meets by asking again
    """No answer, or one that says to come again; whether it was done is not known."""


class Client:
    """One client; it turns to another gateway for each request."""

    def __init__(self, gateway_urls: Sequence[str], rng: random.Random) -> None:
        self._urls = gateway_urls
        self._rng = rng
        self._http = httpx.AsyncClient(timeout=TIMEOUT)

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def pause(self) -> None:
        """Wait as one does before asking again."""
        await asyncio.sleep(self._rng.uniform(*PAUSE_SECONDS))

    async def upload(self, upload: Upload) -> dict[str, Any]:
        """Try once to upload; the answer's data."""
        fields = {
            "batch_name": upload.key,
            "chunk_size": str(upload.chunk_size),
            "recipe": upload.recipe,
            "priority": upload.priority,
        }
        files = [
            ("files", (f"{index}.jpg", picture.data, "image/jpeg")) for index, picture in enumerate(upload.pictures)
        ]
        answer = await self._send(
            "POST", "/pipeline/batch", data=fields, files=files, headers={"Idempotency-Key": upload.key}
        )
        if answer.status_code != httpx.codes.OK:
            raise AssertionError(f"upload {upload.key}: {answer.status_code} {answer.text[:200]}")
        return dict(answer.json()["data"])

    async def status(self, batch_id: str) -> dict[str, Any] | None:
        """The batch's status; None if there is no such batch."""
        answer = await self._send("GET", f"/pipeline/batch/{batch_id}")
        return None if answer.status_code == httpx.codes.NOT_FOUND else dict(answer.json()["data"])

    async def list_newest(self) -> None:
        """Look at the newest batches."""
        await self._send("GET", "/pipeline/batch")

    async def save_recipe(self, recipe: Recipe) -> None:
        """Store a recipe under its name."""
        await self._succeed("PUT", f"/pipeline/recipes/{recipe.name}", content=recipe.model_dump_json())

    async def recipe(self, name: str) -> Recipe:
        """A recipe by its name."""
        answer = await self._succeed("GET", f"/pipeline/recipes/{name}")
        return Recipe.model_validate(answer.json()["data"]["recipe"])

    async def list_recipes(self) -> None:
        """Look at all recipes."""
        await self._succeed("GET", "/pipeline/recipes")

    async def remove_recipe(self, name: str) -> None:
        """Delete a recipe, if it has not been deleted."""
        answer = await self._send("DELETE", f"/pipeline/recipes/{name}")
        if answer.status_code not in {httpx.codes.OK, httpx.codes.NOT_FOUND}:
            raise AssertionError(f"DELETE of recipe {name}: {answer.status_code} {answer.text[:200]}")

    async def control(self, batch_id: str, action: str, body: object = None) -> tuple[int, str | None]:
        """Ask for something to be done to a batch, as the JSON body says: the answer's status and a refusal's code."""
        if action == "delete":
            answer = await self._send("DELETE", f"/pipeline/batch/{batch_id}")
        else:
            content = None if body is None else json.dumps(body)
            answer = await self._send("POST", f"/pipeline/batch/{batch_id}/{action}", content=content)
        said = answer.json()
        return answer.status_code, None if said["success"] else str(said["error"]["code"])

    async def images(self, batch_id: str) -> list[dict[str, Any]]:
        """Every image of a batch as it is listed."""
        answer = await self._send("GET", f"/pipeline/batch/{batch_id}/images?limit=1000")
        return list(answer.json()["data"]["images"])

    async def fetch(self, path: str) -> bytes:
        """A print."""
        return (await self._succeed("GET", path)).content

    async def events(self, batch_id: str) -> AsyncIterator[dict[str, Any]]:
        """The statuses of one event stream, for as long as it lasts."""
        url = f"{self._rng.choice(self._urls)}/pipeline/batch/{batch_id}/events"
        with contextlib.suppress(httpx.TransportError):
            async with self._http.stream("GET", url, timeout=STREAM_SILENCE_SECONDS) as stream:
                async for line in stream.aiter_lines():
                    if line.startswith("data:"):
                        yield json.loads(line.removeprefix("data:"))

    async def _succeed(self, method: str, path: str, content: str | None = None) -> httpx.Response:
        answer = await self._send(method, path, content=content)
        if answer.status_code != httpx.codes.OK:
            raise AssertionError(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        return answer

    async def _send(
        self,
        method: str,
        path: str,
        data: Mapping[str, str] | None = None,
        files: Any = None,
        headers: Mapping[str, str] | None = None,
        content: str | None = None,
    ) -> httpx.Response:
        url = self._rng.choice(self._urls) + path
        try:
            answer = await self._http.request(method, url, data=data, files=files, headers=headers, content=content)
        except httpx.TransportError as error:
            raise Unanswered(repr(error)) from error
        if answer.is_server_error or answer.status_code in {httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS}:
            if answer.status_code == httpx.codes.INTERNAL_SERVER_ERROR:
                raise AssertionError(f"{method} {path}: {answer.text[:300]}")
            raise Unanswered(f"{answer.status_code} {answer.text[:200]}")
        return answer
