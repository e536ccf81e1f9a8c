"""A RabbitMQ server's address, and virtual hosts that keep tests apart."""

import contextlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import requests

MANAGEMENT_PORT = 15_672
TIMEOUT_SECONDS = 15


@dataclass(frozen=True)
class RabbitmqAddress:
    """`url` is an AMQP URL without virtual host, `management_url` the HTTP root of the management plugin."""

    url: str
    management_url: str

    def ready(self) -> bool:
        """Whether the management plugin answers and the AMQP listener, which comes last, is up."""
        try:
            overview = self._call("GET", "overview").json()
        except requests.RequestException:
            return False
        return any(listener["protocol"].startswith("amqp") for listener in overview["listeners"])

    def version(self) -> str:
        """RabbitMQ's version, as `4.0.5`."""
        return str(self._call("GET", "overview").json()["rabbitmq_version"])

    @contextlib.contextmanager
    def fresh_virtual_host(self) -> Iterator[str]:
        """Give the AMQP URL of a new, empty virtual host, deleted at the end with all connections to it."""
        name = f"darkroom-test-{uuid.uuid4().hex[:12]}"
        self._call("PUT", f"vhosts/{name}")
        try:
            yield urlsplit(self.url)._replace(path=f"/{name}").geturl()
        finally:
            self._call("DELETE", f"vhosts/{name}")

    def _call(self, method: str, path: str) -> requests.Response:
        parts = urlsplit(self.url)
        credentials = (unquote(parts.username or "guest"), unquote(parts.password or "guest"))
        with requests.Session() as session:
            # Looking for proxies, it would go through the environment, which pytest changes at the start of each test.
            session.trust_env = False
            url = f"{self.management_url}/api/{path}"
            response = session.request(method, url, auth=credentials, timeout=TIMEOUT_SECONDS)
        response.raise_for_status()
        return response


def local_rabbitmq(host: str, port: int, management_port: int) -> RabbitmqAddress:
    """Give the address of a server that has just its default user."""
    return RabbitmqAddress(f"amqp://guest:guest@{host}:{port}/", f"http://{host}:{management_port}")


def given_rabbitmq(url: str, management_url: str | None) -> RabbitmqAddress:
    """Give the address that the environment named; the management plugin is looked for at its usual port."""
    return RabbitmqAddress(url, (management_url or f"http://{urlsplit(url).hostname}:{MANAGEMENT_PORT}").rstrip("/"))
