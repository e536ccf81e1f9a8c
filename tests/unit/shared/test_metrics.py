"""A process's metrics: histograms, observed ports, and what Prometheus reads."""

import asyncio
import time
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from shared.metrics import Metrics
from shared.metrics.observed import observed
from shared.metrics.process import process_metrics
from shared.metrics.seconds import BUCKETS, SecondsHistogram
from shared.metrics.stages import StageSeconds
from shared.running.lifecycle import Readiness

durations = st.floats(min_value=0, max_value=100) | st.sampled_from(BUCKETS)


@given(st.lists(durations, max_size=50))
def test_a_histogram_says_what_the_librarys_own_would(seconds: list[float]) -> None:
    """Bucket by bucket, also for durations that are exactly a bound."""
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    here = SecondsHistogram("some_seconds", "Some.", ["kind"], ours).labels("one")
    there = Histogram("some_seconds", "Some.", ["kind"], buckets=BUCKETS, registry=theirs).labels("one")
    for each in seconds:
        here.observe(each)
        there.observe(each)
    lines = [line for line in generate_latest(theirs).splitlines() if b"_created" not in line]
    assert generate_latest(ours).splitlines() == lines


def test_a_histogram_has_a_name_that_no_other_may_have() -> None:
    """Two groups of one process would mix their figures."""
    registry = CollectorRegistry()
    SecondsHistogram("some_seconds", "Some.", [], registry)
    with pytest.raises(ValueError, match="Duplicated"):
        SecondsHistogram("some_seconds", "Some.", [], registry)


def test_a_group_is_made_once_for_a_process_and_anew_for_another() -> None:
    """Two systems in one process do not count each other's work."""
    here, there = Metrics(), Metrics()
    assert here.of(StageSeconds) is here.of(StageSeconds)
    assert here.of(StageSeconds) is not there.of(StageSeconds)


class Shelf:
    """A port of two calls and one that is no coroutine."""

    def __init__(self) -> None:
        self.books = {"one": 1}

    async def take(self, name: str) -> int:
        """Take a book; KeyError if there is none."""
        await asyncio.sleep(0)
        return self.books[name]

    async def put(self, name: str, *, number: int = 0) -> None:
        """Put a book."""
        self.books[name] = number

    def names(self) -> list[str]:
        """All names."""
        return list(self.books)


async def test_an_observed_port_does_what_the_port_does() -> None:
    """Arguments, answers and errors pass; the named call is observed with its time and its answer or error."""
    seen: list[object] = []
    shelf = observed(Shelf(), {"take": lambda seconds, answer: seen.append((seconds >= 0, answer))})
    await shelf.put("two", number=2)
    assert (await shelf.take("two"), shelf.names()) == (2, ["one", "two"])
    with pytest.raises(KeyError) as missing:
        await shelf.take("three")
    assert seen == [(True, 2), (True, missing.value)]


async def test_an_interrupted_call_is_not_observed() -> None:
    """It has neither an answer nor a time."""
    seen: list[object] = []
    shelf = observed(Shelf(), {"take": lambda _, answer: seen.append(answer)})
    taking = asyncio.create_task(shelf.take("one"))
    await asyncio.sleep(0)
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    assert seen == []


def samples(text: bytes) -> Mapping[tuple[str, str], float]:
    """Every sample by its name and its labels."""
    families = text_string_to_metric_families(text.decode())
    return {
        (sample.name, ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


async def test_a_process_says_its_release_its_parts_and_its_processor_time() -> None:
    """As they are when they are read."""
    readiness = Readiness()
    metrics = process_metrics("tracker", lambda: readiness.parts)
    readiness.report("mongodb", "no answer")
    readiness.report("rabbitmq", None)
    text, media_type = await metrics.exposition()
    found = samples(text)
    assert media_type.startswith("text/plain")
    assert found["darkroom_part_up", "part=mongodb"] == 0
    assert found["darkroom_part_up", "part=rabbitmq"] == 1
    assert any(name == "darkroom_build_info" and "service=tracker" in labels for name, labels in found)
    assert 0 < found["process_cpu_seconds_total", ""] <= time.process_time() + 1
    readiness.report("mongodb", None)
    text, _ = await metrics.exposition()
    assert samples(text)["darkroom_part_up", "part=mongodb"] == 1


async def test_what_costs_a_question_is_asked_for_before_each_reading() -> None:
    """And the answer is in the text."""
    metrics = Metrics()
    asked = Counter("asked_total", "Questions.", registry=metrics.registry)

    async def ask() -> None:
        await asyncio.sleep(0)
        asked.inc()

    metrics.refresh_before_reading(ask)
    await metrics.exposition()
    text, media_type = await metrics.exposition("application/openmetrics-text; version=1.0.0")
    assert (b"asked_total 2.0" in text, "openmetrics" in media_type) == (True, True)
