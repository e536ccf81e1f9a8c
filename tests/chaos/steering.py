"""One client's way with one recorded batch: watch it, cancel, pause, retry or delete it, until content."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from typing import Any

from tests.chaos.client import Client, Unanswered
from tests.chaos.ledger import Asked, Ledger, Upload, Witness

POLL_SECONDS = 0.5
FINISHED = {"SUCCESS", "FAILURE", "REVOKED"}
SHARE_PAUSED = 0.15
SHARE_RETRIED = 0.35
SHARE_OF_EVERYTHING = 0.5
"""Of the retries."""

SHARE_DELETED = 0.12
LATEST_SECONDS = 4.0
"""A batch is steered so long after its upload at the latest; many have finished by then, which is part of it."""

REFUSALS = {
    "cancel": {"batch_finished", "batch_stopping"},
    "pause": {"batch_finished", "batch_stopping"},
    "resume": {"batch_finished", "batch_stopping"},
    # Where an unanswered retry was asked for again and had been carried out; it may even have succeeded by then.
    "retry": {"nothing_to_retry", "batch_running", "batch_stopping"},
    "delete": {"batch_running"},
}
"""With what each may be refused here."""


class Steering:
    """Steers one batch."""

    def __init__(
        self,
        upload: Upload,
        batch_id: str,
        client: Client,
        ledger: Ledger,
        rng: random.Random,
        *,
        cancelled_share: float,
    ) -> None:
        self._cancelled_share = cancelled_share
        self._upload = upload
        self._batch_id = batch_id
        self._client = client
        self._ledger = ledger
        self._rng = rng
        self._pausing = False

    async def accompany(self) -> None:
        """Return when the batch has finished and nothing more is wanted of it."""
        background = [asyncio.create_task(self._steer())]
        if self._rng.random() < 0.5:
            background.append(asyncio.create_task(self._follow()))
        try:
            await self._until_finished()
        finally:
            for task in background:
                task.cancel()
            problems = await asyncio.gather(*background, return_exceptions=True)
        for problem in problems:
            if isinstance(problem, Exception):
                raise problem
        while self._rng.random() < SHARE_RETRIED and await self._retry():
            await self._until_finished()
        await self._look_at_prints()
        while self._rng.random() < SHARE_DELETED and not await self._delete():
            await self._until_finished()

    async def _until_finished(self) -> None:
        witness = Witness(self._ledger, self._upload.key, len(self._upload.pictures), "a poller")
        while True:
            try:
                status = await self._client.status(self._batch_id)
                if status is None:
                    raise AssertionError("there is no such batch, and nobody deleted it")
                if status.get("paused") and not self._pausing:
                    # A request to pause that nobody answered has come through after all.
                    await self._client.control(self._batch_id, "resume")
            except Unanswered:
                await self._client.pause()
                continue
            witness.sees(status)
            if status["status"] in FINISHED:
                return
            await asyncio.sleep(POLL_SECONDS)

    async def _follow(self) -> None:
        while True:
            # Each stream begins with the present, whichever gateway it comes from.
            witness = Witness(self._ledger, self._upload.key, len(self._upload.pictures), "a stream")
            async for status in self._client.events(self._batch_id):
                witness.sees(status)
                if status["status"] in FINISHED:
                    return
            await self._client.pause()

    async def _steer(self) -> None:
        drawn = self._rng.random()
        await asyncio.sleep(self._rng.uniform(0, LATEST_SECONDS))
        if drawn < self._cancelled_share:
            if await self._ask("cancel", self._upload.cancel):
                self._upload.cancelled_last = True
        elif drawn < self._cancelled_share + SHARE_PAUSED:
            self._pausing = True
            try:
                await self._ask("pause", self._upload.pause)
                await asyncio.sleep(self._rng.uniform(0, LATEST_SECONDS))
            finally:
                self._pausing = False
            await self._ask("resume", self._upload.pause)

    async def _retry(self) -> bool:
        """Retry all or some of the images, if there are any to retry; whether the batch goes on by that."""
        status = await self._answered_status()
        results = _unsuccessful(status) if status else []
        if not results:
            return False
        self._upload.cancelled_last = False
        action = self._rng.choice(["retry", "retry?recipe=web-webp"])
        await self._ask(action, self._upload.retry, self._choice(results))
        return True

    def _choice(self, results: Sequence[str]) -> Mapping[str, Any] | None:
        """The body of a retry: of everything, or of some codes and indexes."""
        codes = self._rng.sample(results, k=self._rng.randint(0, len(results)))
        indexes = self._rng.choices(range(len(self._upload.pictures)), k=self._rng.randint(0, 2))
        if self._rng.random() < SHARE_OF_EVERYTHING or not (codes or indexes):
            return None
        self._upload.retried_indexes.update(indexes)
        return {name: chosen for name, chosen in (("codes", codes), ("indexes", indexes)) if chosen}

    async def _delete(self) -> bool:
        """Delete the batch; whether it is gone, and not running again by a retry that came late."""
        self._upload.deleted = await self._ask("delete", self._upload.delete)
        return self._upload.deleted

    async def _ask(self, action: str, asked: Asked, body: object = None) -> bool:
        """Ask until there is an answer; whether it was done, now or by a request that was not answered."""
        while True:
            asked.times += 1
            try:
                status, code = await self._client.control(self._batch_id, action, body)
            except Unanswered:
                asked.unanswered += 1
                await self._client.pause()
                continue
            if status == 200:
                asked.granted += 1
                return True
            if action == "delete" and code == "batch_not_found" and asked.unanswered:
                return True
            if code not in REFUSALS[action.partition("?")[0]]:
                raise AssertionError(f"{action} was refused with {status} {code}")
            return False

    async def _answered_status(self) -> dict[str, Any] | None:
        while True:
            try:
                return await self._client.status(self._batch_id)
            except Unanswered:
                await self._client.pause()

    async def _look_at_prints(self) -> None:
        """Look at the list and at one print while the trouble lasts; the verdict looks at all of them afterwards."""
        try:
            completed = [
                image for image in await self._client.images(self._batch_id) if image["outcome"] == "completed"
            ]
            if completed:
                image = self._rng.choice(completed)
                link = image["prints"][0]
                made = await self._client.fetch(link["url"])
                problem = self._upload.pictures[image["index"]].problem_with(made, link["output"], self._upload.recipe)
                if problem:
                    self._ledger.breaches.append(
                        f"print of image {image['index']} of batch {self._upload.key} {problem}"
                    )
        except Unanswered:
            pass


def _unsuccessful(status: Mapping[str, Any]) -> list[str]:
    """The codes of what failed in a batch with this status, and `revoked` if something was."""
    return [*status["failure_codes"], *(["revoked"] if status.get("revoked_images") else [])]
