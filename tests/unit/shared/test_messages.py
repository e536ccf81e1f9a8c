import json
from pathlib import Path
from typing import Any

import pytest

from shared.documents import ColourShare, Original, Outcome, Place, Print, Quality, Readings
from shared.errors import UndecodableMessageError
from shared.messaging.encoding import MAX_BYTES, decode, encode
from shared.messaging.messages import (
    BatchProgressed,
    BatchStopped,
    BatchSubmitted,
    ChunkFailed,
    ChunkReady,
    ChunkSettled,
    ImageCompleted,
    ImageFailed,
    ImageResults,
    Message,
)
from tests.recorded.reading import holds

RECORDED = Path(__file__).parents[2] / "recorded" / "messages"

PRINT = Print(output="web", extension="jpg", media_type="image/jpeg", width=1600, height=1200, size_bytes=234_567)

QUALITY = Quality(sharpness=1.5, brightness=0.5, dark_share=0.25, bright_share=0.0)

BATCH = "6f9619ff-8b86-4d01-b42d-00c04fc964ff"

COMPLETED = ImageCompleted(batch_id=BATCH, chunk=7, index=73, duration_ms=96, worker="worker-1", prints=(PRINT,))

FAILED = ImageFailed(
    batch_id=BATCH,
    chunk=7,
    index=74,
    duration_ms=3,
    worker="worker-1",
    code="not_an_image",
    message="이 파일은 사진이 아닙니다.",
)

READ = COMPLETED.model_copy(
    update={
        "index": 75,
        "prints": (
            Print(
                output="print",
                extension="jpg",
                media_type="image/jpeg",
                width=640,
                height=427,
                size_bytes=54_321,
                generation=1,
            ),
        ),
        "original": Original(
            width=4032,
            height=3024,
            format="jpeg",
            notes=("icc_ignored",),
            readings=Readings(
                exif={"Model": "X100V", "FNumber": 2.8, "ISO": 400, "LensSpecification": (18, 55.5)},
                gps=Place(latitude=33.489, longitude=126.498, altitude=12.0),
                dhash64="c3c7cfdf9f3e3c78",
                colours=(ColourShare(colour="#8a5a2b", share=0.42),),
                blurhash="LEHV6nWB2yk8pyo0adR*.7kCMdnj",
                quality=Quality(sharpness=612.5, brightness=0.47, dark_share=0.01, bright_share=0.0),
                steps={"read_text": {"text": "출구 EXIT", "words": 2, "sure": True, "box": (1, 2.5), "none": None}},
            ),
        ),
    }
)

EXAMPLES: dict[str, Message] = {
    "batch.submitted": BatchSubmitted(batch_id=BATCH, generation=1),
    "chunk.ready": ChunkReady(batch_id=BATCH, chunk=7, priority="high", attempt=2),
    "chunk.ready-express": ChunkReady(batch_id=BATCH, chunk=0, owner="local", cost_ms=1900, express=True),
    "image.completed": COMPLETED,
    "image.completed-with-readings": READ,
    "image.failed": FAILED,
    "image.results": ImageResults(results=(COMPLETED, FAILED)),
    "chunk.failed": ChunkFailed(batch_id=BATCH, chunk=7, code="attempts_exhausted", message="Gave up after 4 tries."),
    "batch.stopped": BatchStopped(batch_id=BATCH, generation=1),
    "chunk.settled": ChunkSettled(batch_id=BATCH, generation=1, settled_chunks=8),
    "batch.progressed": BatchProgressed(batch_id=BATCH, batch_version=41),
}
"""One message of each type and more, with no field at its default: exactly what the recordings of version 1 hold."""


def changed(**fields: Any) -> bytes:
    """The bytes of a good message with some fields replaced."""
    return json.dumps({**EXAMPLES["chunk.ready"].model_dump(), **fields}).encode()


@pytest.mark.parametrize("message", EXAMPLES.values(), ids=EXAMPLES)
def test_every_message_survives_the_wire(message: Message) -> None:
    """What is decoded equals what was encoded."""
    assert decode(encode(message)) == message


def test_times_of_stages_are_recorded_and_bounded() -> None:
    """They are whole milliseconds, and a worker that sends too many, too long or too large ones is not believed."""
    timings = {"decode": 41, "print:web": 38}
    message = COMPLETED.model_copy(update={"timings_ms": timings})
    decoded = decode(encode(message))
    assert isinstance(decoded, ImageCompleted)
    assert decoded.outcome.timings_ms == timings
    for wrong in ({"decode": -1}, {"decode": 2**40}, {"d" * 81: 1}, dict.fromkeys(map(str, range(65)), 1)):
        with pytest.raises(UndecodableMessageError):
            decode(encode(message.model_copy(update={"timings_ms": wrong})))


@pytest.mark.parametrize(("name", "message"), EXAMPLES.items(), ids=EXAMPLES)
def test_bytes_recorded_in_version_1_still_mean_the_same(name: str, message: Message) -> None:
    """Messages that wait in queues during an upgrade are read by the new version."""
    assert decode((RECORDED / f"{name}.v1.json").read_bytes()) == message


@pytest.mark.parametrize(("name", "message"), EXAMPLES.items(), ids=EXAMPLES)
def test_the_bytes_of_today_hold_all_that_was_recorded_in_version_1(name: str, message: Message) -> None:
    """The version before reads what this one sends: it ignores what it does not know, and misses nothing."""
    recorded = json.loads((RECORDED / f"{name}.v1.json").read_bytes())
    assert holds(json.loads(encode(message)), recorded) == []


def test_every_recording_is_checked() -> None:
    """A recording without an example would prove nothing."""
    assert {path.name for path in RECORDED.glob("*.json")} == {f"{name}.v1.json" for name in EXAMPLES}


def test_fields_of_a_newer_version_are_ignored() -> None:
    """A service may be older than the one that publishes."""
    assert decode(changed(hurry="very")) == EXAMPLES["chunk.ready"]


@pytest.mark.parametrize("message", EXAMPLES.values(), ids=EXAMPLES)
def test_the_message_id_is_the_same_for_the_same_fact(message: Message) -> None:
    """A second publication of a fact is recognisable as such, and other facts have other ids."""
    assert decode(encode(message)).message_id == message.message_id
    others = [other.message_id for other in EXAMPLES.values() if other is not message]
    assert message.message_id not in others


def test_message_ids_are_those_of_version_1() -> None:
    """A fact that two neighbouring releases publish has one id."""
    assert [message.message_id.replace(BATCH, "b") for message in EXAMPLES.values()] == [
        "batch.submitted:b:1",
        "chunk.ready:b:7:2",
        "chunk.ready:b:0:0",
        "image.completed:b:7:73",
        "image.completed:b:7:75",
        "image.failed:b:7:74",
        "image.results:image.completed:b:7:73+1",
        "chunk.failed:b:7",
        "batch.stopped:b:1",
        "chunk.settled:b:1:8",
        "batch.progressed:b:41",
    ]


def test_results_that_are_encoded_already_make_the_same_message() -> None:
    """Byte for byte, and the fact has the same id and is the same after the wire."""
    whole = ImageResults(results=(COMPLETED, FAILED))
    joined = ImageResults(results=(COMPLETED, FAILED)).made_of([encode(COMPLETED), encode(FAILED)])
    assert encode(joined) == encode(whole)
    assert (joined.message_id, joined.routing_key) == (whole.message_id, whole.routing_key)
    assert decode(encode(joined)) == whole


def test_a_chunk_of_a_release_without_express_says_nothing_of_it() -> None:
    """Nothing is predicted of it, it has no owner, and it goes to its lane; nonsense in its place is not believed."""
    old = EXAMPLES["chunk.ready"]
    assert isinstance(old, ChunkReady)
    assert (old.owner, old.cost_ms, old.express, old.routing_key) == ("", 0, False, "chunk.ready.high")
    assert old.model_copy(update={"express": True}).routing_key == "chunk.ready.express"
    for wrong in ({"cost_ms": -1}, {"cost_ms": 2**40}, {"cost_ms": 0.5}, {"owner": 7}):
        with pytest.raises(UndecodableMessageError):
            decode(changed(**wrong))


def test_the_largest_print_list_stays_far_below_the_limit() -> None:
    """A result with many prints is still a small message."""
    many = ImageCompleted(batch_id=BATCH, chunk=7, index=73, prints=(PRINT,) * 32)
    assert len(encode(many)) < MAX_BYTES / 4


def test_a_result_says_what_its_image_has_become() -> None:
    """Worker and tracker keep the same outcome, whichever of them is first; nothing of the message is lost in it."""
    assert COMPLETED.outcome == Outcome(state="completed", prints=(PRINT,), duration_ms=96, worker="worker-1")
    assert FAILED.outcome == Outcome(
        state="failed", code="not_an_image", message="이 파일은 사진이 아닙니다.", duration_ms=3, worker="worker-1"
    )


def test_a_result_means_the_same_after_the_wire() -> None:
    """Prints with their generation included."""
    retried = COMPLETED.model_copy(update={"prints": (PRINT.model_copy(update={"generation": 2}),)})
    readings = Readings(exif={"FNumber": 2.0, "ISO": 100, "LensSpecification": (18, 55.5)}, quality=QUALITY)
    read = COMPLETED.model_copy(update={"original": Original(width=9, height=8, format="gif", readings=readings)})
    for result in (COMPLETED, FAILED, retried, read):
        received = decode(encode(result))
        assert isinstance(received, ImageCompleted | ImageFailed)
        assert received.outcome == result.outcome


def test_chunks_are_routed_by_priority_and_all_else_by_type() -> None:
    """The routing key is the type; three lanes exist for chunks only."""
    assert EXAMPLES["chunk.ready"].routing_key == "chunk.ready.high"
    assert EXAMPLES["image.failed"].routing_key == "image.failed"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b" " * (MAX_BYTES + 1), "larger than"),
        (b"", "not a message"),
        (b"\x00\xffnot json", "not a message"),
        (b"[]", "not a message"),
        (b"{}", "not a message"),
        (changed(type="chunk.exploded"), "chunk.exploded"),
        (changed(version=2), "version"),
        (changed(batch_id=None), "batch_id"),
        (changed(attempt=-1), "attempt"),
        (changed(priority="urgent"), "priority"),
        (b"[" * 10_000, "not a message"),
    ],
    ids=[
        "too large",
        "empty",
        "no JSON",
        "a list",
        "no type",
        "unknown type",
        "wrong version",
        "a field missing",
        "a negative attempt",
        "an unknown priority",
        "nested too deeply",
    ],
)
def test_what_is_no_message_is_refused_with_the_reason(data: bytes, problem: str) -> None:
    """Whatever is in a queue, decoding answers a message or this one error, whose text names the fault."""
    with pytest.raises(UndecodableMessageError, match=problem):
        decode(data)


def test_rubbish_is_said_to_be_what_it_is() -> None:
    """An operator reads it beside the dead letter."""
    with pytest.raises(UndecodableMessageError, match=r"^not a message this version knows: Invalid JSON: expected"):
        decode(b"rubbish")
