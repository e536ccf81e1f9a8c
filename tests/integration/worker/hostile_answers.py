"""A child that an image has taken over; named by path, so that a real child imports it.

It has both pipes, and answers what the image's bytes say instead of what it is asked.
"""

import json
import os
import pickle
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, NoReturn

from services.worker.children.protocol import ANSWER_PREFIX
from services.worker.imaging.image_bytes import ImageBytes
from services.worker.imaging.limits import ImageLimits
from services.worker.imaging.prints import DevelopedImage, encoded_print
from shared.recipes import Recipe

GOOD = json.dumps(
    {
        "kind": "developed",
        "prints": [
            {"output": "web", "width": 1, "height": 1, "size_bytes": 3},
            {"output": "thumbnail", "width": 1, "height": 1, "size_bytes": 3},
        ],
        "width": 1,
        "height": 1,
        "format": "jpeg",
        "timings_ms": {"decode": 1.5},
        "notes": [],
        "frames": 1,
        "readings": None,
        "cpu_ms": 1,
    },
    separators=(",", ":"),
).encode()
"""What an honest child answers."""


class Planted:
    """What runs where it is unpickled."""

    def __init__(self, marker: str) -> None:
        self._marker = marker

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        """Have the reader touch the marker."""
        return Path.touch, (Path(self._marker),)


def answer(original: ImageBytes, recipe: Recipe, _limits: ImageLimits) -> DevelopedImage:
    """Answer as an honest child does, unless the image's bytes name a wrong answer."""
    kind, _, argument = original.data.decode().partition(" ")
    if kind == "honest":
        prints = tuple(encoded_print(output, (1, 1), str(os.getpid()).encode()) for output in recipe.outputs)
        return DevelopedImage(prints, 1, 1, "jpeg", {})
    frame = sys._getframe()
    while frame.f_code.co_name != "_answer_next" and frame.f_back is not None:
        frame = frame.f_back
    request_id = frame.f_locals["request_id"]
    pipe: BinaryIO = frame.f_locals["answers"]
    ANSWERS[kind](pipe, request_id, argument)
    pipe.flush()
    time.sleep(600)
    raise AssertionError


def _framed(request_id: bytes, text: bytes, rest: bytes = b"") -> bytes:
    return ANSWER_PREFIX.pack(request_id, len(text)) + text + rest


def _says(text: bytes, prints: bytes = b"abcdef") -> Callable[[BinaryIO, bytes, str], object]:
    return lambda pipe, request_id, _: pipe.write(_framed(request_id, text, prints))


def _raw_pickle(pipe: BinaryIO, _request_id: bytes, marker: str) -> None:
    pickled = pickle.dumps(Planted(marker))
    pipe.write(len(pickled).to_bytes(8, "big") + pickled)
    pipe.write(bytes(1000))


def _pickle_as_text(pipe: BinaryIO, request_id: bytes, marker: str) -> None:
    pipe.write(_framed(request_id, pickle.dumps(Planted(marker))))


def _huge_text(pipe: BinaryIO, request_id: bytes, _: str) -> NoReturn:
    pipe.write(ANSWER_PREFIX.pack(request_id, 2**32 - 1))
    while True:
        pipe.write(bytes(2**20))


def _slow_drip(pipe: BinaryIO, request_id: bytes, _: str) -> NoReturn:
    pipe.write(ANSWER_PREFIX.pack(request_id, 20_000))
    while True:
        pipe.write(b" ")
        pipe.flush()
        time.sleep(0.01)


def _early_end(pipe: BinaryIO, request_id: bytes, _: str) -> None:
    pipe.write(_framed(request_id, GOOD, b"abc"))
    pipe.flush()
    # The pipe is a socket, which every descriptor of it keeps open.
    for descriptor in range(64):
        if descriptor != sys.stderr.fileno():
            _close(descriptor)
    time.sleep(600)


def _close(descriptor: int) -> None:
    try:
        os.close(descriptor)
    except OSError:
        return


def _exit(pipe: BinaryIO, request_id: bytes, _: str) -> NoReturn:
    pipe.write(_framed(request_id, GOOD, b"abc"))
    pipe.flush()
    os._exit(0)


ANSWERS: dict[str, Callable[[BinaryIO, bytes, str], object]] = {
    "pickle": _raw_pickle,
    "pickle-as-json": _pickle_as_text,
    "huge-json": _huge_text,
    "slow-drip": _slow_drip,
    "early-end": _early_end,
    "exit": _exit,
    "another-request": lambda pipe, _id, _: pipe.write(_framed(bytes(16), GOOD, b"abcdef")),
    "extra-bytes": _says(GOOD, b"abcdef" + bytes(100)),
    "deep-json": _says(b'{"kind":' + b"[" * 15_000),
    "ready": _says(b'{"kind":"ready"}', b""),
    "negative-size": _says(GOOD.replace(b'"size_bytes":3', b'"size_bytes":-3')),
    "more-bytes-than-allowed": _says(GOOD.replace(b'"size_bytes":3', b'"size_bytes":268435456')),
    "path-as-output": _says(GOOD.replace(b"thumbnail", b"../../etc/passwd")),
    "nan": _says(GOOD.replace(b"1.5", b"NaN")),
}
"""What a hostile child writes in place of its answer, by name."""

SLOW = {"slow-drip"}
"""What ends by the time of the image, as it may still become an answer."""
