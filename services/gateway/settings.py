"""The gateway's settings: where it listens, what it accepts, and how often it looks."""

from typing import Annotated

from pydantic import AfterValidator, Field, PositiveFloat, PositiveInt

from shared.running.settings import CommaSeparated, ServiceSettings

MEBIBYTE = 1024 * 1024


def _without_final_slash(path: str) -> str:
    path = path.rstrip("/")
    if path and not path.startswith("/"):
        raise ValueError("a path begins with a slash, such as /darkroom")
    return path


class GatewaySettings(ServiceSettings):
    """Read once from environment variables with the prefix DARKROOM_, such as DARKROOM_PORT."""

    host: str = "127.0.0.1"
    """Address to listen on; loopback, so that an installation on trial cannot be reached from elsewhere."""

    port: int = Field(default=8000, ge=0, le=65535)
    """TCP port to listen on; 0 takes any free one and logs it."""

    cors_origins: CommaSeparated = ()
    """Origins whose pages may call the gateway, such as `https://app.example`; none by default, `*` for all."""

    root_path: Annotated[str, AfterValidator(_without_final_slash)] = ""
    """The path under which a proxy publishes the gateway, such as `/darkroom`; links and redirects begin with it."""

    trusted_proxies: CommaSeparated = ()
    """Addresses and networks of proxies whose X-Forwarded-For, -Proto, -Host and -Prefix are believed."""

    max_connections: PositiveInt = 1000
    """Most connections at a time, and never more than half of the file descriptors that the process may have.

    When there is no room, the one that has been idle for longest is closed; if none is, the new one gets a 503."""

    header_timeout_seconds: PositiveFloat = 20.0
    """How long the head of a request may take to arrive, counted from connecting or from its first byte."""

    keep_alive_seconds: PositiveInt = 75
    """How long an idle connection stays open. It has to be longer than a proxy in front keeps its own (nginx: 60 s), or
    that answers 502 when it meets one that is just being closed."""

    chunk_size: PositiveInt = 10
    """Images in a chunk when the upload does not say."""

    max_chunk_size: PositiveInt = 1000
    """Most images that an upload may ask for in a chunk."""

    max_files: PositiveInt = 1_000_000
    """Most images in a batch."""

    max_file_bytes: PositiveInt = 100 * MEBIBYTE
    """Most bytes in one image."""

    max_request_bytes: PositiveInt = 2 * 1024 * 1024 * MEBIBYTE
    """Most bytes in one upload request, counted while it is read; 2 TiB."""

    max_proof_bytes: PositiveInt = 25 * MEBIBYTE
    """Most bytes in one request for a proof."""

    concurrent_proofs: PositiveInt = 8
    """Proofs received or waited for at the same time; further ones wait for some seconds, and then get a 503."""

    proof_wait_seconds: PositiveFloat = 10.0
    """How long a request for a proof waits for its prints before it is answered 202."""

    proof_expiry_seconds: PositiveFloat = 600.0
    """A proof is removed with its original and prints so long after it was asked for."""

    append_max_files: PositiveInt = Field(default=500, le=1000)
    """Most images that one request appends to a draft."""

    append_max_bytes: PositiveInt = 128 * MEBIBYTE
    """Most bytes in one request that appends to a draft; more than `max_file_bytes`, or its largest do not fit."""

    draft_expiry_seconds: PositiveFloat = 86_400.0
    """A draft to which nothing was appended for so long is given up, and what it holds is removed; a day."""

    max_recipes: PositiveInt = 200
    """Most stored recipes; each may have 96 KiB, and all are read to list them."""

    small_file_bytes: PositiveInt = 8 * MEBIBYTE
    """Images up to this size are stored in one piece, larger ones as a stream; one upload may have as much waiting."""

    concurrent_uploads: PositiveInt = 8
    """Uploads read at the same time; further ones wait, unread. Each costs at most two times `small_file_bytes`."""

    upload_idle_timeout_seconds: PositiveFloat = 60.0
    """How long an upload may send nothing, be behind the least rate, or wait for its turn before it is refused."""

    concurrent_downloads: PositiveInt = 16
    """Archives and contact sheets made at the same time; further ones wait. Each costs 20 MB and 13 bytes a print."""

    download_idle_timeout_seconds: PositiveFloat = 60.0
    """How long a reader may take nothing, be behind the least rate, or wait for its turn before it is cut off."""

    min_bytes_per_second: PositiveInt = 4096
    """Least rate of bodies in both directions, from a client's first wait on; progress streams have none. One that is
    five seconds behind it loses its place to an upload, or to an archive or contact sheet, that waits for one."""

    max_transfer_seconds: PositiveFloat = 86_400.0
    """Longest time that one request may take at any rate; a day. Progress streams have no end."""

    relay_sweep_seconds: PositiveFloat = 5.0
    """Time between searches for recorded batches that were not published to the chunker."""

    max_backlog_seconds: PositiveFloat = 30.0
    """Uploads are refused while a recorded batch could not be published to the chunker for longer than this."""

    janitor_sweep_seconds: PositiveFloat = 30.0
    """Time between searches for deleted batches and for what killed gateways left of uploads."""

    tombstone_seconds: PositiveFloat = 600.0
    """A deleted batch's document stays so long, so that what is stored late is still found and removed."""

    stale_upload_seconds: PositiveFloat = 600.0
    """An upload whose marker was not renewed for so long is one of a killed gateway; the same for all gateways."""

    snapshot_interval_seconds: PositiveFloat = 0.2
    """Shortest time between two snapshots on one progress stream, and between two reads of a watched batch."""

    changes_interval_seconds: PositiveFloat = 1.0
    """Shortest time between two events on a stream of all batches, and between two reads of those that changed."""

    system_interval_seconds: PositiveFloat = 2.0
    """Time between two `system` events on a stream; the figures are read once for all who follow."""

    watch_refresh_seconds: PositiveFloat = 5.0
    """Watched batches are read this often even when no hint arrives."""

    grace_seconds: PositiveInt = 4
    """After SIGTERM, requests get this long to end; then uploads are cut off and what they stored is removed."""
