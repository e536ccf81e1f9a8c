"""Which of several hosts is asked when; tests/integration/broker/test_several_hosts.py has real ones."""

from typing import cast

import pytest
from aio_pika.abc import AbstractConnection

from shared.adapters.rabbitmq.hosts import Hosts
from shared.errors import BrokerUnavailableError
from tests.processes import free_port


class NotingHosts(Hosts):
    """Notes which hosts are asked; those in `away` give no connection."""

    def __init__(self, url: str, *away: str) -> None:
        super().__init__(url)
        self.away = set(away)
        self.asked: list[str] = []

    async def _connect_to(self, host: str, name: str) -> AbstractConnection:
        self.asked.append(host)
        if host in self.away:
            raise BrokerUnavailableError(f"connect to {host}: no answer")
        return cast("AbstractConnection", (host, name))


async def test_after_each_connection_the_next_host_is_asked() -> None:
    """The one whose connection was lost may be dead, or frozen: it is asked when all others were."""
    hosts = NotingHosts("amqp://a,b,c/")
    for _ in range(6):
        await hosts.connect("test")
    assert sorted(hosts.asked[:3]) == ["a", "b", "c"]
    assert hosts.asked[3:] == hosts.asked[:3]


async def test_a_host_that_is_away_costs_one_attempt() -> None:
    """The next one follows without a pause, and each is asked once."""
    hosts = NotingHosts("amqp://a,b,c/", "a", "b")
    await hosts.connect("test")
    assert hosts.asked[-1] == "c"
    assert len(set(hosts.asked)) == len(hosts.asked)


async def test_without_any_host_each_problem_is_named() -> None:
    """The operator sees whether all are away or one is misspelt."""
    hosts = NotingHosts("amqp://a,b/", "a", "b")
    with pytest.raises(BrokerUnavailableError) as refused:
        await hosts.connect("test")
    assert sorted(str(refused.value).split("; ")) == ["connect to a: no answer", "connect to b: no answer"]


async def test_a_problem_names_the_host_and_no_password() -> None:
    """It gets into logs and readiness."""
    host = f"127.0.0.1:{free_port()}"
    with pytest.raises(BrokerUnavailableError) as refused:
        await Hosts(f"amqp://user:secret@{host}/").connect("test")
    assert str(refused.value).startswith(f"connect to {host}: ")
    assert "secret" not in str(refused.value)


async def test_connections_begin_at_different_hosts() -> None:
    """Many processes share the nodes of a cluster."""
    first = set()
    for _ in range(200):
        hosts = NotingHosts("amqp://a,b,c/")
        await hosts.connect("test")
        first |= set(hosts.asked)
    assert first == {"a", "b", "c"}
