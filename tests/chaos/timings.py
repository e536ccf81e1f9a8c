"""How long the system takes to get over things, read from the database while it does."""

import asyncio
import statistics
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

SAMPLE_SECONDS = 0.25
LONGEST_SECONDS = 90.0
RATE_SAMPLES = 40
"""Ten seconds before a fault say what full speed was."""

WINDOW_SAMPLES = 8
FULL_SPEED = 0.8
"""Of that rate, over two seconds."""


class Timings:
    """Collects durations in seconds under a name each."""

    def __init__(self, mongodb_url: str) -> None:
        self._client: MongoClient[dict[str, Any]] = MongoClient(
            mongodb_url, serverSelectionTimeoutMS=1000, socketTimeoutMS=2000, tz_aware=True
        )
        self._database = self._client.get_default_database()
        self._ended: deque[int] = deque(maxlen=RATE_SAMPLES)
        self._found: dict[str, list[float]] = {}
        self._watching: set[asyncio.Task[None]] = set()

    async def sample(self) -> None:
        """Count ended images again and again, until cancelled."""
        while True:
            ended = await asyncio.to_thread(self._ended_images)
            if ended is not None:
                self._ended.append(ended)
            await asyncio.sleep(SAMPLE_SECONDS)

    def worker_killed(self, identity: str) -> None:
        """Watch how long the chunks of a worker that was killed just now stay in its hands."""
        watching = asyncio.create_task(self._watch_chunks_of(identity), name=f"chunks of {identity}")
        self._watching.add(watching)
        watching.add_done_callback(self._watching.discard)

    @asynccontextmanager
    async def return_of_the_broker(self) -> AsyncIterator[None]:
        """Around a loss of the broker: from its end on, count the time until images end as fast as before."""
        full = self._rate(RATE_SAMPLES)
        yield
        loop = asyncio.get_running_loop()
        back_at = loop.time()
        if full <= 0:
            return
        self._ended.clear()
        while loop.time() - back_at < LONGEST_SECONDS:
            if self._rate(WINDOW_SAMPLES) >= FULL_SPEED * full:
                self._note("broker back until full speed", loop.time() - back_at)
                return
            await asyncio.sleep(SAMPLE_SECONDS)

    async def close(self) -> None:
        """Stop watching."""
        for watching in self._watching:
            watching.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)
        self._client.close()

    def summary(self) -> Mapping[str, str]:
        """Median and longest of everything that was measured."""
        return {
            name: f"median {statistics.median(found):.1f} s, longest {max(found):.1f} s, of {len(found)}"
            for name, found in sorted(self._found.items())
        }

    async def _watch_chunks_of(self, identity: str) -> None:
        loop = asyncio.get_running_loop()
        died_at = loop.time()
        held = await asyncio.to_thread(self._chunks_of, identity)
        while held and loop.time() - died_at < LONGEST_SECONDS:
            await asyncio.sleep(SAMPLE_SECONDS)
            moved = await asyncio.to_thread(self._moved_on, held, identity)
            for claimed in moved.values():
                if claimed:
                    self._note("worker's kill -9 until its chunk is claimed by another", loop.time() - died_at)
            held = [chunk_id for chunk_id in held if chunk_id not in moved]

    def _chunks_of(self, identity: str) -> list[str]:
        """The unsettled chunks in a life's hands; claims name it, alone or with something behind a dot."""
        where = {"worker": {"$regex": f"^{identity}(\\.|$)"}, "settled": False}
        try:
            return [chunk["_id"] for chunk in self._database["chunks"].find(where, {"_id": 1})]
        except PyMongoError:
            return []

    def _moved_on(self, chunk_ids: list[str], identity: str) -> dict[str, bool]:
        """Those chunks that another life has in hand (true), or that are settled without one (false)."""
        try:
            found = list(self._database["chunks"].find({"_id": {"$in": chunk_ids}}, {"worker": 1, "settled": 1}))
        except PyMongoError:
            return {}
        moved = {}
        for chunk in found:
            worker = chunk["worker"]
            if worker is not None and worker.split(".")[0] != identity:
                moved[chunk["_id"]] = True
            elif chunk["settled"]:
                moved[chunk["_id"]] = False
        return moved

    def _ended_images(self) -> int | None:
        sums = {"$group": {"_id": None, "ended": {"$sum": {"$add": ["$completed", "$failed"]}}}}
        try:
            found = list(self._database["chunks"].aggregate([sums]))
        except PyMongoError:
            return None
        return int(found[0]["ended"]) if found else 0

    def _rate(self, samples: int) -> float:
        """Images a second over the newest samples; 0 while there are too few."""
        if len(self._ended) < samples:
            return 0.0
        return (self._ended[-1] - self._ended[-samples]) / ((samples - 1) * SAMPLE_SECONDS)

    def _note(self, name: str, seconds: float) -> None:
        self._found.setdefault(name, []).append(seconds)
