"""Three RabbitMQ nodes, of which one is lost at a time, under services that know the addresses of all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.adapters.rabbitmq import open_broker
from shared.messaging.messages import BatchSubmitted
from shared.messaging.topology import RESULTS, WORK, work_queues
from shared.running.lifecycle import Readiness
from tests.cluster.outages import HARMS, develop_through
from tests.conftest import do_without
from tests.processes import RunningDarkroom, running_services, wait_until
from tests.servers import Server, ServerUnavailable
from tests.servers.mongodb import MongodbAddress
from tests.servers.rabbitmq_cluster import NODES, RabbitmqCluster, running_rabbitmq_cluster

pytestmark = pytest.mark.exhaustive


@pytest.fixture(scope="module")
def cluster() -> Iterator[RabbitmqCluster]:
    """A cluster of this module's own."""
    try:
        with running_rabbitmq_cluster() as running:
            yield running
    except ServerUnavailable as unavailable:
        do_without(unavailable)


@pytest.fixture(scope="module")
def virtual_host(cluster: RabbitmqCluster) -> Iterator[str]:
    """The URL, naming every node, of a virtual host in it."""
    with cluster.fresh_virtual_host() as url:
        yield url


@pytest.fixture(scope="module")
def darkroom(
    virtual_host: str, mongodb_server: Server[MongodbAddress], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningDarkroom]:
    """Four processes on the cluster; they live through every loss."""
    with (
        mongodb_server.address.fresh_database() as mongodb_url,
        running_services(tmp_path_factory.mktemp("darkroom"), virtual_host, mongodb_url) as running,
    ):
        yield running


@pytest.mark.parametrize("harm", HARMS)
def test_losing_the_node_that_leads_the_results_costs_nothing(
    cluster: RabbitmqCluster, virtual_host: str, darkroom: RunningDarkroom, photographs: list[Path], harm: str
) -> None:
    """Services go on over another node, and the queues under another leader."""
    name = virtual_host.rpartition("/")[2]
    work = {queue.name for queue in work_queues()}
    wait_until(lambda: work <= set(cluster.queues(name)), "every queue is declared")
    assert {len(queue["members"]) for queue in cluster.queues(name).values()} == {NODES}

    develop_through(darkroom, photographs, harm, lambda: cluster.leader_of(name, RESULTS.name))

    cluster.wait_until_whole()
    assert darkroom.is_ready(), darkroom.logs()


async def test_a_service_starts_while_a_node_is_down(cluster: RabbitmqCluster) -> None:
    """It declares its queues on the nodes that are there, and needs no other address."""
    lost = cluster.nodes[0]
    with cluster.fresh_virtual_host() as url:
        lost.kill()
        try:
            for _ in range(NODES):
                async with open_broker(url, "test", Readiness()) as broker:
                    await broker.publisher.publish(BatchSubmitted(batch_id="b"))
                    assert await broker.subscriber.waiting(WORK) > 0
        finally:
            lost.start()
            cluster.wait_until_whole()
