"""Fixtures that every test may use: real servers skip where there are none, and fail instead with CI=true."""

import ssl
from collections.abc import Iterator
from typing import Any, NoReturn

import pytest
import structlog
from hypothesis import settings

from tests.processes import RunningDarkroom, running_embedded
from tests.servers import Server, Servers, ServerSettings, ServerUnavailable, running_servers
from tests.servers.mongodb import MongodbAddress
from tests.servers.rabbitmq import RabbitmqAddress

# A busy machine is no failure; what hangs is found by the whole run's time limit.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# By default a traceback comes in colours and with every local value, which takes a second where many tests only fail
# on purpose.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)

USED_SERVERS = pytest.StashKey[list[str]]()
USED_BY_WORKER = "used_servers"


@pytest.fixture(scope="session", autouse=True)
def _no_certificates_loaded() -> Iterator[None]:
    """Have httpx look for certificates when it needs one: each client would spend 40 ms on all of them."""
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("SSL_CERT_FILE", raising=False)
        environment.setenv("SSL_CERT_DIR", ssl.get_default_verify_paths().openssl_capath)
        yield


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """Both servers, started side by side as soon as a test wants either."""
    with running_servers() as starting:
        yield starting


@pytest.fixture(scope="session")
def rabbitmq_server(servers: Servers, pytestconfig: pytest.Config) -> Server[RabbitmqAddress]:
    """The RabbitMQ that the whole run shares."""
    try:
        server = servers.rabbitmq
    except ServerUnavailable as unavailable:
        do_without(unavailable)
    note_used(pytestconfig, f"RabbitMQ {server.address.version()} ({server.way})")
    return server


@pytest.fixture(scope="session")
def mongodb_server(servers: Servers, pytestconfig: pytest.Config) -> Server[MongodbAddress]:
    """The MongoDB that the whole run shares."""
    try:
        server = servers.mongodb
    except ServerUnavailable as unavailable:
        do_without(unavailable)
    note_used(pytestconfig, f"MongoDB {server.address.version()} ({server.way})")
    return server


@pytest.fixture
def rabbitmq_url(rabbitmq_server: Server[RabbitmqAddress]) -> Iterator[str]:
    """AMQP URL of a virtual host that is this test's alone."""
    with rabbitmq_server.address.fresh_virtual_host() as url:
        yield url


@pytest.fixture
def mongodb_url(mongodb_server: Server[MongodbAddress]) -> Iterator[str]:
    """MongoDB URL of a database that is this test's alone, named in the URL's path."""
    with mongodb_server.address.fresh_database() as url:
        yield url


@pytest.fixture(scope="session")
def embedded_darkroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDarkroom]:
    """A whole system in one process, which tests share that leave it as able to work as it was."""
    with running_embedded(tmp_path_factory.mktemp("darkroom")) as running:
        yield running


def do_without(unavailable: ServerUnavailable) -> NoReturn:
    """Skip the test, or fail it with CI=true: there a missing server must not go unnoticed."""
    if ServerSettings().ci:
        pytest.fail(str(unavailable), pytrace=False)
    pytest.skip(str(unavailable))


def note_used(config: pytest.Config, description: str) -> None:
    """Keep a line for the end of the run."""
    config.stash.setdefault(USED_SERVERS, []).append(description)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what this process used to the one that reports, where several share the tests."""
    if hasattr(session.config, "workeroutput"):
        used: list[str] = session.config.stash.get(USED_SERVERS, [])
        session.config.workeroutput[USED_BY_WORKER] = used


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what one of several processes used."""
    for description in getattr(node, "workeroutput", {}).get(USED_BY_WORKER, []):
        note_used(node.config, description)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which servers the run was against."""
    used: list[str] = config.stash.get(USED_SERVERS, [])
    for description in dict.fromkeys(used):
        terminalreporter.write_line(f"real server: {description}")
