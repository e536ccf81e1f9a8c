"""What a worker says to Prometheus."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from services.worker.metrics import ImageCounts, LostChildren, WorkerMetrics, by_known_code
from shared.failure_codes import FailureCode

codes = st.text(max_size=30) | st.sampled_from([str(code) for code in FailureCode])


@given(st.dictionaries(codes, st.integers(min_value=0, max_value=1000)))
def test_codes_of_images_are_those_of_this_version_or_other(counts: dict[str, int]) -> None:
    """A custom step may have failed with any code; none of its images is left out."""
    known = by_known_code(counts, FailureCode)
    assert known.keys() == {*map(str, FailureCode), "other"}
    assert sum(known.values()) == sum(counts.values())


def test_the_figures_are_those_of_the_moment() -> None:
    """Children are busy or idle, and all of them together are as many as there are."""
    failed: Counter[str] = Counter()
    busy = 0
    registry = CollectorRegistry()
    registry.register(WorkerMetrics(lambda: ImageCounts(7, failed), 4, lambda: busy, lambda: 5))
    failed["unreadable"] += 2
    busy = 3
    read = registry.get_sample_value
    assert read("darkroom_images_total", {"outcome": "completed", "code": ""}) == 7
    assert read("darkroom_images_total", {"outcome": "failed", "code": "unreadable"}) == 2
    assert [read("darkroom_children", {"state": state}) for state in ("busy", "idle")] == [3, 1]
    assert read("darkroom_images_in_hand") == 5


def test_lost_children_are_counted_by_code() -> None:
    """As the pool has them."""
    lost: Counter[str] = Counter()
    registry = CollectorRegistry()
    registry.register(LostChildren(lost))
    lost["timeout"] += 1
    assert registry.get_sample_value("darkroom_children_lost_total", {"code": "timeout"}) == 1
