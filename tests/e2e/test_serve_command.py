"""`darkroom serve` as a person starts it."""

import json
import os
import signal
import subprocess
import sys

import httpx

from tests.processes import ROOT


def test_the_last_line_of_the_start_is_the_address_and_no_warning_comes_before() -> None:
    """It can be opened; the port was not known before."""
    command = [sys.executable, "-m", "darkroom", "serve", "--port", "0"]
    environment = {"PATH": os.defpath, "DARKROOM_WORKER_CHILDREN": "1"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            lines = [json.loads(process.stderr.readline())]
            while lines[-1]["event"] != "listening":
                lines.append(json.loads(process.stderr.readline()))
            assert httpx.get(f"{lines[-1]['url']}/readyz", timeout=10).status_code == httpx.codes.OK
            process.send_signal(signal.SIGTERM)
            rest = [json.loads(line)["event"] for line in process.stderr]
        finally:
            process.kill()
    assert {line["level"] for line in lines} == {"info"}
    assert rest[0] == "stopping"
