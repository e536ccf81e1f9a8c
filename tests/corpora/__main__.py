"""Develops every file of folders: `python -m tests.corpora /usr/share/backgrounds`. Exits with 1 over any fault.

With `--uploaded` they go through a whole system of processes, on RabbitMQ and MongoDB of its own, with so many damaged
files beside them as `--fuzzed` says.
"""

import argparse
import asyncio
import sys
import tempfile
from itertools import chain
from pathlib import Path

from tests.corpora.run import develop_all, image_files, lines
from tests.corpora.uploads import UploadReport, fuzzed_files, upload_all
from tests.processes import running_services
from tests.servers import ServerUnavailable, own_servers
from tests.servers.mongodb import with_database


def main() -> None:
    """Exit with 1 if a child died or hung, a print was wrong, or an image ended in a fault of ours."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpora", description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, help="folders, or files, of images")
    parser.add_argument("--uploaded", action="store_true", help="through gateway, queues, worker and tracker")
    parser.add_argument("--fuzzed", type=int, default=0, help="so many damaged files as well, where uploaded")
    arguments = parser.parse_args()
    if arguments.uploaded:
        uploaded = _uploaded(arguments.folders, arguments.fuzzed)
        told = [*(f"{end}: {count:,}" for end, count in uploaded.ends.most_common()), *uploaded.faults]
        told.append(f"{uploaded.ends.total():,} files in {uploaded.batches} batches, {len(uploaded.faults)} faults")
        faults = uploaded.faults
    else:
        developed = asyncio.run(develop_all(arguments.folders))
        told, faults = lines(developed), developed.faults
    print("\n".join(told))  # noqa: T201 - a command's answer
    sys.exit(bool(faults))


def _uploaded(folders: list[Path], fuzzed: int) -> UploadReport:
    files = chain(((file.name, file.read_bytes()) for file in image_files(folders)), fuzzed_files(1, fuzzed))
    try:
        with own_servers() as servers, tempfile.TemporaryDirectory(prefix="darkroom-corpora-") as folder:
            mongodb_url = with_database(servers.mongodb_url, "darkroom")
            with running_services(Path(folder), servers.rabbitmq_url, mongodb_url) as running:
                report = upload_all(running.base_url, files)
                report.faults += [f"the {name} has ended" for name, p in running.processes.items() if not p.is_running]
                return report
    except ServerUnavailable as unavailable:
        sys.exit(str(unavailable))


if __name__ == "__main__":
    main()
