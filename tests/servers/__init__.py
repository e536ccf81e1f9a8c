"""Real RabbitMQ and MongoDB servers for tests and benches, found or started, and gone afterwards."""

from tests.servers.finding import Servers, own_servers, running_servers
from tests.servers.server import Server, ServerUnavailable
from tests.servers.settings import ServerSettings

__all__ = ["Server", "ServerSettings", "ServerUnavailable", "Servers", "own_servers", "running_servers"]
