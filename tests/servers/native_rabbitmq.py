"""RabbitMQ as a process, with a node name, ports, plugins and folders that no other broker shares."""

import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.servers.native import NativeServer, executable
from tests.servers.rabbitmq import RabbitmqAddress, local_rabbitmq
from tests.servers.server import ServerUnavailable, wait_until
from tests.servers.settings import ServerSettings

# Debian's rabbitmq-server on the PATH is a wrapper that insists on its own user; this is what it wraps.
UNWRAPPED = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
UNWRAPPED_CONTROL = Path("/usr/lib/rabbitmq/bin/rabbitmqctl")
EPMD_SECONDS = 10
CONTROL_SECONDS = 60


class NativeRabbitmq(NativeServer[RabbitmqAddress]):
    """The system's RabbitMQ, run by whoever runs the tests, with an Erlang port mapper (epmd) of its own."""

    def __init__(self, settings: ServerSettings, epmd_port: int | None = None) -> None:
        """Find RabbitMQ and prepare its folder; `ServerUnavailable` if there is none.

        `epmd_port` is another broker's, for nodes of one cluster.
        """
        self._server = executable((UNWRAPPED,), "rabbitmq-server", settings.path)
        self._epmd = executable((), "epmd", settings.path)
        self._path = settings.path
        super().__init__("rabbitmq", port_count=4)
        self._port, self._management_port, self._distribution_port, own_epmd_port = self.ports
        self.epmd_port = epmd_port or own_epmd_port
        self._has_own_epmd = epmd_port is None
        self.node_name = f"darkroom-test-{self._port}@localhost"
        self.address = local_rabbitmq("127.0.0.1", self._port, self._management_port)
        self._epmd_process: subprocess.Popen[bytes] | None = None
        (self.folder / "enabled_plugins").write_text("[rabbitmq_management].\n")
        self.configure({"management.tcp.ip": "127.0.0.1", "management.tcp.port": str(self._management_port)})

    def configure(self, settings: Mapping[str, str]) -> None:
        """Add to what rabbitmq.conf holds at the next start."""
        with (self.folder / "rabbitmq.conf").open("a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in settings.items())

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the port mapper, unless a killed broker left it running, and the broker."""
        if self._has_own_epmd and self._epmd_process is None:
            # Started here and in the foreground, or Erlang starts a daemon that outlives the tests.
            command = [self._epmd, "-port", str(self.epmd_port), "-address", "127.0.0.1"]
            self._epmd_process = self.group.start(command, {"HOME": str(self.folder)}, self.log)
        if not wait_until(self._epmd_listens, EPMD_SECONDS):
            raise ServerUnavailable("epmd, Erlang's port mapper, did not start")
        return self.group.start([self._server], self._environment(), self.log)

    def control(self, *arguments: str) -> None:
        """Run `rabbitmqctl` on the running broker; RuntimeError with its output if it fails."""
        command = [executable((UNWRAPPED_CONTROL,), "rabbitmqctl", self._path), *arguments]
        ended = subprocess.run(
            command, env=self._environment(), cwd=self.folder, capture_output=True, timeout=CONTROL_SECONDS, check=False
        )
        if ended.returncode:
            raise RuntimeError(ended.stderr.decode(errors="replace"))

    def _epmd_listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.epmd_port)) == 0

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": self._path,
            "HOME": str(self.folder),  # where Erlang makes its cookie
            "LANG": "C.UTF-8",
            "RUNNING_UNDER_SYSTEMD": "true",  # the script then becomes the broker instead of waiting for it
            "ERL_EPMD_PORT": str(self.epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "no-system-settings"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_FEATURE_FLAGS_FILE": str(self.data / "feature_flags"),
            "RABBITMQ_MNESIA_BASE": str(self.data),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
            "RABBITMQ_NODENAME": self.node_name,
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self._port),
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            # As docs/operations.md advises: a node of a cluster that is silent for so long counts as lost.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "-kernel inet_dist_use_interface {127,0,0,1} -kernel net_ticktime 10"
            ),
        }
