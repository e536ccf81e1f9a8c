"""Messages that were given up, over HTTP."""

import asyncio
from collections.abc import Collection
from typing import Any

from services.gateway.background.dead_letter_queues import DeadLetterQueues
from shared.adapters.memory_dead_letters import MemoryDeadLetters
from shared.messaging.encoding import encode
from shared.messaging.messages import BatchSubmitted, ChunkReady
from shared.messaging.topology import Queue
from shared.ports import DeadLetter
from tests.unit.gateway.conftest import Gateway

QUEUE = "chunker.work"


def bury(gateway: Gateway, *bodies: bytes) -> list[str]:
    """Give messages of the queue up; their ids."""
    for body in bodies:
        gateway.broker.queues[QUEUE].bury(body, "not a message")
    return [DeadLetter(body, "").id for body in bodies]


class _ExpiringLetters(MemoryDeadLetters):
    """Letters that end before they are all dropped."""

    def __init__(self) -> None:
        super().__init__({})
        self.asked: list[int] = []

    async def drop(self, queue: Queue, limit: int, ids: Collection[str] | None = None) -> int:
        """Drop as many as there still are."""
        assert (queue.name, ids) == (QUEUE, None)
        self.asked.append(limit)
        return (1000, 500, 0)[len(self.asked) - 1]


async def asked(gateway: Gateway, work: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
    """Status, and data or code, of a request to replay or drop."""
    response = await gateway.client.post(f"/pipeline/dead/{QUEUE}/{work}", json=body)
    answer = response.json()
    return response.status_code, answer["data"] if answer["success"] else answer["error"]["code"]


async def left(gateway: Gateway) -> int:
    """How many dead letters the queue has."""
    queues = (await gateway.client.get("/pipeline/dead")).json()["data"]["queues"]
    return next(int(queue["messages"]) for queue in queues if queue["queue"] == QUEUE)


async def test_dead_letters_are_counted_and_shown(gateway: Gateway) -> None:
    """With what they are about, as far as they can be read; looking changes nothing."""
    chunk = ChunkReady(batch_id="b", chunk=3)
    bury(gateway, encode(chunk), b"\xff<b>not json")
    assert await left(gateway) == 2
    for name in (QUEUE, f"{QUEUE}.dead"):
        response = await gateway.client.get(f"/pipeline/dead/{name}")
        first, second = response.json()["data"]["letters"]
        assert (first["type"], first["batch_id"], first["chunk_id"]) == ("chunk.ready", "b", "b:3")
        assert (first["position"], first["reason"]) == (0, "not a message")
        assert first["died_at"].endswith("Z")
        assert (second["type"], second["batch_id"], second["body"]) == (None, None, "\\xff<b>not json")
    assert await left(gateway) == 2


async def test_a_long_body_is_cut_and_few_letters_are_shown_at_a_time(gateway: Gateway) -> None:
    """Whatever somebody put into the queue."""
    bury(gateway, *(b"%d" % number + b"a" * 10_000 for number in range(3)))
    letters = (await gateway.client.get(f"/pipeline/dead/{QUEUE}?limit=2")).json()["data"]["letters"]
    assert [len(letter["body"]) for letter in letters] == [4096, 4096]
    for limit in (0, 101):
        assert (await gateway.client.get(f"/pipeline/dead/{QUEUE}?limit={limit}")).status_code == 422


async def test_an_unknown_queue_is_named_as_such(gateway: Gateway) -> None:
    """With those that there are."""
    for method, path in (("GET", ""), ("POST", "/replay"), ("POST", "/drop")):
        body = {"count": 1} if method == "POST" else None
        response = await gateway.client.request(method, f"/pipeline/dead/nothing{path}", json=body)
        assert (response.status_code, response.json()["error"]["code"]) == (404, "queue_not_found")
        assert QUEUE in response.json()["error"]["message"]


async def test_letters_are_replayed(gateway: Gateway) -> None:
    """Those with the ids, the first so many, or all; clicked twice, each once."""
    ids = bury(gateway, *(encode(BatchSubmitted(batch_id=str(number))) for number in range(6)))
    assert await asked(gateway, "replay", {"ids": [ids[4]]}) == (200, {"replayed": 1})
    assert await asked(gateway, "replay", {"ids": [ids[4]]}) == (200, {"replayed": 0})
    assert await asked(gateway, "replay", {"ids": []}) == (200, {"replayed": 0})
    assert await asked(gateway, "replay", {"count": 2}) == (200, {"replayed": 2})
    both = await asyncio.gather(asked(gateway, "replay"), asked(gateway, "replay"))
    assert sorted(data["replayed"] for _, data in both) == [0, 3]
    assert len(gateway.broker.queues[QUEUE].waiting) == 6


async def test_letters_are_dropped_only_as_they_were_seen(gateway: Gateway) -> None:
    """By their ids, or all if they are still as many; clicked twice, nothing else goes."""
    ids = bury(gateway, *(b"%d" % number for number in range(6)))
    assert await asked(gateway, "drop", {"ids": ids[:2]}) == (200, {"dropped": 2})
    assert await asked(gateway, "drop", {"ids": ids[:2]}) == (200, {"dropped": 0})
    assert await asked(gateway, "drop", {"count": 3}) == (409, "dead_letters_changed")
    both = await asyncio.gather(asked(gateway, "drop", {"count": 4}), asked(gateway, "drop", {"count": 4}))
    assert sorted(both, key=str) == [(200, {"dropped": 4}), (409, "dead_letters_changed")]
    bury(gateway, b"new")
    assert await asked(gateway, "drop", {"count": 4}) == (409, "dead_letters_changed")
    assert await left(gateway) == 1


async def test_a_queue_of_any_length_is_dropped(gateway: Gateway) -> None:
    """However many died, all go at once, and only those that were counted."""
    bury(gateway, *(b"%d" % number for number in range(10_001)))
    assert await asked(gateway, "drop", {"count": 10_000}) == (409, "dead_letters_changed")
    assert await asked(gateway, "drop", {"count": 10_001}) == (200, {"dropped": 10_001})
    assert await left(gateway) == 0


async def test_a_call_to_drop_takes_few_and_ends_where_none_are_left(gateway: Gateway) -> None:
    """A call to the broker has a time limit; letters may expire meanwhile."""
    letters = _ExpiringLetters()
    queues = DeadLetterQueues(gateway.ports.queue_depths, letters)
    bury(gateway, *(b"%d" % number for number in range(2500)))
    assert await queues.drop(QUEUE, 2500, None) == 1500
    assert letters.asked == [1000, 1000, 1000]


async def test_one_request_replays_at_most_ten_thousand(gateway: Gateway) -> None:
    """The rest stays for the next."""
    bury(gateway, *(b"%d" % number for number in range(10_001)))
    assert await asked(gateway, "replay", {"count": 10_001}) == (422, "invalid_request")
    assert await asked(gateway, "replay") == (200, {"replayed": 10_000})
    assert await asked(gateway, "replay") == (200, {"replayed": 1})


async def test_a_body_that_curl_calls_a_form_is_read(gateway: Gateway) -> None:
    """As `-d` sends it."""
    bury(gateway, b"one")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    response = await gateway.client.post(f"/pipeline/dead/{QUEUE}/drop", content=b'{"count": 1}', headers=form)
    assert response.json()["data"] == {"dropped": 1}


async def test_what_is_to_be_dropped_has_to_be_said(gateway: Gateway) -> None:
    """Nothing goes by an empty request, or one that is misspelt."""
    bury(gateway, b"one")
    nothing: tuple[dict[str, Any] | None, ...] = (None, {}, {"ids": []})
    for empty in nothing:
        assert await asked(gateway, "drop", empty) == (422, "letters_not_chosen")
    wrong: tuple[dict[str, Any], ...] = (
        {"counts": 1}, {"count": 0}, {"count": 10**9 + 1}, {"count": True}, {"count": "1"},
        {"ids": ["a"] * 101}, {"ids": "a"},
    )  # fmt: skip
    for body in wrong:
        assert await asked(gateway, "drop", body) == (422, "invalid_request")
    assert await left(gateway) == 1
