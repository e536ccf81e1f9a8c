import asyncio
import io
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import anyio
import pytest
import structlog
import uvloop
from PIL import Image

from services.worker.children.limits import ChildLimits
from services.worker.children.pool import ImageChildren
from services.worker.children.process import ChildNotStartedError, ChildProcess
from services.worker.children.protocol import REQUEST_PREFIX, ChildConfig
from services.worker.imaging.failures import ImageRejected
from shared.recipes import BUILT_IN_RECIPES

HERE = Path(__file__).parent
WEB = BUILT_IN_RECIPES["web"]
LIMITS = ChildLimits(worker_children=2, child_cpu_seconds=1, image_timeout_seconds=15)
IMPATIENT = ChildLimits(worker_children=2, image_timeout_seconds=0.3)

# A service in miniature, with a top level that must not be run again in its children.
SERVICE = """
import asyncio, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever started the tests may have it ignored
sys.path.insert(0, {here!r})
print("service imported", file=sys.stderr)
from services.worker.children.limits import ChildLimits
from services.worker.children.pool import ImageChildren
from shared.recipes import BUILT_IN_RECIPES

async def main():
    async with ImageChildren(ChildLimits(worker_children=1), "misbehaving:tell") as children:
        print((await children.develop(b"pid", BUILT_IN_RECIPES["web"])).outputs[0].data.decode(), flush=True)
        await children.develop(b"sleep", BUILT_IN_RECIPES["web"])

try:
    asyncio.run(main())
except KeyboardInterrupt:
    sys.exit(130)
"""


class RestingError(Exception):
    """The image is not to be begun."""


@pytest.fixture(autouse=True)
def _misbehaving_is_importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(HERE))


@pytest.fixture
async def children() -> AsyncIterator[ImageChildren]:
    """Two children that do as they are told."""
    async with ImageChildren(LIMITS, "misbehaving:tell") as running:
        yield running


async def tell(children: ImageChildren, order: str) -> str:
    """Give a child's answer to the order."""
    return (await children.develop(order.encode(), WEB)).outputs[0].data.decode()


async def rejection(children: ImageChildren, order: str) -> str:
    """Give the code that the order is rejected with."""
    with pytest.raises(ImageRejected) as caught:
        await tell(children, order)
    return caught.value.code


def is_alive(pid: int) -> bool:
    """Tell whether the process exists and is no zombie."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for the condition, or fail after so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition never held"
        time.sleep(0.01)


def own_children() -> set[int]:
    """Give this process's children, zombies included."""
    return children_of(os.getpid())


def children_of(process: int) -> set[int]:
    """Give a process's children, zombies included."""
    listed = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="utf-8")
    return {int(pid) for pid in listed.split()}


async def test_prints_come_back_from_a_real_child() -> None:
    """The way of every photograph."""
    file = io.BytesIO()
    Image.radial_gradient("L").resize((2000, 1000)).save(file, "JPEG")
    async with ImageChildren(LIMITS) as children:
        developed = await children.develop(file.getvalue(), WEB)
    assert [(made.output, made.width, made.height) for made in developed.outputs] == [
        ("web", 1600, 800),
        ("thumbnail", 320, 160),
    ]


async def test_a_rejection_comes_back_and_costs_no_child(children: ImageChildren) -> None:
    """Most bad files are like that."""
    pid = await tell(children, "pid")
    with pytest.raises(ImageRejected, match="It is torn") as caught:
        await tell(children, "reject unreadable")
    assert caught.value.code == "unreadable"
    assert await tell(children, "pid") == pid


async def test_a_child_that_crashed_once_is_replaced_and_the_image_tried_again(
    children: ImageChildren, tmp_path: Path
) -> None:
    """It may have been another image's fault, or the machine's."""
    marker = tmp_path / "crash"
    marker.touch()
    assert await tell(children, f"die-once {marker}") == f"die-once {marker}"
    assert not marker.exists()


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (f"signal {signal.SIGSEGV:d}", "crashed"),
        (f"signal {signal.SIGABRT:d}", "crashed"),
        ("exit", "crashed"),
        (f"signal {signal.SIGKILL:d}", "out_of_memory"),
        ("reject out_of_memory", "out_of_memory"),
    ],
)
async def test_an_image_that_ends_two_children_is_rejected(children: ImageChildren, order: str, code: str) -> None:
    """And the next image is developed as if nothing had been."""
    with structlog.testing.capture_logs() as logs:
        assert await rejection(children, order) == code
    assert [entry["event"] for entry in logs] == ["image_child_lost", "image_rejected_after_second_child"]
    assert await tell(children, "hello") == "hello"


async def test_an_image_that_hangs_is_rejected_after_its_time_and_its_children_are_killed() -> None:
    """Timers inside the child would not fire while C code runs."""
    before = own_children()
    async with ImageChildren(IMPATIENT, "misbehaving:tell") as children:
        assert await rejection(children, "sleep") == "timeout"
        assert await tell(children, "hello") == "hello"
        assert len(own_children() - before) == 1
    assert own_children() == before


async def test_an_image_that_spends_its_processor_time_is_not_tried_again(children: ImageChildren) -> None:
    """Unlike wall-clock time, it does not depend on the neighbours."""
    with structlog.testing.capture_logs() as logs:
        assert await rejection(children, "spin") == "timeout"
    assert logs == []
    assert await tell(children, "hello") == "hello"


async def test_hanging_images_do_not_stop_honest_ones() -> None:
    """Suspects are tried again beside the children, one at a time."""
    async with ImageChildren(IMPATIENT, "misbehaving:tell") as children:
        hanging = [asyncio.create_task(rejection(children, "sleep")) for _ in range(3)]
        assert await asyncio.gather(*(tell(children, f"honest-{n}") for n in range(10))) == [
            f"honest-{n}" for n in range(10)
        ]
        assert not all(task.done() for task in hanging)
        assert await asyncio.gather(*hanging) == ["timeout"] * 3


async def test_an_image_larger_than_the_memory_limit_is_rejected() -> None:
    """The limit gives a clean MemoryError inside the child."""
    file = io.BytesIO()
    Image.new("RGB", (7000, 7000)).save(file, "PNG", compress_level=1)
    async with ImageChildren(ChildLimits(worker_children=1, child_memory_bytes=160 * 2**20)) as children:
        with pytest.raises(ImageRejected) as caught:
            await children.develop(file.getvalue(), WEB)
    assert caught.value.code == "out_of_memory"


async def test_an_image_that_waited_is_not_begun_if_it_may_not_be_any_more() -> None:
    """Its batch may have been cancelled while another image had the child; the child is left as it was."""
    asked = []

    async def refuse() -> None:
        asked.append(busy.done())
        raise RestingError

    async with ImageChildren(ChildLimits(worker_children=1), "misbehaving:tell") as children:
        pid = await tell(children, "pid")
        busy = asyncio.create_task(tell(children, "wait 0.3"))
        await asyncio.sleep(0)
        with pytest.raises(RestingError):
            await children.develop(b"exit", WEB, refuse)
        assert asked == [True]
        assert await tell(children, "pid") == pid


async def test_a_second_try_is_not_begun_either(children: ImageChildren) -> None:
    """It would be as new a beginning as the first."""
    asked = []

    async def refuse_later() -> None:
        asked.append("asked")
        if len(asked) > 1:
            raise RestingError

    before = own_children()
    with pytest.raises(RestingError):
        await children.develop(b"exit", WEB, refuse_later)
    assert own_children() == before


async def test_children_that_cannot_be_started_are_told_until_one_can(
    children: ImageChildren, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service is not ready meanwhile; what has never failed is not tried for the sake of it."""
    before = own_children()
    await children.check()
    able = [children.is_able]
    assert own_children() == before
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", "/nowhere/python")
        with pytest.raises(ChildNotStartedError):
            await tell(children, "hello")
        with pytest.raises(ChildNotStartedError):
            await children.check()
        able.append(children.is_able)
    await children.check()
    able.append(children.is_able)
    assert able == [True, False, True]
    assert len(own_children() - before) == 1
    assert await tell(children, "hello") == "hello"
    await children.check()
    assert len(own_children() - before) == 1


async def test_there_are_never_more_children_than_allowed(children: ImageChildren) -> None:
    """Twenty images share two."""
    await children.warm_up()
    warm = own_children()
    pids = await asyncio.gather(*(tell(children, "pid") for _ in range(20)))
    assert {int(pid) for pid in pids} <= warm
    await children.warm_up()
    assert own_children() == warm


async def test_a_child_is_replaced_after_its_share_of_images() -> None:
    """Whatever an image left behind in it is gone with it."""
    limits = ChildLimits(worker_children=1, images_per_child=2)
    async with ImageChildren(limits, "misbehaving:tell") as children:
        pids = [await tell(children, "pid") for _ in range(5)]
    assert pids[0] == pids[1] != pids[2] == pids[3] != pids[4]


async def test_a_child_that_died_while_idle_is_replaced(children: ImageChildren) -> None:
    """The kernel's out-of-memory killer picks whom it likes."""
    pid = int(await tell(children, "pid"))
    os.kill(pid, signal.SIGKILL)
    assert int(await tell(children, "pid")) != pid
    assert pid not in own_children()


async def test_a_child_is_confined(children: ImageChildren) -> None:
    """Memory, core dumps, files and processor time, the last counted anew for each image."""
    assert await tell(children, "limits") == str([LIMITS.child_memory_bytes, 0, 256 * 2**20, 64])
    assert await tell(children, "privileges") == "NoNewPrivs:\t1"
    # One, and up to two more for what is rounded and for what was used before a child begins to count.
    assert {await tell(children, "cpu") for _ in range(2)} <= {"2", "3"}


async def test_a_child_loads_little_and_learns_no_secrets(
    children: ImageChildren, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hostile image that took it over would find neither connections nor passwords."""
    monkeypatch.setenv("DARKROOM_BROKER_URL", "amqp://user:password@broker")
    modules = await tell(children, "modules")
    heavy = {"fastapi", "aio_pika", "motor", "pymongo", "uvicorn", "httpx", "anyio", "structlog", "pytest", "obstore"}
    assert not [name for name in heavy if f"'{name}'" in modules]
    assert "DARKROOM" not in await tell(children, "environment")


async def test_noise_on_standard_output_does_not_mix_with_answers(children: ImageChildren) -> None:
    """C libraries print when they like."""
    assert await tell(children, "print") == "print"
    assert await tell(children, "hello") == "hello"


async def test_a_program_that_reads_does_not_take_the_next_request(children: ImageChildren) -> None:
    """Programs that a step starts inherit standard input."""
    assert await tell(children, "read") == "read"
    assert await tell(children, "hello") == "hello"


async def test_warnings_do_not_reach_the_log(children: ImageChildren, capfd: pytest.CaptureFixture[str]) -> None:
    """Pillow warns of each damaged tag, and a hostile file has thousands."""
    assert await tell(children, "warn of damage") == "warn of damage"
    assert "of damage" not in capfd.readouterr().err


async def test_cancelling_ends_the_child_at_once() -> None:
    """Shutting down does not wait for a slow image."""
    before = own_children()
    async with ImageChildren(LIMITS, "misbehaving:tell") as children:
        await children.warm_up()
        with anyio.move_on_after(0.1) as scope:
            await tell(children, "sleep")
        assert scope.cancelled_caught
        assert len(own_children() - before) == 1
    assert own_children() == before


async def test_a_child_that_is_cancelled_while_it_starts_is_not_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """By `Task.cancel`, as a TaskGroup does it, when the process has just begun, and once more right after."""
    before = own_children()
    spawned = asyncio.Event()
    spawn = asyncio.create_subprocess_exec

    async def spawn_slowly(*arguments: Any, **options: Any) -> asyncio.subprocess.Process:
        process = await spawn(*arguments, **options)
        spawned.set()
        await asyncio.sleep(0.1)
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", spawn_slowly)
    starting = asyncio.create_task(ChildProcess.start("misbehaving:tell", LIMITS))
    await spawned.wait()
    assert len(own_children() - before) == 1
    starting.cancel()
    await asyncio.sleep(0)
    starting.cancel()
    await asyncio.wait([starting])
    assert starting.cancelled()
    assert own_children() == before


async def test_the_end_of_a_child_cannot_be_cancelled() -> None:
    """A cancelled image ends its child; cancelled again meanwhile, it leaves no zombie all the same."""
    before = own_children()
    child = await ChildProcess.start("misbehaving:tell", LIMITS)
    ending = asyncio.create_task(child.end())
    await asyncio.sleep(0)
    ending.cancel()
    await asyncio.sleep(0)
    ending.cancel()
    await asyncio.wait([ending])
    assert ending.cancelled()
    assert own_children() == before


@pytest.mark.parametrize("end", ["timeout", "cancelled", "killed"])
async def test_what_a_child_has_started_ends_with_it(end: str) -> None:
    """A step's program, or jpegtran, that never comes to an end: the kernel may also have killed the child for it."""
    limits = ChildLimits(worker_children=1, image_timeout_seconds=3 if end == "timeout" else 600)
    async with ImageChildren(limits, "misbehaving:tell") as children:
        before = own_children()
        await children.warm_up()
        (child,) = own_children() - before
        ordered = asyncio.create_task(rejection(children, "start"))
        await asyncio.to_thread(wait_until, lambda: bool(children_of(child)))
        (started,) = children_of(child)
        if end == "cancelled":
            ordered.cancel()
        elif end == "killed":
            os.kill(child, signal.SIGKILL)
        await asyncio.to_thread(wait_until, lambda: not is_alive(child))
        await asyncio.to_thread(wait_until, lambda: not is_alive(started))
        ordered.cancel()
        await asyncio.wait([ordered])


async def test_children_that_cannot_start_are_no_images_fault() -> None:
    """The chunk is tried again later instead."""
    before = own_children()
    async with ImageChildren(LIMITS, "no_such_module:develop") as children:
        with pytest.raises(ChildNotStartedError):
            await children.warm_up()
        with pytest.raises(ChildNotStartedError):
            await tell(children, "hello")
    assert own_children() == before


@pytest.mark.parametrize("loop_factory", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_both_event_loops_leave_no_child_behind(loop_factory: Callable[[], asyncio.AbstractEventLoop]) -> None:
    """Services run on uvloop, tests on asyncio's own."""

    async def scenario() -> None:
        async with ImageChildren(IMPATIENT, "misbehaving:tell") as children:
            await children.warm_up()
            assert await tell(children, "hello") == "hello"
            assert await rejection(children, "sleep") == "timeout"
            with anyio.move_on_after(0.05):
                await tell(children, "sleep")
        async with ImageChildren(LIMITS, "misbehaving:tell") as children:
            assert await rejection(children, "exit") == "crashed"

    run: Coroutine[Any, Any, None] = scenario()
    before = own_children()
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(run)
    assert own_children() == before


@pytest.fixture
def service(tmp_path: Path) -> Any:
    """A service in a process group of its own, with one child in the middle of an image."""
    script = tmp_path / "service.py"
    script.write_text(SERVICE.format(here=str(HERE)), encoding="utf-8")
    environment = {"PYTHONPATH": str(HERE.parents[2])}
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    ) as process:
        yield process
        process.kill()


def test_children_end_with_a_killed_service(service: subprocess.Popen[str]) -> None:
    """They would otherwise go on with their image, and on a busy machine with the next service's memory."""
    assert service.stdout is not None
    child = int(service.stdout.readline())
    assert is_alive(child)
    service.kill()
    wait_until(lambda: not is_alive(child))


def test_a_child_that_answers_a_closed_pipe_ends_without_a_word() -> None:
    """Its parent was killed; the socket says so in more than one way, and none is a traceback in the log."""
    ours, theirs = socket.socketpair()
    pipe = theirs.fileno()
    words = [sys.executable, "-c", "from services.worker.children.child import serve; serve()"]
    environment = {"PYTHONPATH": os.pathsep.join([str(HERE.parents[2]), str(HERE)])}
    with theirs, subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=subprocess.PIPE, env=environment) as child:
        theirs.close()
        config = ChildConfig(work="misbehaving:tell", parent=os.getpid(), limits=LIMITS).model_dump_json().encode()
        ours.sendall(REQUEST_PREFIX.pack(bytes(16), len(config), 0) + config)
        wait_until(lambda: select.select([ours], [], [], 0)[0] != [])
        ours.close()  # with the answer unread, which is a reset
        _output, errors = child.communicate(timeout=20)
    assert (child.returncode, errors) == (0, b"")


def test_ctrl_c_ends_service_and_children_without_a_word(service: subprocess.Popen[str]) -> None:
    """The terminal sends it to the whole process group; and the service's own module is loaded once only."""
    assert service.stdout is not None
    child = int(service.stdout.readline())
    os.killpg(service.pid, signal.SIGINT)
    _output, errors = service.communicate(timeout=10)
    assert (service.returncode, errors) == (130, "service imported\n")
    assert not is_alive(child)
