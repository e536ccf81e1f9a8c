"""Does what the schedule says to the system, and undoes it."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from shared.messaging.topology import EVENTS, PROGRESS, work_queues
from tests.chaos.orders import Action
from tests.chaos.schedule import POINT_KINDS, SERVER_KINDS, Fault
from tests.chaos.system import System
from tests.chaos.timings import Timings

LONGEST_FAILING_SECONDS = 20.0
"""In which a process makes the calls that are to fail; what it has not made by then goes through."""

STORE_APART_SECONDS = 20.0
"""Between two times without the store, or a chunk would find it away at each of its tries and rightly be given up."""

Log = Callable[[str], None]


class Faults:
    """Performs faults, several at a time; those that trouble a whole server one after the other."""

    def __init__(self, system: System, timings: Timings, log: Log) -> None:
        self._system = system
        self._timings = timings
        self._log = log
        self._server = asyncio.Lock()
        self._store = asyncio.Lock()
        self._store_free_at = 0.0
        self.performed: Counter[str] = Counter()
        self.killed_at: set[str] = set()
        self.garbage: set[bytes] = set()
        self.problems: list[str] = []

    async def follow(self, schedule: Sequence[Fault], seconds: float) -> None:
        """Begin each fault at its time; on return, after so many seconds or a little later, nothing is troubled."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with asyncio.TaskGroup() as tasks:
            orders = []
            for fault in schedule:
                await asyncio.sleep(began + fault.at - loop.time())
                performing = tasks.create_task(self._perform(fault), name=str(fault))
                if fault.kind in POINT_KINDS:
                    orders.append(performing)
            await asyncio.sleep(began + seconds - loop.time())
            for order in orders:
                order.cancel()

    async def _perform(self, fault: Fault) -> None:
        actions: dict[str, Callable[[Fault], Awaitable[None]]] = {
            "crash at point": self._crash_at_point,
            "freeze at point": self._freeze_at_point,
            "failing call": self._fail_call,
            "kill -9": self._kill,
            "SIGSTOP": self._stop,
            "SIGTERM": self._terminate,
            "cut": self._cut,
            "black hole": self._black_hole,
            "delay": self._delay,
            "duplicates": self._duplicate,
            "garbage": self._publish_garbage,
            "store away": self._take_store_away,
            "store empty": self._empty_store,
            "broker restart": self._restart_broker,
            "broker kill -9": self._kill_broker,
            "MongoDB kill -9": self._kill_mongodb,
            "memory alarm": self._alarm,
            "close connections": self._close_connections,
        }
        self.performed[fault.kind] += 1
        self._log(str(fault))
        try:
            if fault.kind in SERVER_KINDS:
                async with self._server:
                    await actions[fault.kind](fault)
            else:
                await actions[fault.kind](fault)
        except Exception as error:  # noqa: BLE001 - a fault that cannot be done is a finding, and the run goes on
            self.problems.append(f"the fault '{fault}' could not be performed: {error!r}")

    async def _crash_at_point(self, fault: Fault) -> None:
        async with self._ordered(fault, "die"):
            self.killed_at.add(str(fault.point))
            self._log(f"  {fault.point}: died there")

    async def _freeze_at_point(self, fault: Fault) -> None:
        async with self._ordered(fault, "freeze") as process_id:
            self._log(f"  {fault.point}: stands there")
            try:
                await asyncio.sleep(fault.seconds)
            finally:
                for place in self._system.places.values():
                    place.wake(process_id)

    async def _fail_call(self, fault: Fault) -> None:
        async with self._ordered(fault, "fail for now" if fault.is_expected else "fail"):
            self._log(f"  {fault.point}: fails there")
            await asyncio.sleep(LONGEST_FAILING_SECONDS)

    @asynccontextmanager
    async def _ordered(self, fault: Fault, action: Action) -> AsyncIterator[int]:
        """Begins once a process obeys, whose id it gives; at the end the order is withdrawn."""
        orders = self._system.orders
        orders.arm(fault.number, fault.point, fault.times, action)
        try:
            while (process_id := orders.taken_by(fault.number)) is None:  # noqa: ASYNC110 - another process writes a file
                await asyncio.sleep(0.1)
            yield process_id
        finally:
            orders.withdraw(fault.number, fault.point)

    async def _kill(self, fault: Fault) -> None:
        self._system.places[fault.place].signal(signal.SIGKILL)

    async def _stop(self, fault: Fault) -> None:
        place = self._system.places[fault.place]
        place.signal(signal.SIGSTOP)
        await asyncio.sleep(fault.seconds)
        place.signal(signal.SIGCONT)

    async def _terminate(self, fault: Fault) -> None:
        self._system.places[fault.place].signal(signal.SIGTERM)

    async def _cut(self, fault: Fault) -> None:
        self._system.places[fault.place].proxies[fault.server].cut()

    async def _black_hole(self, fault: Fault) -> None:
        proxy = self._system.places[fault.place].proxies[fault.server]
        for direction in fault.directions:
            proxy.silence(direction)
        await asyncio.sleep(fault.seconds)
        proxy.pass_on()

    async def _delay(self, fault: Fault) -> None:
        proxy = self._system.places[fault.place].proxies[fault.server]
        proxy.slow_down(fault.seconds / 20)
        await asyncio.sleep(fault.seconds)
        proxy.pass_on()

    async def _duplicate(self, fault: Fault) -> None:
        self._system.orders.duplicate(0.3)
        await asyncio.sleep(fault.seconds)
        self._system.orders.duplicate(0.0)

    async def _publish_garbage(self, fault: Fault) -> None:
        async with self._server:  # so that the broker is there
            for queue in work_queues():
                body = f"garbage {fault.number} for {queue.name}".encode()
                self.garbage.add(body)
                await asyncio.to_thread(self._system.broker.publish_garbage, EVENTS, queue.routing_keys[0], body)
            await asyncio.to_thread(self._system.broker.publish_garbage, PROGRESS, "", b"garbage for all gateways")

    async def _take_store_away(self, fault: Fault) -> None:
        await self._without_store(self._system.objects.take_away, fault.seconds)

    async def _empty_store(self, fault: Fault) -> None:
        await self._without_store(self._system.objects.empty, fault.seconds)

    async def _without_store(self, take: Callable[[], None], seconds: float) -> None:
        loop = asyncio.get_running_loop()
        async with self._store:
            await asyncio.sleep(self._store_free_at - loop.time())
            # A service cannot start without its store and says so; that is no finding.
            self._system.may_start.clear()
            take()
            await asyncio.sleep(seconds)
            self._system.objects.bring_back()
            self._system.may_start.set()
            self._store_free_at = loop.time() + STORE_APART_SECONDS

    async def _restart_broker(self, fault: Fault) -> None:
        server = self._system.servers.rabbitmq
        async with self._timings.return_of_the_broker():
            await asyncio.to_thread(server.stop)
            await asyncio.sleep(fault.seconds)
            await asyncio.to_thread(server.start)

    async def _kill_broker(self, fault: Fault) -> None:
        server = self._system.servers.rabbitmq
        async with self._timings.return_of_the_broker():
            await asyncio.to_thread(server.kill)
            await asyncio.sleep(fault.seconds)
            await asyncio.to_thread(server.start)

    async def _kill_mongodb(self, fault: Fault) -> None:
        server = self._system.servers.mongodb
        await asyncio.to_thread(server.kill)
        await asyncio.sleep(fault.seconds)
        await asyncio.to_thread(server.start)

    async def _alarm(self, fault: Fault) -> None:
        broker = self._system.broker
        await asyncio.to_thread(broker.set_memory_alarm, on=True)
        try:
            await asyncio.sleep(fault.seconds)
        finally:
            await asyncio.to_thread(broker.set_memory_alarm, on=False)

    async def _close_connections(self, _fault: Fault) -> None:
        await asyncio.to_thread(self._system.broker.close_connections)
