"""The owners of the batches: each uploads, asks for things at any moment, and repeats what was not answered."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any

from services.gateway.answers.errors import ApiError
from services.gateway.answers.request_codes import RequestCode
from services.gateway.collecting.selections import find_selection
from services.gateway.uploading.multipart_parts import PartBegan, PartEnded, PartEvent
from services.gateway.wiring import GatewayParts
from shared.documents import Batch
from shared.errors import TransientError
from tests.simulation.drafting import DraftUpload
from tests.simulation.lives import GoneError
from tests.simulation.plans import OTHER_RECIPE, UNFIT, Act, PlannedBatch, Request, original_of
from tests.simulation.services import System
from tests.simulation.supervisors import Supervisor

Call = Callable[[GatewayParts], Coroutine[Any, Any, Any]]

LONGEST_PATIENCE_SECONDS = 1.0
"""Before a client asks again."""

LOOKS_FOR_THE_END = 40
"""So often, once a second, a batch is looked at before some of its images are retried."""

BREAK_OFF_SHARE = 0.1
SLOW_PIECE_SHARE = 0.1
SLOWEST_PIECE_SECONDS = 2.0

REFUSALS: Mapping[Act, set[str]] = {
    "cancel": {"batch_finished", "batch_stopping", "batch_not_found"},
    "pause": {"batch_finished", "batch_stopping", "batch_not_found"},
    "resume": {"batch_finished", "batch_stopping", "batch_not_found"},
    "retry": {"batch_running", "batch_stopping", "nothing_to_retry", "batch_not_found"},
    "retry otherwise": {"batch_running", "batch_stopping", "nothing_to_retry", "batch_not_found"},
    "retry some": {"batch_running", "batch_stopping", "nothing_to_retry", "batch_not_found"},
    "delete": {"batch_running", "batch_not_found"},
    "prioritize": {"batch_finished", "batch_stopping", "batch_not_found"},
}
"""What a request may be refused with."""


class Client:
    """The owner of one planned batch."""

    def __init__(self, plan: PlannedBatch, system: System, gateways: Sequence[Supervisor]) -> None:
        self.plan = plan
        self.ids: list[str] = []
        """The id that each upload was answered with."""
        self.deleted: set[str] = set()
        """The ids whose deletion was confirmed."""
        self._system = system
        self._gateways = gateways
        self._uploads = 0

    async def live(self) -> None:
        """Upload, then ask for everything that is planned; on return every request was answered."""
        await asyncio.sleep(self.plan.at)
        await asyncio.gather(*(self._upload() for _ in range(self.plan.together)))
        await asyncio.gather(*map(self._ask_in_time, self.plan.requests))

    async def resume(self, batch_id: str) -> None:
        """Go on with a batch that was left paused."""
        await self._ask(Request(self._system.chance.now(), "resume", 1), batch_id)

    async def _upload(self) -> None:
        batch = await (self._submit_draft() if self.plan.is_draft else self._answered(self._submit))
        self.ids.append(batch.id)
        if self.plan.key and len(set(self.ids)) > 1 and not self.deleted:
            self._system.report(f"{self.plan.name} was answered with the batches {self.ids}")

    def _submit(self, gateway: GatewayParts) -> Coroutine[Any, Any, Batch]:
        self._uploads += 1
        return gateway.submissions.submit(self._parts(self.plan.upload(self._uploads)), self.plan.key)

    async def _submit_draft(self) -> Batch:
        self._uploads += 1
        upload = self.plan.upload(self._uploads)
        files = [self._file(upload, index) for index in range(len(self.plan.images))]
        return await DraftUpload(self._fields(upload), files, self.plan.key, self._system.chance).send(self._answered)

    def _file(self, upload: str, index: int) -> bytes:
        return UNFIT if self.plan.images[index] == "unfit" else original_of(upload, index)

    async def _parts(self, upload: str) -> AsyncIterator[PartEvent]:
        chance = self._system.chance
        last = len(self.plan.images)
        breaks_off = chance.active and not chance.plan.is_calm and chance.rng.random() < BREAK_OFF_SHARE
        end = chance.rng.randint(0, last) if breaks_off else last
        for name, value in self._fields(upload).items():
            yield PartBegan(name, None)
            yield value.encode()
            yield PartEnded()
        for index in range(end):
            if chance.active and chance.rng.random() < SLOW_PIECE_SHARE:
                await asyncio.sleep(chance.pause_seconds(SLOWEST_PIECE_SECONDS))
            yield PartBegan("files", f"{index}.jpg")
            yield self._file(upload, index)
            yield PartEnded()
        if breaks_off:
            chance.note(f"{upload}: breaks off after {end} images")
            raise ApiError(RequestCode.BODY_INCOMPLETE)

    def _fields(self, upload: str) -> Mapping[str, str]:
        plan = self.plan
        fields = {"batch_name": upload, "chunk_size": str(plan.chunk_size), "priority": plan.priority}
        if plan.threshold is not None:
            fields["failure_threshold"] = str(plan.threshold.percent)
            fields["failure_sample"] = str(plan.threshold.sample)
        return fields

    async def _ask_in_time(self, request: Request) -> None:
        await asyncio.sleep(max(0.0, request.at - self._system.chance.now()))
        if request.act == "retry some":
            await self._wait_for_end(self.ids[0])
        await asyncio.gather(*(self._ask(request, self.ids[0]) for _ in range(request.together)))

    async def _wait_for_end(self, batch_id: str) -> None:
        """Let the batch finish first, as most who look at its failures do; but not one that rests."""
        for _ in range(LOOKS_FOR_THE_END):
            batch = self._system.batches.now(batch_id)
            if batch is None or batch.is_finished:
                return
            await asyncio.sleep(1.0)

    async def _ask(self, request: Request, batch_id: str) -> None:
        act = request.act
        some = f" {sorted(request.codes)} {sorted(request.indexes)}" if act == "retry some" else ""
        self._system.chance.note(f"{self.plan.name}: asks to {act} {batch_id}{some}")

        def call(gateway: GatewayParts) -> Coroutine[Any, Any, Batch | None]:
            return _calls(gateway, request)[act](batch_id)

        try:
            batch = await self._answered(call)
        except ApiError as refused:
            self._judge_refusal(act, batch_id, refused)
        else:
            self._judge_answer(request, batch_id, batch)

    def _judge_refusal(self, act: Act, batch_id: str, refused: ApiError) -> None:
        if refused.code not in REFUSALS[act] or (refused.code == "batch_not_found" and not self.plan.may_be_deleted):
            self._system.report(f"{act} {batch_id} was refused with {refused.code}")
        self._system.chance.note(f"{self.plan.name}: {act} {batch_id} is refused with {refused.code}")

    def _judge_answer(self, request: Request, batch_id: str, batch: Batch | None) -> None:
        act = request.act
        if act == "delete":
            self.deleted.add(batch_id)
            return
        assert batch is not None
        kept = {
            "cancel": batch.stop == "cancelled",
            "pause": batch.paused,
            "resume": not batch.paused,
            "retry": batch.generation > 0 and batch.partial is None,
            "retry otherwise": batch.generation > 0 and batch.partial is None and batch.recipe == OTHER_RECIPE,
            "retry some": _is_partial(batch, request),
            "prioritize": batch.priority == request.priority,
        }
        if not kept[act]:
            self._system.report(f"{act} {batch_id} was answered with {batch!r}")

    async def _answered(self, call: Call) -> Any:
        """What some gateway answers: asked again until one does. Raises `ApiError`."""
        chance = self._system.chance
        while True:
            gateway = chance.rng.choice(self._gateways).life
            context = self._system.gateways.get(gateway.name)
            try:
                if context is not None:
                    return await gateway.answer(call(context))
            except ApiError as refused:
                if refused.code not in {"body_incomplete", "too_many_uploads", "backlog_too_old"}:
                    raise
            except (TransientError, GoneError):
                pass
            await asyncio.sleep(chance.pause_seconds(LONGEST_PATIENCE_SECONDS))


def _is_partial(batch: Batch, request: Request) -> bool:
    """Whether the batch is in a generation of the images that were asked for."""
    indexes = {int(index) for index, generation in batch.remade.items() if generation == batch.generation}
    return batch.partial is not None and set(batch.partial.codes) == request.codes and indexes == request.indexes


def _calls(gateway: GatewayParts, request: Request) -> Mapping[Act, Callable[[str], Coroutine[Any, Any, Batch | None]]]:
    controls = gateway.controls

    async def retry_some(batch_id: str) -> Batch:
        selection = await find_selection(
            gateway.ports.batches, gateway.images, batch_id, request.codes, request.indexes
        )
        return await controls.retry(batch_id, selection=selection)

    return {
        "cancel": controls.cancel,
        "pause": controls.pause,
        "resume": controls.resume,
        "retry": controls.retry,
        "retry otherwise": partial(controls.retry, recipe=OTHER_RECIPE),
        "retry some": retry_some,
        "delete": controls.delete,
        "prioritize": partial(controls.change_priority, priority=request.priority),
    }
