"""Whoever follows a batch sees the same of it, on whatever way."""

import asyncio

import pytest

from shared.documents import Batch
from tests.fakes import DEADLINE_SECONDS, START
from tests.integration.gateway.conftest import ServedGateway
from tests.integration.gateway.progress_transports import (
    Events,
    NotThereError,
    OverPolling,
    OverServerSentEvents,
    OverWebSocket,
    Seen,
    Transport,
)


async def until_version(events: Events, version: int) -> Seen:
    """The first event of that version or a newer one."""
    async for seen in events:
        if seen.data["version"] >= version:
            return seen
    raise AssertionError


class ProgressContract:
    """What every way of following a batch shows."""

    @pytest.fixture
    def transport(self) -> Transport:
        """The way under test."""
        raise NotImplementedError

    async def test_from_the_first_state_to_the_last(self, served: ServedGateway, transport: Transport) -> None:
        """The first comes at once, each has the batch's status, and after `finished` nothing comes."""
        batch_id = await served.upload()
        async with transport.following(served, batch_id) as events:
            first = await anext(events)
            assert (first.event, first.data["status"]) == ("progress", "PENDING")
            moved = await served.move(batch_id, status="STARTED", completed_images=1)
            seen = await until_version(events, moved.version)
            assert (seen.event, seen.id) == ("progress", moved.version)
            assert seen.data == (await served.client.get(f"/pipeline/batch/{batch_id}")).json()["data"]
            ended = await served.move(batch_id, status="SUCCESS", completed_images=2)
            rest = [seen async for seen in events]
        assert [seen.event for seen in rest][-2:] == ["progress", "finished"]
        assert rest[-1].data == rest[-2].data
        assert rest[-1].id == ended.version

    async def test_a_batch_that_has_finished(self, served: ServedGateway, transport: Transport) -> None:
        """In two events."""
        batch_id = await served.upload()
        await served.move(batch_id, status="FAILURE", failed_images=2)
        async with transport.following(served, batch_id) as events:
            assert [seen.event async for seen in events] == ["progress", "finished"]

    async def test_versions_only_grow_and_everyone_sees_the_end(
        self, served: ServedGateway, transport: Transport
    ) -> None:
        """Also those who did not read for a while."""
        batch_id = await served.upload(images=50)
        reading = asyncio.Event()
        connected = asyncio.Semaphore(0)

        async def versions(*, lazy: bool) -> list[int]:
            async with transport.following(served, batch_id) as events:
                seen = [(await anext(events)).data["version"]]
                connected.release()
                if lazy:
                    await reading.wait()
                return seen + [each.data["version"] async for each in events if each.event == "progress"]

        async with asyncio.TaskGroup() as tasks:
            clients = [tasks.create_task(versions(lazy=number % 4 == 0)) for number in range(8)]
            for _ in clients:
                await connected.acquire()
            for completed in range(1, 50):
                await served.move(batch_id, status="STARTED", completed_images=completed)
            final = await served.move(batch_id, status="SUCCESS", completed_images=50)
            reading.set()
        for client in clients:
            seen = client.result()
            assert seen == sorted(set(seen))
            assert seen[-1] == final.version

    async def test_a_paused_batch_goes_on(self, served: ServedGateway, transport: Transport) -> None:
        """It has not ended."""
        batch_id = await served.upload()
        async with transport.following(served, batch_id) as events:
            await anext(events)
            paused = await served.move(batch_id, paused=True)
            assert (await until_version(events, paused.version)).data["paused"] is True
            resumed = await served.move(batch_id, paused=False)
            assert (await until_version(events, resumed.version)).data["paused"] is False

    async def test_a_batch_that_is_retried_can_be_followed_again(
        self, served: ServedGateway, transport: Transport
    ) -> None:
        """After its end."""
        batch_id = await served.upload()
        await served.move(batch_id, status="FAILURE", failed_images=2)
        async with transport.following(served, batch_id) as events:
            assert [seen.event async for seen in events][-1] == "finished"
        await served.ports.batches.change(batch_id, lambda batch: batch.retried(START))
        async with transport.following(served, batch_id) as events:
            assert (await anext(events)).data["generation"] == 1

    async def test_a_batch_that_is_deleted_has_no_more_events(
        self, served: ServedGateway, transport: Transport
    ) -> None:
        """After an end, where it is seen, or as one that is not there."""
        batch_id = await served.upload()
        async with transport.following(served, batch_id) as events:
            await anext(events)
            await served.move(batch_id, stop="cancelled")
            deleted = await served.client.delete(f"/pipeline/batch/{batch_id}")
            assert deleted.status_code == 200
            try:
                rest = [seen async for seen in events]
            except NotThereError:
                return
        assert [seen.event for seen in rest][-1] == "finished"

    async def test_a_batch_that_is_not_there(self, served: ServedGateway, transport: Transport) -> None:
        """Unknown, or deleted already."""
        batch_id = await served.upload()

        def deleted(batch: Batch) -> Batch:
            return batch.stopped("cancelled", START).deleted(START)

        await served.ports.batches.change(batch_id, deleted)
        for name in ("00000000-0000-4000-8000-000000000000", batch_id):
            async with transport.following(served, name) as events:
                with pytest.raises(NotThereError):
                    await anext(events)

    async def test_stopping_ends_it_without_a_final_event(self, served: ServedGateway, transport: Transport) -> None:
        """So that clients connect again elsewhere."""
        batch_id = await served.upload()
        async with transport.following(served, batch_id) as events:
            await anext(events)
            served.stopping.set()
            assert "finished" not in [seen.event async for seen in events]
            await asyncio.wait_for(asyncio.shield(served.service), DEADLINE_SECONDS)


class TestServerSentEvents(ProgressContract):
    """On an event stream."""

    @pytest.fixture
    def transport(self) -> Transport:
        """The way under test."""
        return OverServerSentEvents()


class TestWebSocket(ProgressContract):
    """On a WebSocket."""

    @pytest.fixture
    def transport(self) -> Transport:
        """The way under test."""
        return OverWebSocket()


class TestPolling(ProgressContract):
    """By asking again and again."""

    @pytest.fixture
    def transport(self) -> Transport:
        """The way under test."""
        return OverPolling()
