"""Clients that keep uploading, watching and steering batches while everything around them breaks."""

import asyncio
import contextlib
import random
from collections.abc import Sequence

from shared.documents import PRIORITIES
from tests.chaos.client import Client, Unanswered
from tests.chaos.ledger import Ledger, Upload
from tests.chaos.pictures import STORED_RECIPE, Kind, Picture, draw_picture
from tests.chaos.steering import Steering

MAX_IMAGES = 60
CLIENTS = 4
BATCHES_IN_HAND = 12
PAUSE_SECONDS = (0.1, 1.2)
SHARE_WITH_UNREADABLE = 0.4
SHARE_OF_UNREADABLE = 0.15
"""Of the images in those batches."""

SHARE_REPEATED = 0.1
"""Uploads that are sent again although they were answered."""

SHORT_LIVED_RECIPE = STORED_RECIPE.model_copy(update={"name": "short-lived"})
"""Stored and deleted again and again."""

PICTURES = 150
"""Different healthy pictures; each upload takes some of them."""


class Load:
    """Uploads until told to stop, and follows each batch until it has finished and its client is content."""

    def __init__(self, seed: int, gateway_urls: Sequence[str], *, deadly_share: float, cancelled_share: float) -> None:
        self.ledger = Ledger()
        self._seed = seed
        self._urls = gateway_urls
        self._deadly_share = deadly_share
        self._cancelled_share = cancelled_share
        self._stopping = asyncio.Event()
        self._in_hand = asyncio.Semaphore(BATCHES_IN_HAND)
        rng = random.Random(f"pictures {seed}")
        self._healthy = [draw_picture(rng, "healthy") for _ in range(PICTURES)]

    async def run(self) -> None:
        """Return once every batch that was begun has finished; the caller sets the deadline."""
        await self._store_recipe()
        async with asyncio.TaskGroup() as tasks:
            for number in range(CLIENTS):
                tasks.create_task(self._client(number, tasks), name=f"client {number}")
            tasks.create_task(self._look_around(), name="looking around")

    def stop(self) -> None:
        """Begin no more uploads."""
        self._stopping.set()

    async def _client(self, number: int, tasks: asyncio.TaskGroup) -> None:
        rng = random.Random(f"client {number} of {self._seed}")
        client = Client(self._urls, rng)
        following = set()
        uploads = 0
        while not self._stopping.is_set():
            await self._in_hand.acquire()
            upload = self._drawn(rng, f"{self._seed}-{number}-{uploads}")
            uploads += 1
            self.ledger.uploads.append(upload)
            following.add(tasks.create_task(self._live(upload, client, random.Random(upload.key)), name=upload.key))
            await asyncio.sleep(rng.uniform(*PAUSE_SECONDS))
        await asyncio.gather(*following, return_exceptions=True)
        await client.close()

    def _drawn(self, rng: random.Random, key: str) -> Upload:
        size = min(MAX_IMAGES, max(1, round(rng.expovariate(1 / 15))))
        unreadable = rng.random() < SHARE_WITH_UNREADABLE
        pictures = [self._picture(rng, unreadable=unreadable) for _ in range(size)]
        if rng.random() < self._deadly_share:
            pictures[rng.randrange(size)] = draw_picture(rng, "deadly")
        return Upload(
            key=key,
            pictures=tuple(pictures),
            recipe=rng.choice(["web", "web-webp", STORED_RECIPE.name]),
            priority=rng.choice(PRIORITIES),
            chunk_size=rng.choice([1, 3, 5, 10]),
        )

    def _picture(self, rng: random.Random, *, unreadable: bool) -> Picture:
        kind: Kind = "unreadable" if unreadable and rng.random() < SHARE_OF_UNREADABLE else "healthy"
        return draw_picture(rng, kind) if kind == "unreadable" else rng.choice(self._healthy)

    async def _store_recipe(self) -> None:
        client = Client(self._urls, random.Random(f"recipe {self._seed}"))
        while True:
            try:
                await client.save_recipe(STORED_RECIPE)
            except Unanswered:
                await client.pause()
                continue
            break
        await client.close()

    async def _look_around(self) -> None:
        """List batches, and deal with recipes, now and then, as people do."""
        client = Client(self._urls, random.Random(f"looking around {self._seed}"))
        while not self._stopping.is_set():
            with contextlib.suppress(Unanswered):
                await client.list_newest()
                await client.save_recipe(SHORT_LIVED_RECIPE)
                await client.list_recipes()
                await client.remove_recipe(SHORT_LIVED_RECIPE.name)
                if await client.recipe(STORED_RECIPE.name) != STORED_RECIPE:
                    self.ledger.breaches.append("the stored recipe is not the one that was stored")
            await client.pause()
        await client.close()

    async def _live(self, upload: Upload, client: Client, rng: random.Random) -> None:
        """What one client does with one batch; what it cannot believe is a breach."""
        try:
            batch_id = await self._upload(upload, client)
            if rng.random() < SHARE_REPEATED:
                await self._upload(upload, client)  # the verdict sees to it that it is the same batch
            steering = Steering(upload, batch_id, client, self.ledger, rng, cancelled_share=self._cancelled_share)
            await steering.accompany()
            upload.finished = True
        except Exception as error:  # noqa: BLE001 - the verdict names it, and the other clients go on
            self.ledger.breaches.append(f"client of batch {upload.key}: {error!r}")
        finally:
            self._in_hand.release()

    async def _upload(self, upload: Upload, client: Client) -> str:
        while True:
            upload.attempts += 1
            try:
                accepted = await client.upload(upload)
            except Unanswered:
                await client.pause()
                continue
            if accepted["total_images"] != len(upload.pictures):
                self.ledger.breaches.append(f"batch {upload.key} has {accepted['total_images']} images")
            batch_id = str(accepted["batch_id"])
            upload.batch_ids.add(batch_id)
            return batch_id
