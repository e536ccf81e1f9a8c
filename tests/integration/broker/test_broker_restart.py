import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from shared.adapters.rabbitmq import open_broker
from shared.messaging.messages import BatchSubmitted
from shared.messaging.topology import WORK
from shared.running.lifecycle import Readiness
from tests.integration.broker.traffic import NUMBERED, Eventually, number_of, publish_patiently, take
from tests.servers import Server, ServerUnavailable
from tests.servers.rabbitmq import RabbitmqAddress


@pytest.mark.parametrize("forced", [False, True], ids=["orderly", "killed and wiped"])
async def test_services_outlive_a_restart_of_the_broker(
    rabbitmq_server: Server[RabbitmqAddress], rabbitmq_url: str, eventually: Eventually, *, forced: bool
) -> None:
    """After an orderly restart the messages are still there; after losing its data the broker gets its queues back."""
    readiness = Readiness()
    async with (
        open_broker(rabbitmq_url, "test", readiness) as broker,
        broker.subscriber.subscribe(NUMBERED, prefetch=1) as subscription,
    ):
        await broker.publisher.publish(BatchSubmitted(batch_id="b"))
        with skipping_where_servers_are_not_ours():
            await asyncio.to_thread(restart, rabbitmq_server, rabbitmq_url, wiped=forced)
        await publish_patiently(broker.publisher, 6)
        assert number_of(await take(subscription)) == 6

        async def all_is_well() -> bool:
            return not readiness.problems

        await eventually(all_is_well)
        assert await broker.subscriber.waiting(WORK) == (0 if forced else 1)


def restart(server: Server[RabbitmqAddress], url: str, *, wiped: bool) -> None:
    """Restart the broker, perhaps without its data; its virtual host is made again then."""
    if not wiped:
        server.restart()
        return
    server.kill()
    server.wipe()
    server.start()
    server.address._call("PUT", f"vhosts/{url.rpartition('/')[2]}")


@contextmanager
def skipping_where_servers_are_not_ours() -> Iterator[None]:
    """Skip where the environment named a server, which no test may stop."""
    try:
        yield
    except ServerUnavailable as unavailable:
        pytest.skip(str(unavailable))
