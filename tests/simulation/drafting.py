"""An owner who uploads a batch in several requests, each sent again until it is answered, some twice at once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any

from services.gateway.answers.errors import ApiError
from services.gateway.answers.request_codes import RequestCode
from services.gateway.uploading.multipart_parts import PartBegan, PartEnded, PartEvent
from services.gateway.wiring import GatewayParts
from shared.documents import Batch
from tests.simulation.chance import Chance

Answered = Callable[[Callable[[GatewayParts], Coroutine[Any, Any, Any]]], Awaitable[Any]]
"""Asks gateways until one answers; raises `ApiError`."""

MAX_FILES = 3
TWICE_SHARE = 0.3
BREAK_OFF_SHARE = 0.1
SLOWEST_PIECE_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 45.0
"""Before a commit that was not answered is sent again: by then a gateway may have completed it by itself."""

GIVEN_UP = {"draft_expired", "draft_not_found"}


class DraftUpload:
    """The files of one upload, sent as a draft."""

    def __init__(self, fields: Mapping[str, str], files: Sequence[bytes], key: str | None, chance: Chance) -> None:
        self._fields = {name: value.encode() for name, value in fields.items()}
        self._files = files
        self._key = key
        self._chance = chance

    async def send(self, answered: Answered) -> Batch:
        """Begin a draft, append everything and commit; begin again if it was given up meanwhile."""
        while True:
            draft = await answered(lambda gateway: gateway.drafts.begin(self._fields, self._key))
            self._chance.note(f"draft {draft.id} is begun")
            try:
                return await self._append_and_commit(answered, draft.id)
            except ApiError as refused:
                if refused.code not in GIVEN_UP:
                    raise

    async def _append_and_commit(self, answered: Answered, draft_id: str) -> Batch:
        await self._append(answered, draft_id)
        batch: Batch = await answered(lambda gateway: self._commit(gateway, draft_id))
        return batch

    async def _append(self, answered: Answered, draft_id: str) -> None:
        firsts = list(range(0, len(self._files), MAX_FILES))
        again = [first for first in firsts if self._chance.rng.random() < TWICE_SHARE]
        self._chance.rng.shuffle(firsts)
        try:
            async with asyncio.TaskGroup() as tasks:
                for first in (*firsts, *again):
                    tasks.create_task(self._append_from(answered, draft_id, first))
        except* ApiError as refused:
            for error in refused.exceptions:
                # Somebody else sends the same with the same key, and was faster.
                if not (isinstance(error, ApiError) and error.code == "draft_committed" and self._key):
                    raise error from None

    async def _append_from(self, answered: Answered, draft_id: str, first: int) -> None:
        await asyncio.sleep(self._chance.pause_seconds(SLOWEST_PIECE_SECONDS))
        await answered(lambda gateway: gateway.appends.append(draft_id, self._parts(first), f"from {first}"))

    async def _parts(self, first: int) -> AsyncIterator[PartEvent]:
        chance = self._chance
        files = self._files[first : first + MAX_FILES]
        breaks_off = chance.active and not chance.plan.is_calm and chance.rng.random() < BREAK_OFF_SHARE
        yield PartBegan("position", None)
        yield str(first).encode()
        yield PartEnded()
        for number, file in enumerate(files, start=first):
            if breaks_off and number == chance.rng.randint(first, number):
                raise ApiError(RequestCode.BODY_INCOMPLETE)
            yield PartBegan("files", f"{number}.jpg")
            yield file
            yield PartEnded()

    async def _commit(self, gateway: GatewayParts, draft_id: str) -> Batch:
        if self._chance.active and self._chance.rng.random() < TWICE_SHARE:
            await asyncio.sleep(self._chance.pause_seconds(LONGEST_WAIT_SECONDS))
        return await gateway.draft_commits.commit(draft_id)
