"""MongoDB as a process: a replica set of one, on loopback."""

import subprocess
from pathlib import Path

from tests.servers.mongodb import REPLICA_SET, MongodbAddress, local_mongodb
from tests.servers.native import NativeServer, executable
from tests.servers.settings import ServerSettings

UNPACKED = Path(__file__).parents[2] / "var" / "servers" / "mongod" / "mongod"


class NativeMongodb(NativeServer[MongodbAddress]):
    """The mongod that deploy/install-test-servers.sh unpacked, otherwise the system's."""

    def __init__(self, settings: ServerSettings) -> None:
        """Find mongod and prepare its folder; `ServerUnavailable` if there is none."""
        self._mongod = executable((UNPACKED,), "mongod", settings.path)
        super().__init__("mongodb", port_count=1)
        (port,) = self.ports
        self.address = local_mongodb("127.0.0.1", port, member=f"127.0.0.1:{port}")

    def launch(self) -> subprocess.Popen[bytes]:
        """Start mongod."""
        options = {
            "--dbpath": str(self.data),
            "--port": str(self.ports[0]),
            "--bind_ip": "127.0.0.1",
            "--replSet": REPLICA_SET,
            "--wiredTigerCacheSizeGB": "1",  # the default, half of the memory, is too much beside a test run
        }
        # As compose.yaml has it; and without what only operators need.
        parameters = ("minSnapshotHistoryWindowInSeconds=10", "diagnosticDataCollectionEnabled=false")
        words = [*options.items(), *(("--setParameter", parameter) for parameter in parameters)]
        command = [self._mongod, "--nounixsocket", *(word for pair in words for word in pair)]
        return self.group.start(command, {"HOME": str(self.folder)}, self.log)
