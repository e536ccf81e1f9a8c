"""A rolling upgrade under load: `python -m tests.upgrade --from REVISION`; exit 1 if anything went wrong."""

import argparse
import sys
import tempfile
from pathlib import Path

from examples.sample_photographs import write_sample_photographs
from tests.e2e.test_rolling_restart import dead_letters
from tests.processes import SERVICES
from tests.servers import Servers, own_servers
from tests.upgrade.checkouts import Checkout, older_checkout, present_checkout
from tests.upgrade.clients import Clients
from tests.upgrade.system import MixedSystem, mixed_system


def main() -> None:
    """Upgrade, go back and upgrade again while clients work; print what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.upgrade", description=__doc__)
    parser.add_argument("--from", dest="revision", required=True, help="the commit that is upgraded from")
    revision = parser.parse_args().revision
    with tempfile.TemporaryDirectory(prefix="darkroom-upgrade-") as name:
        folder = Path(name)
        with older_checkout(revision, folder) as old, own_servers() as servers:
            findings = upgrade(old, present_checkout(), servers, folder)
    for finding in findings:
        _say(finding)
    _say(f"{len(findings)} findings")
    sys.exit(1 if findings else 0)


def upgrade(old: Checkout, new: Checkout, servers: Servers, folder: Path) -> list[str]:
    """Every finding of an upgrade, a step back and a second upgrade, with clients at work throughout."""
    photographs = write_sample_photographs(folder / "photographs", count=12, megapixels=0.3)
    with (
        servers.rabbitmq.address.fresh_virtual_host() as rabbitmq_url,
        servers.mongodb.address.fresh_database() as mongodb_url,
        mixed_system(folder, rabbitmq_url, mongodb_url) as system,
    ):
        clients = Clients(lambda: system.address("gateway"), photographs)
        for service in SERVICES:
            system.start(old, service, service)
        clients.work()
        _side_by_side(system, new, clients)
        for version in (new, old, new):
            for service in reversed(SERVICES):
                _say(f"{service}: {version.name}")
                clients.work()
                if service == "gateway":
                    clients.with_text = False
                system.replace(version, service, service)
                if service == "gateway":
                    clients.with_text = version is new
            clients.wait_for_all()
            clients.retry_what_failed()
        clients.wait_for_all()
        system.assert_alive()
        findings = clients.findings()
        if dead := dead_letters(servers.rabbitmq, rabbitmq_url):
            findings.append(f"{dead} dead letters")
        _say(f"{len(clients.uploads)} batches, {sum(upload.total for upload in clients.uploads)} images")
    return findings


def _side_by_side(system: MixedSystem, new: Checkout, clients: Clients) -> None:
    """Add one of each service in the new version, and have both share the work."""
    for service in reversed(SERVICES):
        _say(f"{service}: new beside old")
        system.start(new, service, f"second {service}")
        clients.work()
    clients.wait_for_all()


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - a command's answer


if __name__ == "__main__":
    main()
