import itertools
from typing import get_args

from shared.messaging.messages import BatchProgressed, ChunkReady, Message
from shared.messaging.topology import CHUNKS, DELIVERY_LIMIT, RETRY_STEPS, work_queues


def test_every_message_has_exactly_one_queue() -> None:
    """No message is unroutable, and none goes to two consumers."""
    bound = {message for queue in work_queues() for message in queue.routing_keys}
    chunks = {
        ChunkReady(batch_id="b", chunk=0, priority=priority, express=express).routing_key
        for priority in CHUNKS
        for express in (False, True)
    }
    others = {message.topic() for message in get_args(Message) if message not in {ChunkReady, BatchProgressed}}
    assert sum(len(queue.routing_keys) for queue in work_queues()) == len(bound)
    assert bound == chunks | others


def test_queue_names_are_unique_and_say_who_consumes() -> None:
    """A name in the management UI starts with the service that reads the queue."""
    queues = list(work_queues())
    names = [queue.name for queue in queues] + [queue.dead_letter_queue for queue in queues]
    names += [step.queue for step in RETRY_STEPS]
    assert len(set(names)) == len(names)
    assert {queue.name.split(".")[0] for queue in queues} == {"chunker", "worker", "tracker"}


def test_a_dead_letter_queue_is_named_after_its_queue() -> None:
    """Who finds dead letters sees where they came from."""
    assert {queue.dead_letter_queue for queue in work_queues()} == {f"{queue.name}.dead" for queue in work_queues()}


def test_retries_wait_longer_each_time() -> None:
    """Three retries with growing delays, and names that tell them."""
    delays = [step.delay_seconds for step in RETRY_STEPS]
    assert len(delays) == 3
    assert all(later >= 2 * earlier for earlier, later in itertools.pairwise(delays))
    assert [step.queue for step in RETRY_STEPS] == [f"worker.retry.{seconds}s" for seconds in delays]


def test_the_delivery_limit_is_positive() -> None:
    """RabbitMQ 3.10 drops messages under a limit of -1."""
    assert DELIVERY_LIMIT > 0
