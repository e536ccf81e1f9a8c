"""Cancelling, pausing, resuming, prioritizing and retrying: what each state allows, and that repeating does no harm."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from services.gateway.answers.schemas import BatchControls
from shared.documents import Batch, ChunkTotals, Status
from shared.errors import BrokerUnavailableError, DocumentsUnavailableError
from shared.messaging.messages import BatchProgressed, BatchStopped, BatchSubmitted, ChunkSettled, Message
from shared.recipes import BUILT_IN_RECIPES, Recipe
from tests.fakes import START, new_batch
from tests.unit.gateway.conftest import JPEG, Gateway

BATCH = "3f0f4a52-8a51-4bd8-9d52-4f4f6f1b9c11"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
OPTIONS: dict[str, Any] = {"steps": [{"op": "grayscale"}], "outputs": [{"name": "grey", "format": "png"}]}
CONTROLS = ("cancel", "pause", "resume", "retry", "priority")

LOOK_AGAIN = ChunkSettled(batch_id=BATCH, generation=0, settled_chunks=0)
"""What has the chunker look at the batch, of which no chunk has settled."""

RUNNING = new_batch(BATCH).released(5, START)
PAUSED = RUNNING.with_pause(START)
STOPPING = RUNNING.stopped("cancelled", START)
GIVEN_UP = RUNNING.stopped("failure_threshold", START)


def finished(status: Status, **counts: int) -> Batch:
    """A batch that ended so."""
    return RUNNING.changed(
        START, status=status, finished_at=START, completed_images=10 - sum(counts.values()), **counts
    )


SUCCESS = finished("SUCCESS")
FAILURE = finished("FAILURE", failed_images=3)
REVOKED = finished("REVOKED", failed_images=1, revoked_images=5).model_copy(update={"stop": "cancelled"})

STATES = {
    "new": new_batch(BATCH).model_copy(update={"dispatched_at": None}),
    "running": RUNNING,
    "paused": PAUSED,
    "stopping": STOPPING,
    "given up": GIVEN_UP,
    "success": SUCCESS,
    "failure": FAILURE,
    "revoked": REVOKED,
    "revoked with everything done": finished("REVOKED").model_copy(update={"stop": "cancelled"}),
}

REFUSED = {
    ("cancel", "success"): "batch_finished",
    ("cancel", "failure"): "batch_finished",
    ("cancel", "given up"): "batch_stopping",
    **{
        (control, state): "batch_finished"
        for control in ("pause", "resume", "priority")
        for state in ("success", "failure", "revoked", "revoked with everything done")
    },
    **{
        (control, state): "batch_stopping"
        for control in ("pause", "resume", "priority")
        for state in ("stopping", "given up")
    },
    **{("retry", state): "batch_running" for state in ("new", "running", "paused")},
    **{("retry", state): "batch_stopping" for state in ("stopping", "given up")},
    ("retry", "success"): "nothing_to_retry",
    ("retry", "revoked with everything done"): "nothing_to_retry",
}


async def control(gateway: Gateway, name: str, batch_id: str = BATCH, **request: Any) -> tuple[int, dict[str, Any]]:
    """Status and body of the answer to a control; a change of priority is to high unless the request says otherwise."""
    if name == "priority" and not request:
        request = {"json": {"priority": "high"}}
    response = await gateway.client.post(f"/pipeline/batch/{batch_id}/{name}", **request)
    body: dict[str, Any] = response.json()
    return response.status_code, body


async def stored(gateway: Gateway) -> Batch:
    """The batch as it is recorded."""
    batch = await gateway.ports.batches.get(BATCH)
    assert batch
    return batch


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", CONTROLS)
async def test_each_state_takes_or_refuses_each_control(gateway: Gateway, name: str, state: str) -> None:
    """A refusal is a 409 with its own code and the batch's status, and changes nothing."""
    await gateway.ports.batches.add(STATES[state])
    status, body = await control(gateway, name)
    if code := REFUSED.get((name, state)):
        assert (status, body["error"]["code"]) == (409, code)
        assert body["error"]["details"] == {"status": STATES[state].status}
        assert await stored(gateway) == STATES[state]
        assert gateway.publisher.published == []
    else:
        assert (status, body["success"], body["data"]["batch_id"]) == (200, True, BATCH)
        assert body["data"]["version"] == (await stored(gateway)).version


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", CONTROLS)
async def test_a_link_is_there_exactly_when_its_control_changes_something(
    gateway: Gateway, name: str, state: str
) -> None:
    """So that a page can show its buttons by it, and none is refused."""
    before = STATES[state]
    await gateway.ports.batches.add(before)
    link = getattr(BatchControls.of(before), name)
    status, _ = await control(gateway, name)
    changes = (await stored(gateway)).version > before.version
    assert link == (f"/pipeline/batch/{BATCH}/{name}" if changes else None)
    assert status == 200 or not changes


@pytest.mark.parametrize("name", CONTROLS)
async def test_a_batch_that_is_not_there_is_a_404(gateway: Gateway, name: str) -> None:
    """Never recorded, on its way out, or no batch's id at all."""
    status, body = await control(gateway, name, UNKNOWN)
    assert (status, body["error"]["code"]) == (404, "batch_not_found")
    await gateway.ports.batches.add(FAILURE.deleted(START))
    status, body = await control(gateway, name)
    assert (status, body["error"]["code"]) == (404, "batch_not_found")
    assert await stored(gateway) == FAILURE.deleted(START)
    status, body = await control(gateway, name, "x")
    assert (status, body["error"]["code"]) == (422, "batch_id_malformed")


@pytest.mark.parametrize("name", CONTROLS)
async def test_a_control_is_no_get(gateway: Gateway, name: str) -> None:
    """A link that is followed or fetched ahead stops nothing."""
    await gateway.ports.batches.add(RUNNING)
    response = await gateway.client.get(f"/pipeline/batch/{BATCH}/{name}")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert await stored(gateway) == RUNNING


async def test_a_cancelled_batch_is_on_its_way_to_the_end(gateway: Gateway) -> None:
    """The tracker and the streams are told; doing it again changes nothing but tells them again."""
    await gateway.ports.batches.add(RUNNING)
    for _ in range(2):
        status, body = await control(gateway, "cancel")
        assert (status, body["data"]["status"], body["data"]["stop_reason"]) == (200, "STARTED", "cancelled")
        assert (await stored(gateway)).version == RUNNING.version + 1
    stopped = BatchStopped(batch_id=BATCH)
    hint = BatchProgressed(batch_id=BATCH, batch_version=RUNNING.version + 1)
    assert gateway.publisher.published == [stopped, LOOK_AGAIN, hint] * 2


async def test_a_batch_that_is_given_up_is_not_cancelled_any_more(gateway: Gateway) -> None:
    """It ends as FAILURE, so the refusal is the same before its end as after, whoever repeats it."""
    await gateway.ports.batches.add(GIVEN_UP)
    for _ in range(2):
        status, body = await control(gateway, "cancel")
        assert (status, body["error"]["code"]) == (409, "batch_stopping")
    await gateway.ports.batches.change(BATCH, lambda batch: batch.ended_early(ChunkTotals(), START))
    status, body = await control(gateway, "cancel")
    assert (status, body["error"]["code"], body["error"]["details"]) == (409, "batch_finished", {"status": "FAILURE"})


async def test_cancelling_ends_a_pause(gateway: Gateway) -> None:
    """A batch is not both."""
    await gateway.ports.batches.add(PAUSED)
    _, body = await control(gateway, "cancel")
    assert (body["data"]["paused"], body["data"]["stop_reason"]) == (False, "cancelled")


async def test_a_paused_batch_waits_and_a_resumed_one_is_sent_to_the_chunker(gateway: Gateway) -> None:
    """The same outbox as a new batch's; each may be said twice."""
    await gateway.ports.batches.add(RUNNING)
    for _ in range(2):
        _, body = await control(gateway, "pause")
        assert (body["data"]["paused"], body["data"]["status"]) == (True, "STARTED")
    await gateway.parts.relay.flush()
    assert gateway.publisher.of(BatchSubmitted) == []
    _, body = await control(gateway, "resume")
    assert body["data"]["paused"] is False
    assert (await stored(gateway)).dispatched_at is None
    await gateway.parts.relay.flush()
    assert gateway.publisher.of(BatchSubmitted) == [BatchSubmitted(batch_id=BATCH)]
    assert (await stored(gateway)).dispatched_at
    await control(gateway, "resume")
    await gateway.parts.relay.flush()
    assert len(gateway.publisher.of(BatchSubmitted)) == 1


@pytest.mark.parametrize("before", [STATES["new"], RUNNING, PAUSED], ids=["new", "running", "paused"])
async def test_a_batch_changes_its_priority(gateway: Gateway, before: Batch) -> None:
    """Repeating it changes nothing but has chunker and watchers look again; nothing else of the batch changes."""
    await gateway.ports.batches.add(before)
    for _ in range(2):
        status, body = await control(gateway, "priority", json={"priority": "low"})
        assert (status, body["data"]["priority"], body["data"]["version"]) == (200, "low", before.version + 1)
    after = await stored(gateway)
    assert after == before.model_copy(
        update={"priority": "low", "version": after.version, "updated_at": after.updated_at}
    )
    hint = BatchProgressed(batch_id=BATCH, batch_version=after.version)
    assert gateway.publisher.published == [LOOK_AGAIN, hint] * 2


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"json": {"priority": "urgent"}}, "priority_unknown"),
        ({"json": {"priority": "HIGH"}}, "priority_unknown"),
        ({"json": {"priority": 1}}, "priority_unknown"),
        ({"json": {"priority": None}}, "priority_unknown"),
        ({"json": {"priority": "x" * 10_000}}, "priority_unknown"),
        ({"json": {"priority": "high", "weight": 0}}, "invalid_request"),
        ({"json": {}}, "invalid_request"),
        ({"json": ["high"]}, "invalid_request"),
        ({"content": b""}, "invalid_request"),
        ({"content": b"{"}, "invalid_request"),
    ],
)
async def test_a_priority_that_does_not_exist_is_refused(gateway: Gateway, request_: dict[str, Any], code: str) -> None:
    """In a sentence that lists the priorities there are, and nothing changes."""
    await gateway.ports.batches.add(RUNNING)
    status, body = await control(gateway, "priority", **request_, headers={"Accept-Language": "en"})
    assert (status, body["error"]["code"]) == (422, code)
    if code == "priority_unknown":
        assert body["error"]["message"] == "priority has to be one of: high, normal, low."
    assert await stored(gateway) == RUNNING


async def test_a_change_of_priority_is_read_whatever_its_type_is_called(gateway: Gateway) -> None:
    """As plain `curl -d` sends it."""
    await gateway.ports.batches.add(RUNNING)
    status, body = await control(gateway, "priority", content=b'{"priority": "high"}')
    assert (status, body["data"]["priority"]) == (200, "high")


@pytest.mark.parametrize("before", [FAILURE, REVOKED])
async def test_a_retry_is_a_new_generation_for_the_chunker(gateway: Gateway, before: Batch) -> None:
    """With what was completed carried over."""
    await gateway.ports.batches.add(before)
    status, body = await control(gateway, "retry")
    data = body["data"]
    assert (status, data["status"], data["generation"], data["stop_reason"]) == (200, "PENDING", 1, None)
    assert (data["completed_images"], data["failed_images"], data["revoked_images"]) == (before.completed_images, 0, 0)
    assert (data["recipe"], data["finished_at"]) == ("web", None)
    await gateway.parts.relay.flush()
    assert gateway.publisher.of(BatchSubmitted) == [BatchSubmitted(batch_id=BATCH, generation=1)]


@pytest.mark.parametrize("first", [{}, {"params": {"recipe": "web-webp"}}, {"json": {"options": OPTIONS}}])
@pytest.mark.parametrize("is_same", [True, False], ids=["as before", "without a recipe"])
async def test_a_repeated_retry_is_answered_with_the_retry_under_way(
    gateway: Gateway,
    first: dict[str, Any],
    is_same: bool,  # noqa: FBT001 - a parameter
) -> None:
    """The answer to the first may have been lost; its state does not matter as long as it goes on."""
    await gateway.ports.batches.add(FAILURE)
    await control(gateway, "retry", **first)
    going_on = {
        "pending": lambda batch: batch.dispatched(START),
        "started": lambda batch: batch.released(1, START),
        "paused": lambda batch: batch.with_pause(START),
    }
    for change in going_on.values():
        before = await gateway.ports.batches.change(BATCH, change)
        status, body = await control(gateway, "retry", **(first if is_same else {}))
        assert (status, body["data"]["generation"], body["data"]["version"]) == (200, 1, before.version)
        assert await stored(gateway) == before
    await gateway.parts.relay.flush()
    assert len(gateway.publisher.of(BatchSubmitted)) <= 1


async def test_a_retry_by_another_recipe_waits_for_the_end_of_the_first(gateway: Gateway) -> None:
    """And so does one of a batch that is being stopped, or that runs for the first time."""
    await gateway.ports.batches.add(FAILURE)
    await control(gateway, "retry", params={"recipe": "web-webp"})
    first = await stored(gateway)
    for other in ({"params": {"recipe": "web"}}, {"json": {"options": OPTIONS}}):
        status, body = await control(gateway, "retry", **other)
        assert (status, body["error"]["code"]) == (409, "batch_running")
    assert await stored(gateway) == first
    await control(gateway, "cancel")
    status, body = await control(gateway, "retry")
    assert (status, body["error"]["code"]) == (409, "batch_stopping")


async def test_many_retries_at_once_make_one_generation(gateway: Gateway) -> None:
    """And all are answered alike."""
    await gateway.ports.batches.add(FAILURE)
    answers = await asyncio.gather(*(control(gateway, "retry") for _ in range(5)))
    assert {(status, body["data"]["generation"]) for status, body in answers} == {(200, 1)}
    assert (await stored(gateway)).version == FAILURE.version + 1


@pytest.mark.parametrize(
    "request_",
    [
        {"params": {"recipe": "web-webp"}},
        {"json": {"recipe": "web-webp"}},
        {"json": {"recipe": "web-webp"}, "params": {"recipe": "web"}},
        {"json": {"recipe": " "}, "params": {"recipe": "web-webp"}},
        {"content": b'{"recipe": "web-webp"}', "headers": {"content-type": "application/x-www-form-urlencoded"}},
    ],
)
async def test_a_retry_takes_another_recipe(gateway: Gateway, request_: dict[str, Any]) -> None:
    """In the query or in a JSON body, which counts more unless it is blank; also as plain `curl -d` sends it."""
    await gateway.ports.batches.add(FAILURE)
    status, body = await control(gateway, "retry", **request_)
    assert (status, body["data"]["recipe"]) == (200, "web-webp")
    assert (await stored(gateway)).recipe == BUILT_IN_RECIPES["web-webp"]


async def test_a_retry_takes_a_recipe_of_its_own(gateway: Gateway) -> None:
    """All of it goes into the batch."""
    await gateway.ports.batches.add(FAILURE)
    status, body = await control(gateway, "retry", json={"options": OPTIONS})
    assert (status, body["data"]["recipe"]) == (200, "custom")
    assert (await stored(gateway)).recipe == Recipe.model_validate(OPTIONS)


async def test_a_retry_takes_a_stored_recipe(gateway: Gateway) -> None:
    """By its name, as an upload does."""
    await gateway.ports.batches.add(FAILURE)
    await gateway.client.put("/pipeline/recipes/mine", json=OPTIONS)
    status, body = await control(gateway, "retry", json={"recipe": "mine"})
    assert (status, body["data"]["recipe"]) == (200, "mine")
    assert (await stored(gateway)).recipe == Recipe.model_validate({**OPTIONS, "name": "mine"})


async def test_a_mistake_in_the_options_of_a_retry_is_named(gateway: Gateway) -> None:
    """By its place within the options."""
    await gateway.ports.batches.add(FAILURE)
    options = {**OPTIONS, "steps": [{"op": "blur", "radius": 0}]}
    _, body = await control(gateway, "retry", json={"options": options}, headers={"Accept-Language": "en"})
    expected = "The recipe cannot be used: step 1 (blur), field radius: has to be more than 0."
    assert body["error"]["message"] == expected
    assert body["error"]["details"][0]["loc"] == ["steps", 0, "blur", "radius"]


@pytest.mark.parametrize("content", [b"", b" \n", b"{}", b'{"options": null}'])
async def test_a_retry_without_a_recipe_keeps_the_batchs_own(gateway: Gateway, content: bytes) -> None:
    """With or without a body."""
    own = BUILT_IN_RECIPES["web-webp"]
    await gateway.ports.batches.add(FAILURE.model_copy(update={"recipe": own}))
    await control(gateway, "retry", content=content)
    assert (await stored(gateway)).recipe == own


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        ({"params": {"recipe": "sepia"}}, 422, "recipe_unknown"),
        ({"json": {"recipe": "sepia"}}, 422, "recipe_unknown"),
        ({"params": {"recipe": "x" * 65}}, 422, "invalid_request"),
        ({"json": {"reciep": "web"}}, 422, "invalid_request"),
        ({"json": {"recipe": 7}}, 422, "invalid_request"),
        ({"json": [1]}, 422, "invalid_request"),
        ({"json": {"recipe": "web", "options": OPTIONS}}, 422, "recipe_and_options"),
        ({"json": {"options": OPTIONS}, "params": {"recipe": "web"}}, 422, "recipe_and_options"),
        ({"json": {"options": {**OPTIONS, "zoom": 2}}}, 422, "recipe_invalid"),
        ({"json": {"options": json.dumps(OPTIONS)}}, 422, "recipe_invalid"),
        ({"json": {"options": OPTIONS, "reciep": 1}}, 422, "invalid_request"),
        ({"content": b"{"}, 422, "invalid_request"),
        ({"content": b"\xff\xfe"}, 422, "invalid_request"),
        ({"content": b" " * 100_000}, 413, "request_too_large"),
    ],
)
async def test_a_retry_that_asks_wrongly_is_refused(
    gateway: Gateway, request_: dict[str, Any], status: int, code: str
) -> None:
    """And nothing is retried."""
    await gateway.ports.batches.add(FAILURE)
    answered, body = await control(gateway, "retry", **request_)
    assert (answered, body["error"]["code"]) == (status, code)
    assert await stored(gateway) == FAILURE


async def test_the_details_of_a_wrong_body_are_few_and_short(gateway: Gateway) -> None:
    """However many things are wrong with it."""
    await gateway.ports.batches.add(FAILURE)
    _, body = await control(gateway, "retry", json={"x" * 200 + str(number): number for number in range(100)})
    details = body["error"]["details"]
    assert len(details) == 20
    assert all(len(problem["field"]) <= 80 for problem in details)


@pytest.mark.parametrize(("name", "before"), [("cancel", RUNNING), ("pause", RUNNING), ("resume", PAUSED)])
async def test_a_broker_that_is_away_keeps_nobody_from_a_control(gateway: Gateway, name: str, before: Batch) -> None:
    """The document is changed, and sweeps find what was not told."""
    await gateway.ports.batches.add(before)
    gateway.publisher.errors.append(BrokerUnavailableError("away"))
    status, body = await control(gateway, name)
    assert (status, body["data"]["version"]) == (200, before.version + 1)


async def test_a_broker_that_does_not_answer_is_not_waited_for_long(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person who cancels is answered."""

    async def hang(_message: Message) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(gateway.publisher, "publish", hang)
    await gateway.ports.batches.add(RUNNING)
    async with asyncio.timeout(5):
        status, _ = await control(gateway, "cancel")
    assert status == 200
    assert (await stored(gateway)).stop == "cancelled"


async def test_a_database_that_is_away_is_a_503(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever repeats it later does no harm."""

    async def fail(_batch_id: str, _change: Callable[[Batch], Batch]) -> Batch:
        raise DocumentsUnavailableError("away")

    monkeypatch.setattr(gateway.ports.batches, "change", fail)
    for name in CONTROLS:
        status, body = await control(gateway, name)
        assert (status, body["error"]["code"]) == (503, "documents_unavailable")


async def test_a_control_is_decided_on_the_state_that_it_replaces(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch that finishes between the reading and the writing is not cancelled any more."""
    await gateway.ports.batches.add(RUNNING)
    change = gateway.ports.batches.change

    async def overtaken(batch_id: str, wanted: Callable[[Batch], Batch]) -> Batch:
        wanted(RUNNING)  # what a compare-and-set does that then loses
        await change(batch_id, lambda batch: batch.changed(START, status="SUCCESS", completed_images=10))
        return await change(batch_id, wanted)

    monkeypatch.setattr(gateway.ports.batches, "change", overtaken)
    status, body = await control(gateway, "cancel")
    assert (status, body["error"]["code"], body["error"]["details"]) == (409, "batch_finished", {"status": "SUCCESS"})
    assert (await stored(gateway)).stop is None


async def test_a_failure_threshold_comes_with_the_upload(gateway: Gateway) -> None:
    """And is shown with the batch."""
    fields: dict[str, str | bytes] = {"batch_name": "holiday", "failure_threshold": "12.5", "failure_sample": "4"}
    batch_id = (await gateway.upload(("a.jpg", JPEG), fields=fields)).json()["data"]["batch_id"]
    data = (await gateway.client.get(f"/pipeline/batch/{batch_id}")).json()["data"]
    assert (data["failure_threshold"], data["failure_sample"]) == (12.5, 4)
    refused = await gateway.upload(("a.jpg", JPEG), fields={**fields, "failure_threshold": "0"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "failure_threshold_invalid")


async def test_every_refusal_of_a_control_is_documented(gateway: Gateway) -> None:
    """Under its status, with an example in both languages."""
    paths = (await gateway.client.get("/openapi.json")).json()["paths"]
    for name in CONTROLS:
        responses = paths[f"/pipeline/batch/{{batch_id}}/{name}"]["post"]["responses"]
        examples = responses["409"]["content"]["application/json"]["examples"]
        refusals = {code for (control, _), code in REFUSED.items() if control == name}
        # Refused for what is asked, and not for the batch's state alone.
        refusals |= {"failure_codes_unrecorded"} if name == "retry" else set()
        assert set(examples) == {f"{code} ({language})" for code in refusals for language in ("한국어", "English")}
        assert {"200", "404", "409", "422", "503"} <= set(responses)
