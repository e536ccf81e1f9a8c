"""For each alert, figures by which it fires, and figures close to them by which it does not."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Series = Mapping[str, str]
"""Samples by their metric, one every fifteen seconds, as promtool writes them: `start+step x count`."""

LONG = "x80"
"""Twenty minutes."""


@dataclass(frozen=True)
class AlertCase:
    """An alert, and what it says when it fires."""

    alert: str
    fires: Series
    quiet: Series
    says: str
    labels: Mapping[str, str] = field(default_factory=dict)
    severity: str = "page"


def always(value: float) -> str:
    """The same figure all the time."""
    return f"{value}+0{LONG}"


def growing(step: float) -> str:
    """A counter that grows by so much every fifteen seconds."""
    return f"0+{step}{LONG}"


def part(name: str, job: str = "worker") -> str:
    """Whether a part works."""
    return f'darkroom_part_up{{part="{name}", job="{job}", instance="a"}}'


UP = {f'up{{job="{job}", instance="a"}}': always(1) for job in ("gateway", "chunker", "worker", "tracker")}
LANE = 'queue="worker.chunks.normal"'
IMAGES = 'darkroom_images_total{outcome="completed", code=""}'

CASES = [
    AlertCase(
        "ServiceMissing",
        {**UP, 'up{job="worker", instance="a"}': always(0)},
        {**UP, 'up{job="worker", instance="b"}': always(0)},
        "No worker answers.",
        {"job": "worker"},
    ),
    AlertCase(
        "ServiceMissing",
        {name: values for name, values in UP.items() if "tracker" not in name},
        UP,
        "No tracker answers.",
        {"job": "tracker"},
    ),
    AlertCase(
        "MongoAway",
        {part("mongodb"): always(0), part("objects"): always(1)},
        {part("mongodb"): always(1), part("objects"): always(0)},
        "A worker does not reach MongoDB.",
        {"job": "worker"},
    ),
    AlertCase(
        "StoreAway",
        {part("objects"): always(0), part("mongodb"): always(1)},
        {part("objects"): always(1), part("mongodb"): always(0)},
        "A worker does not reach the object store, or it is another one.",
        {"job": "worker"},
    ),
    AlertCase(
        "BrokerAway",
        {part("consume worker.chunks.high"): always(0), part("publish"): always(0)},
        {part("consume worker.chunks.high"): always(1), part("publish"): always(0)},
        "A worker does not reach RabbitMQ.",
        {"job": "worker"},
    ),
    AlertCase(
        "BrokerBlocked",
        {part("consume worker.chunks.high"): always(1), part("publish"): always(0)},
        {part("consume worker.chunks.high"): always(0), part("publish"): always(0)},
        "RabbitMQ takes no messages of a worker, most likely by an alarm of its own.",
        {"job": "worker"},
    ),
    AlertCase(
        "OutboxOld",
        {"darkroom_outbox_age_seconds": always(20)},
        {"darkroom_outbox_age_seconds": always(14)},
        "No batch could be passed on for 20s; uploads are refused from 30 s on.",
    ),
    AlertCase(
        "UploadsRefused",
        {'darkroom_http_requests_total{method="POST", route="/pipeline/batch", status="503"}': growing(1)},
        {
            'darkroom_http_requests_total{method="POST", route="/pipeline/batch", status="200"}': growing(1),
            'darkroom_http_requests_total{method="GET", route="/readyz", status="503"}': growing(1),
        },
        "Requests are refused with 503 or 507.",
        severity="warn",
    ),
    AlertCase(
        "WorkerlessLane",
        {f"darkroom_queue_messages{{{LANE}}}": always(3), f"darkroom_queue_consumers{{{LANE}}}": always(0)},
        {f"darkroom_queue_messages{{{LANE}}}": always(0), f"darkroom_queue_consumers{{{LANE}}}": always(0)},
        "Nobody consumes worker.chunks.normal, in which chunks wait.",
        {"queue": "worker.chunks.normal"},
    ),
    AlertCase(
        "NothingSettles",
        {f"darkroom_queue_messages{{{LANE}}}": always(3), IMAGES: always(7)},
        {f"darkroom_queue_messages{{{LANE}}}": always(3), IMAGES: growing(1)},
        "Chunks wait, and no image has ended for two minutes.",
    ),
    AlertCase(
        "QueueOld",
        {f"darkroom_queue_age_seconds{{{LANE}}}": always(960)},
        {f"darkroom_queue_age_seconds{{{LANE}}}": always(900)},
        "The oldest chunk in worker.chunks.normal has waited for 16m 0s.",
        {"queue": "worker.chunks.normal"},
        severity="warn",
    ),
    AlertCase(
        "FoldLag",
        {'darkroom_queue_messages{queue="tracker.results"}': always(2001)},
        {
            'darkroom_queue_messages{queue="tracker.results"}': always(2000),
            f"darkroom_queue_messages{{{LANE}}}": always(9000),
        },
        "2001 results wait for a tracker: progress is late.",
        severity="warn",
    ),
    AlertCase(
        "DeadLetters",
        {'darkroom_dead_letters{queue="tracker.results"}': always(2)},
        {'darkroom_dead_letters{queue="tracker.results"}': always(0)},
        "2 messages of tracker.results were given up.",
        {"queue": "tracker.results"},
        severity="warn",
    ),
    AlertCase(
        "ChildrenDying",
        {'darkroom_children_lost_total{code="timeout"}': growing(1), IMAGES: growing(10)},
        {'darkroom_children_lost_total{code="timeout"}': growing(1), IMAGES: growing(30)},
        "40 image children ended over an image within ten minutes, one for each twenty images or more.",
        severity="warn",
    ),
    AlertCase(
        "WorkersLost",
        {"darkroom_claims_lost_total": growing(1)},
        {"darkroom_claims_lost_total": growing(0.1)},
        "40 chunks have lost their worker within ten minutes.",
        severity="warn",
    ),
    AlertCase(
        "ImagesFailByFault",
        {'darkroom_images_total{outcome="failed", code="internal_error"}': growing(1)},
        {
            'darkroom_images_total{outcome="failed", code="unreadable"}': growing(1),
            'darkroom_images_total{outcome="failed", code="internal_error"}': always(5),
        },
        "Images fail as internal_error, which is no fault of theirs.",
        {"code": "internal_error"},
        severity="warn",
    ),
]
