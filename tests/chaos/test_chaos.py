import asyncio
import inspect
import json
import traceback
from pathlib import Path

import pytest

from shared.adapters.mongodb.batches import MongoBatches
from shared.adapters.mongodb.chunks import MongoChunks
from shared.adapters.mongodb.cost_models import MongoCostModels
from shared.adapters.mongodb.drafts import MongoAppends, MongoDrafts
from shared.adapters.mongodb.manifests import MongoManifests
from shared.adapters.mongodb.recipes import MongoRecipes
from shared.adapters.mongodb.statistics import MongoStatistics
from shared.adapters.mongodb.workers import MongoWorkers
from shared.adapters.object_store import ObstoreObjects
from shared.adapters.rabbitmq.broker import RabbitSubscriber
from shared.adapters.rabbitmq.delivery import RabbitDelivery
from shared.adapters.rabbitmq.depths import RabbitQueueDepths
from shared.adapters.rabbitmq.publishing import RabbitPublisher
from shared.adapters.rabbitmq.subscription import RabbitSubscription
from shared.errors import DocumentsUnavailableError
from tests.chaos.logs import unexpected_lines
from tests.chaos.points import NEVER_FAILING, WRITING, crash_points
from tests.chaos.run import Options, described, run_chaos
from tests.chaos.schedule import POINT_KINDS, draw_schedule
from tests.conftest import do_without
from tests.servers import ServerUnavailable, own_servers

SEED = 4085
SECONDS = 14.0
"""Of faults, twelve of them with this seed, one of which empties the store; `make chaos` makes them for as long as one
likes."""


@pytest.mark.exhaustive
def test_a_short_run_of_chaos_keeps_every_promise(tmp_path: Path) -> None:
    """Real servers and processes are killed and held up while clients upload, cancel, pause, retry and delete."""
    lines: list[str] = []
    try:
        with own_servers() as servers:
            report = asyncio.run(run_chaos(Options(SEED, SECONDS, deadly_share=0.0), tmp_path, servers, lines.append))
    except ServerUnavailable as unavailable:
        do_without(unavailable)
    assert not report.findings, "\n".join([*lines, described(report)])
    assert report.verdict.acknowledged > 0
    assert (report.verdict.lost, report.verdict.duplicated) == (0, 0)


def test_a_seed_gives_the_same_faults_each_time() -> None:
    """A run that found something can be had again."""
    assert draw_schedule(SEED, 300) == draw_schedule(SEED, 300)
    assert draw_schedule(SEED, 300) != draw_schedule(SEED + 1, 300)


def test_a_run_of_some_minutes_holds_every_kind_of_fault() -> None:
    """The deck is dealt whole before it is shuffled again."""
    kinds = {fault.kind for fault in draw_schedule(SEED, 240)}
    assert kinds >= {"crash at point", "kill -9", "SIGSTOP", "black hole", "broker kill -9", "MongoDB kill -9"}


def test_orders_can_be_restricted_to_some_points() -> None:
    """Whoever has changed a call can shake that one."""
    points = {str(fault.point) for fault in draw_schedule(SEED, 900, ["chunker chunks.*"]) if fault.kind in POINT_KINDS}
    assert points
    assert all(point.startswith("chunker chunks.") for point in points)


def test_a_service_has_the_points_of_the_loops_that_it_uses() -> None:
    """A point that a service never passes would stand in the way of all others."""
    points = {str(point) for point in crash_points()}
    assert {
        "tracker subscription.ack_through after",
        "worker delivery.ack before",
        "chunker delivery.ack before",
    } <= points
    assert "worker subscription.ack_through after" not in points  # it takes messages one by one


def test_every_crash_point_is_a_call_that_can_be_taken_hold_of() -> None:
    """Only coroutines are wrapped, and a method that was renamed is in nobody's way."""
    adapters: dict[str, type] = {
        "batches": MongoBatches,
        "chunks": MongoChunks,
        "manifests": MongoManifests,
        "workers": MongoWorkers,
        "recipes": MongoRecipes,
        "drafts": MongoDrafts,
        "appends": MongoAppends,
        "statistics": MongoStatistics,
        "cost_models": MongoCostModels,
        "objects": ObstoreObjects,
        "publisher": RabbitPublisher,
        "subscriber": RabbitSubscriber,
        "queue_depths": RabbitQueueDepths,
        "subscription": RabbitSubscription,
        "delivery": RabbitDelivery,
    }
    calls = {point.call for point in crash_points()}
    for port, _, method in (call.partition(".") for call in calls):
        assert inspect.iscoroutinefunction(getattr(adapters[port], method)), f"{port}.{method}"
    assert {call.partition(".")[2] for call in calls} >= WRITING
    assert calls >= NEVER_FAILING


def test_every_exception_of_a_group_is_looked_at(tmp_path: Path) -> None:
    """What nobody expected must not hide behind what everybody did."""
    expected = DocumentsUnavailableError("away")
    problems = [expected, ExceptionGroup("both", [expected, KeyError("found")]), ExceptionGroup("one", [expected])]
    logs = []
    for number, problem in enumerate(problems):
        logs.append(tmp_path / f"{number}.log")
        entry = {"event": "sweep_failed", "exception": "".join(traceback.format_exception(problem)).rstrip()}
        logs[-1].write_text(json.dumps(entry) + "\n")
    assert unexpected_lines(logs) == ["1 x in 1.log and others: sweep_failed: KeyError: 'found'"]
