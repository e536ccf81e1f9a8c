"""Ports that are measured: every call once, under labels that the code names."""

import inspect

import pytest

from shared.adapters.measured_ports import _TIMED, measured_ports
from shared.adapters.object_store import open_object_store
from shared.errors import ObjectMissingError, StorageUnavailableError
from shared.messaging.messages import BatchSubmitted, ChunkReady
from shared.messaging.topology import RETRY_STEPS, WORK
from shared.metrics import Metrics
from shared.ports import Ports
from shared.wiring import open_memory_ports
from tests.fakes import new_batch


def value(metrics: Metrics, name: str, **labels: str) -> float:
    """A sample, 0 if there is none."""
    return metrics.registry.get_sample_value(name, labels) or 0.0


async def test_calls_are_timed_and_messages_counted() -> None:
    """By server and call, by type and by queue."""
    metrics = Metrics()
    async with open_memory_ports(open_object_store("memory://")) as bare:
        ports = measured_ports(bare, metrics)
        await ports.batches.add(new_batch("b"))
        await ports.objects.mark()
        await ports.objects.put("some/key", b"data")
        assert await ports.objects.get("some/key") == b"data"
        async with ports.subscriber.subscribe(WORK, 1) as subscription:
            await ports.publisher.publish(BatchSubmitted(batch_id="b"))
            await ports.publisher.publish(ChunkReady(batch_id="b", chunk=1, priority="high", cost_ms=2500))
            await ports.publisher.publish_later(ChunkReady(batch_id="b", chunk=0), RETRY_STEPS[0])
            delivery = await subscription.next()
            assert delivery is not None
            await subscription.ack_through(delivery)
            await subscription.stop()
            assert await subscription.next() is None
    count = "darkroom_server_call_seconds_count"
    assert value(metrics, count, server="documents", call="batches.add") == 1
    assert value(metrics, count, server="objects", call="objects.get") == 1
    assert value(metrics, count, server="broker", call="publisher.publish") == 2
    assert value(metrics, "darkroom_messages_published_total", type="batch.submitted") == 1
    assert value(metrics, "darkroom_messages_published_total", type="chunk.ready") == 2
    assert value(metrics, "darkroom_chunks_released_total", lane="high") == 1
    assert value(metrics, "darkroom_released_cost_seconds_total", lane="high") == 2.5
    assert value(metrics, "darkroom_chunks_released_total", lane="normal") == 0
    assert value(metrics, "darkroom_chunk_retries_total", step="2s") == 1
    assert value(metrics, "darkroom_messages_received_total", queue="chunker.work") == 1


async def test_only_what_finds_no_answer_is_an_error() -> None:
    """A store without its marker is away; an object that is missing is an answer."""
    metrics = Metrics()
    async with open_memory_ports(open_object_store("memory://")) as bare:
        ports = measured_ports(bare, metrics)
        with pytest.raises(StorageUnavailableError):
            await ports.objects.check()
        await ports.objects.mark()
        with pytest.raises(ObjectMissingError):
            await ports.objects.get("no/such")
    errors = "darkroom_server_call_errors_total"
    assert value(metrics, errors, server="objects", call="objects.check") == 1
    assert value(metrics, errors, server="objects", call="objects.get") == 0


def test_every_port_that_reaches_a_server_is_timed() -> None:
    """A new one has to be named here, or as one that reaches none."""
    assert _TIMED.keys() | {"subscriber", "metrics"} == Ports.__dataclass_fields__.keys()
    for _, protocol in _TIMED.values():
        assert any(inspect.iscoroutinefunction(getattr(protocol, name)) for name in dir(protocol))
