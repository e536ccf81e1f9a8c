"""The gateway as a process: memory under large uploads, and its end at SIGTERM."""

import json
import signal
from collections.abc import Iterator

import httpx

from tests.integration.gateway.conftest import GatewayProcess

MEBIBYTE = 1024 * 1024
PHOTOGRAPH_BYTES = 300_000
PHOTOGRAPHS = 1001


def upload_body(photographs: int) -> Iterator[bytes]:
    """A multipart body of so many photographs, made while it is sent."""
    yield b'--b\r\nContent-Disposition: form-data; name="batch_name"\r\n\r\nlarge\r\n'
    photograph = b"\xff\xd8\xff" + bytes(PHOTOGRAPH_BYTES)
    for number in range(photographs):
        head = f'--b\r\nContent-Disposition: form-data; name="files"; filename="{number}.jpg"\r\n\r\n'
        yield head.encode() + photograph + b"\r\n"
    yield b"--b--\r\n"


def upload(gateway: GatewayProcess, photographs: int) -> str:
    """The id of a batch of so many photographs."""
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    url = f"{gateway.base_url}/pipeline/batch"
    response = httpx.post(url, content=upload_body(photographs), headers=headers, timeout=120)
    assert response.json()["data"]["total_images"] == photographs
    batch_id: str = response.json()["data"]["batch_id"]
    return batch_id


def test_a_thousand_and_one_photographs_cost_little_more_memory_than_a_few(gateway_process: GatewayProcess) -> None:
    """The body is 300 MB; what the gateway holds of it is bounded."""
    upload(gateway_process, 30)
    before = gateway_process.peak_memory_bytes()
    upload(gateway_process, PHOTOGRAPHS)
    after = gateway_process.peak_memory_bytes()
    assert after - before < 30 * MEBIBYTE
    assert after < 200 * MEBIBYTE


def test_sigterm_ends_the_process_although_a_stream_is_open(gateway_process: GatewayProcess) -> None:
    """With status 0; the stream ends properly, without a final event."""
    batch_id = upload(gateway_process, 1)
    url = f"{gateway_process.base_url}/pipeline/batch/{batch_id}/events"
    with httpx.stream("GET", url, timeout=30) as response:
        lines = response.iter_lines()
        assert next(lines) == "event: progress"
        assert json.loads(next(lines).removeprefix("data: "))["batch_id"] == batch_id
        gateway_process.process.signal(signal.SIGTERM)
        assert "event: finished" not in list(lines)
    assert gateway_process.process.wait(10) == 0
