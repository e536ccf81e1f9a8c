"""All settings as Markdown, from the models that read them: docs/settings.md."""

from collections.abc import Iterator
from typing import Any

from pydantic.fields import FieldInfo

from services.chunker.settings import ChunkerSettings
from services.gateway.settings import MEBIBYTE, GatewaySettings
from services.tracker.settings import TrackerSettings
from services.worker.settings import WorkerSettings
from shared.running.former_settings import NEW_NAMES, PREFIX
from shared.running.settings import ServiceSettings

_INTRODUCTION = """# Settings

<!-- Made by `make docs` from the settings' models: change those, not this page. -->

A setting is an environment variable. A service reads its settings once, when it starts, and does not start if a value
cannot be used; the error names the setting. `darkroom serve` and `darkroom develop` read those of all services.
Durations are in seconds.
"""

_SERVICES: tuple[tuple[str, type[ServiceSettings]], ...] = (
    ("Gateway", GatewaySettings),
    ("Chunker", ChunkerSettings),
    ("Worker, its children and their limits on images", WorkerSettings),
    ("Tracker", TrackerSettings),
)

_S3 = """## S3

With `DARKROOM_OBJECTS_URL=s3://bucket/prefix`, gateway and worker read the variables that other programs for S3 read:

| variable | |
|---|---|
| `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` | Credentials. |
| `AWS_REGION` | The bucket's region. |
| `AWS_ENDPOINT_URL` | Address of a server that is not Amazon's, such as MinIO. |
| `AWS_ALLOW_HTTP` | `true` allows such an address without TLS. |
"""

_COMPOSE = """## Containers

`make up` and `compose.yaml` read these variables, from the environment or from a file `.env` beside `compose.yaml`:

| variable | default | |
|---|---|---|
| `DARKROOM_PORT` | `8000` | Port of the gateway on this machine's loopback address. |
| `RABBITMQ_MANAGEMENT_PORT` | `15672` | Port of RabbitMQ's management UI on this machine's loopback address. |
| `RABBITMQ_USER` | `darkroom` | RabbitMQ's user, made when its volume is new. |
| `RABBITMQ_PASSWORD` | `darkroom` | Its password. |
| `PROMETHEUS_PORT` | `9090` | Port of Prometheus, with the profile `monitoring`, on this machine's loopback address. |
| `GRAFANA_PORT` | `3000` | Port of Grafana, likewise. |
| `GRAFANA_PASSWORD` | `darkroom` | Password of its user `darkroom`, set when its volume is new. |
| `RABBITMQ_IMAGE` | `rabbitmq:4-management` | Image of RabbitMQ. |
| `MONGO_IMAGE` | `mongo:8` | Image of MongoDB; `mongo:8.0` stays on the release that is maintained until 2029. |
| `WORKERS` | as many as run, or 1 | Containers of the worker; `make up` alone reads it. |
"""


def settings_reference() -> str:
    """The whole page."""
    return "\n".join([_INTRODUCTION, *_tables(), _S3, _COMPOSE, *_former_names()])


def _tables() -> Iterator[str]:
    common = ServiceSettings.model_fields
    yield _table("Every service", common)
    for title, settings in _SERVICES:
        yield _table(title, {name: field for name, field in settings.model_fields.items() if name not in common})


def _table(title: str, fields: dict[str, FieldInfo]) -> str:
    rows = (
        f"| `{PREFIX}{name.upper()}` | {_default(name, field)} | {' '.join((field.description or '').split())} |"
        for name, field in fields.items()
    )
    return "\n".join([f"## {title}\n", "| variable | default | |", "|---|---|---|", *rows, ""])


def _default(name: str, field: FieldInfo) -> str:
    # What a factory makes is of this machine; the description says what it is.
    default: Any = None if field.default_factory else field.default
    if default is None:
        return ""
    if name.endswith("_bytes") and default % MEBIBYTE == 0:
        return f"`{default}` ({default // MEBIBYTE:,} MiB)"
    return f"`{default}`"


def _former_names() -> Iterator[str]:
    yield "## Former names\n\nThey are still read, and each is logged as `setting_deprecated`.\n"
    yield "\n".join(
        ["| former name | name |", "|---|---|", *(f"| `{old}` | `{new}` |" for old, new in NEW_NAMES.items())]
    )
    yield ""
