"""What a child allows itself."""

import resource
import signal

import pytest

from services.worker.children import child


def test_each_image_has_its_processor_time_by_the_clock_of_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel may have counted more than getrusage tells: 113 s here, for which a child has to work minutes."""
    limits = []
    monkeypatch.setattr(signal, "getitimer", lambda _which: (1e7 - 113.4, 0.0))
    monkeypatch.setattr(resource, "setrlimit", lambda which, limit: limits.append((which, limit)))
    child._allow_cpu_seconds(20)
    assert limits == [(resource.RLIMIT_CPU, (113 + 2 + 20, resource.getrlimit(resource.RLIMIT_CPU)[1]))]
