"""`darkroom serve` as a person starts it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address
from pathlib import Path

import httpx
import pytest

from tests.processes import ROOT, wait_until


@contextmanager
def serving(*options: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """The command on a free port, killed at the end if it has not ended by then."""
    command = [sys.executable, "-m", "darkroom", "serve", "--port", "0", *options]
    known = {"PATH": os.defpath, "DARKROOM_WORKER_CHILDREN": "1", **environment}
    with subprocess.Popen(
        command, cwd=ROOT, env=known, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def log_until(process: subprocess.Popen[str], event: str) -> list[dict[str, str]]:
    """What it logs up to and with an event."""
    assert process.stderr is not None
    lines: list[dict[str, str]] = []
    while not lines or lines[-1]["event"] != event:
        lines.append(json.loads(process.stderr.readline()))
    return lines


def test_the_last_line_of_the_start_is_the_address_and_no_warning_comes_before() -> None:
    """It can be opened; the port was not known before. The first thing that a person reads is the same address."""
    with serving() as process:
        lines = log_until(process, "listening")
        assert httpx.get(f"{lines[-1]['url']}/readyz", timeout=10).status_code == httpx.codes.OK
        process.send_signal(signal.SIGTERM)
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == f"Darkroom: {lines[-1]['url']}\n"
        rest = [json.loads(line)["event"] for line in process.stderr]
    assert {line["level"] for line in lines} == {"info"}
    assert rest[0] == "stopping"


@pytest.mark.parametrize("host", ["127.0.0.1", str(IPv4Address(0))])
def test_the_page_opens_in_the_browser_once_it_answers(tmp_path: Path, host: str) -> None:
    """At an address that a browser can reach, also where the server listens on all of them."""
    browser, opened = tmp_path / "browser", tmp_path / "opened"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}.new && mv {opened}.new {opened}\n')
    browser.chmod(0o755)
    with serving("--open", "--host", host, BROWSER=f"{browser} %s") as process:
        log_until(process, "listening")
        wait_until(opened.exists, "the browser")
        url = opened.read_text().strip()
        assert url.startswith("http://127.0.0.1:")
        assert httpx.get(url, timeout=10).status_code == httpx.codes.OK
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
