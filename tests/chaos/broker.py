"""What can be done to the broker itself, and read from it."""

import base64
from collections.abc import Sequence
from urllib.parse import quote

import requests

from shared.messaging.topology import PROBES_QUEUE_PREFIX, work_queues
from tests.servers import Server
from tests.servers.containers import ContainerRabbitmq
from tests.servers.native_rabbitmq import NativeRabbitmq
from tests.servers.rabbitmq import RabbitmqAddress

CONTROL_SECONDS = 30
NO_MEMORY = "0.000001"
ENOUGH_MEMORY = "0.6"


class BrokerControl:
    """One RabbitMQ of the harness's own."""

    def __init__(self, server: Server[RabbitmqAddress]) -> None:
        self.server = server

    def set_memory_alarm(self, *, on: bool) -> None:
        """Have the broker believe that its memory is full: it then reads nothing more from publishers."""
        assert isinstance(self.server, NativeRabbitmq | ContainerRabbitmq), "no server of the harness's own"
        self.server.control("set_vm_memory_high_watermark", NO_MEMORY if on else ENOUGH_MEMORY)

    def close_connections(self) -> int:
        """Close every connection as an operator would; how many there were."""
        connections = self._call("GET", "connections").json()
        for connection in connections:
            with_reason = {"X-Reason": "chaos"}
            path = f"connections/{quote(connection['name'], safe='')}"
            self._call("DELETE", path, headers=with_reason, accept=(204, 404))
        return len(connections)

    def publish_garbage(self, exchange: str, routing_key: str, body: bytes) -> None:
        """Publish bytes that are no message."""
        sent = {
            "properties": {"delivery_mode": 2},
            "routing_key": routing_key,
            "payload": base64.b64encode(body).decode(),
            "payload_encoding": "base64",
        }
        self._call("POST", f"exchanges/%2F/{exchange}/publish", json=sent)

    def dead_letters(self) -> Sequence[tuple[str, bytes]]:
        """Every dead letter: its queue and its bytes. They stay where they are."""
        found = []
        for queue in work_queues():
            wanted = {"count": 10_000, "ackmode": "ack_requeue_true", "encoding": "base64"}
            path = f"queues/%2F/{quote(queue.dead_letter_queue, safe='')}/get"
            letters = self._call("POST", path, json=wanted).json()
            found += [(queue.name, base64.b64decode(letter["payload"])) for letter in letters]
        return found

    def work_left(self) -> dict[str, int]:
        """How many messages each queue of work or hints holds, those in a consumer's hands included."""
        queues = self._call("GET", "queues").json()
        held = {queue["name"]: int(queue.get("messages", 1)) for queue in queues}
        is_work = {name: not name.endswith(".dead") and not name.startswith(f"{PROBES_QUEUE_PREFIX}.") for name in held}
        return {name: count for name, count in held.items() if count and is_work[name]}

    def queue_names(self) -> set[str]:
        """Every queue that there is."""
        return {queue["name"] for queue in self._call("GET", "queues").json()}

    def _call(
        self,
        method: str,
        path: str,
        json: object = None,
        headers: dict[str, str] | None = None,
        accept: Sequence[int] = (200, 204),
    ) -> requests.Response:
        response = requests.request(
            method,
            f"{self.server.address.management_url}/api/{path}",
            auth=("guest", "guest"),
            json=json,
            headers=headers,
            timeout=CONTROL_SECONDS,
        )
        assert response.status_code in accept, f"{method} {path}: {response.status_code} {response.text[:200]}"
        return response
