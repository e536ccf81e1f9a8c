"""Measures one large upload: `python -m bench.upload`. The gateway's memory, its speed, and the first event."""

import http.client
import statistics
import time
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.table import Table

from bench.own_gateway import OwnGateway, own_gateway
from examples.sample_photographs import write_sample_photographs
from tests.servers import running_servers

FOLDER = Path("var/bench").resolve()
BOUNDARY = "darkroom-bench-upload"
CONNECTS = 20
FIELDS = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="batch_name"\r\n\r\nbench\r\n'.encode()
END = f"--{BOUNDARY}--\r\n".encode()


def main(
    files: Annotated[int, typer.Option(help="Files in the one request.")] = 1000,
    file_bytes: Annotated[int, typer.Option(help="Size of each file.")] = 1_500_000,
) -> None:
    """Upload files in one POST to a gateway on real servers; no worker runs."""
    part = _part(_photograph(file_bytes))
    with (
        running_servers() as servers,
        servers.rabbitmq.address.fresh_virtual_host() as rabbitmq_url,
        servers.mongodb.address.fresh_database() as mongodb_url,
        own_gateway(rabbitmq_url, mongodb_url, FOLDER / "upload-objects", FOLDER / "upload-gateway.log") as gateway,
    ):
        _measure(gateway, part, files)


def _measure(gateway: OwnGateway, part: bytes, files: int) -> None:
    idle = gateway.peak_megabytes()
    seconds, answer_milliseconds, batch_id = _upload(gateway.port, part, files)
    events = [_first_event_milliseconds(gateway.port, batch_id) for _ in range(CONNECTS)]
    table = Table("what", "result", title=f"{files} files in one POST")
    table.add_row("gateway's peak memory before", f"{idle:.0f} MB")
    table.add_row("gateway's peak memory after", f"{gateway.peak_megabytes():.0f} MB")
    table.add_row("throughput", f"{files * len(part) / seconds / 1e6:.0f} MB/s")
    table.add_row("answer after the last byte was sent", f"{answer_milliseconds:.0f} ms")
    table.add_row(
        f"first event after connecting ({CONNECTS} times)",
        f"{statistics.median(events):.0f} ms, at most {max(events):.0f} ms",
    )
    Console().print(table)


def _photograph(file_bytes: int) -> bytes:
    """A JPEG's bytes, cut or filled up to the size: nobody decodes it here."""
    (path,) = write_sample_photographs(FOLDER / "upload-photograph", count=1, megapixels=8.0)
    return path.read_bytes()[:file_bytes].ljust(file_bytes, b"\0")


def _part(data: bytes) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="photograph.jpg"\r\n'
    return head.encode() + b"Content-Type: image/jpeg\r\n\r\n" + data + b"\r\n"


def _upload(port: int, part: bytes, files: int) -> tuple[float, float, str]:
    """Seconds for all, milliseconds from the last byte to the answer, and the batch's id."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    connection.putrequest("POST", "/pipeline/batch")
    connection.putheader("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")
    connection.putheader("Content-Length", str(len(FIELDS) + files * len(part) + len(END)))
    connection.endheaders()
    started = time.perf_counter()
    connection.send(FIELDS)
    for _ in range(files):
        connection.send(part)
    connection.send(END)
    sent = time.perf_counter()
    response = connection.getresponse()
    answer = httpx.Response(response.status, content=response.read()).json()
    answered = time.perf_counter()
    if not answer["success"]:
        raise typer.Exit(1)
    return answered - started, (answered - sent) * 1000, str(answer["data"]["context_id"])


def _first_event_milliseconds(port: int, batch_id: str) -> float:
    url = f"http://127.0.0.1:{port}/pipeline/batch/{batch_id}/events"
    started = time.perf_counter()
    with httpx.stream("GET", url, timeout=10) as response:
        next(response.iter_lines())
        return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    typer.run(main)
