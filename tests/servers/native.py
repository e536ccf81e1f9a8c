"""Servers that run as processes of this machine, on their own ports and in their own folder."""

import shutil
import signal
import subprocess
import tempfile
from abc import abstractmethod
from pathlib import Path

from tests.servers.ports import ReservedPorts
from tests.servers.processes import ProcessGroup
from tests.servers.server import AddressT, Server, ServerUnavailable, wait_until

START_SECONDS = 90
STOP_SECONDS = 30
LOG_TAIL_CHARACTERS = 2_000


class NativeServer(Server[AddressT]):
    """A server process with a folder of its own: `data` in it is what `wipe` deletes."""

    way = "native"

    def __init__(self, name: str, port_count: int) -> None:
        """Reserve the ports and make the folder; nothing runs before `start`."""
        self.folder = Path(tempfile.mkdtemp(prefix=f"darkroom-{name}-"))
        self.data = self.folder / "data"
        self.log = self.folder / "output.log"
        self._ports = ReservedPorts(port_count)
        self.ports = self._ports.numbers
        self.group = ProcessGroup(self.folder)
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def launch(self) -> subprocess.Popen[bytes]:
        """Start the server process in the group."""

    def start(self) -> None:
        """Start and wait until the server takes work; `ServerUnavailable` with its last output if it does not."""
        self.data.mkdir(exist_ok=True)
        process = self._process = self.launch()
        wait_until(lambda: process.poll() is not None or self.address.ready(), START_SECONDS)
        if process.poll() is not None or not self.address.ready():
            raise ServerUnavailable(f"did not start: {self.log.read_text(errors='replace')[-LOG_TAIL_CHARACTERS:]}")

    def stop(self) -> None:
        """Terminate and wait; kill at the deadline."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Send SIGKILL and wait until the process is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def freeze(self) -> None:
        """Send SIGSTOP: connections stay open, and nothing is answered until `thaw`."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Send SIGCONT; a server that is not frozen goes on as before."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def wipe(self) -> None:
        """Delete the data folder."""
        shutil.rmtree(self.data, ignore_errors=True)

    def discard(self) -> None:
        """Kill what runs, remove the folder, give back the ports."""
        self.group.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        self._ports.release()


def executable(places: tuple[Path, ...], name: str, path: str) -> str:
    """Find a program in the places, then on the PATH; `ServerUnavailable` if it is nowhere."""
    found = next((str(place) for place in places if place.is_file()), None) or shutil.which(name, path=path)
    if found is None:
        raise ServerUnavailable(f"{name} is not installed")
    return found
