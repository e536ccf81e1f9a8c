"""What a figure depends on and must be kept with: the machine, its software, and the servers."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.servers import Servers

CPU_INFO = Path("/proc/cpuinfo")


def describe_surroundings(servers: Servers) -> dict[str, str]:
    """Names and versions, in the order in which a person wants to read them."""
    rabbitmq, mongodb = servers.rabbitmq, servers.mongodb
    return {
        "When": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "Machine": f"{os.cpu_count()} cores, {_processor()}, {platform.system()} {platform.release()}",
        "Python": f"{platform.python_version()}, Pillow {version('pillow')}, Celery {version('celery')}",
        "RabbitMQ": f"{rabbitmq.address.version()} ({rabbitmq.way})",
        "MongoDB": f"{mongodb.address.version()} ({mongodb.way})",
    }


def _processor() -> str:
    if CPU_INFO.exists():
        for line in CPU_INFO.read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.machine()
