"""Messages that were given up, over HTTP: to look at, send again or throw away."""

from typing import Annotated

from fastapi import Body, Path, Query

from services.gateway.answers.dead_letter_schemas import (
    ChosenLetters,
    DeadLetterList,
    DeadLetterQueue,
    DeadLetterStatus,
    DroppedLetters,
    LettersDropped,
    LettersReplayed,
)
from services.gateway.answers.dead_letter_schemas import DeadLetterQueues as DeadLetterQueuesBody
from services.gateway.answers.envelope import Envelope
from services.gateway.answers.json_body import JSON_BODY
from services.gateway.answers.system_codes import SystemCode
from services.gateway.routes.dependencies import DeadLettersDep
from services.gateway.routes.documented_router import DocumentedRouter, raises

router = DocumentedRouter(prefix="/pipeline/dead", tags=["system"])

QueueName = Annotated[str, Path(max_length=100, description="Where they came from.", examples=["tracker.results"])]


@router.get("", summary="Dead letters by queue / 큐별 실패 메시지")
async def count_dead_letters(letters: DeadLettersDep) -> Envelope[DeadLetterQueuesBody]:
    """How many messages of each queue could not be read or finished."""
    depths = await letters.depths()
    return Envelope(data=DeadLetterQueuesBody(queues=[DeadLetterQueue.of(depth) for depth in depths]))


@router.get("/{queue}", summary="Look at dead letters / 실패 메시지 보기")
@raises(SystemCode.QUEUE_NOT_FOUND)
async def list_dead_letters(
    letters: DeadLettersDep, queue: QueueName, limit: Annotated[int, Query(ge=1, le=100)] = 20
) -> Envelope[DeadLetterList]:
    """Some of a queue's dead letters, with what they say and why they were given up; they stay in the queue."""
    found = await letters.show(queue, limit)
    shown = [DeadLetterStatus.of(position, letter) for position, letter in enumerate(found)]
    return Envelope(data=DeadLetterList(letters=shown))


@router.post("/{queue}/replay", summary="Send dead letters again / 실패 메시지 재전송")
@raises(SystemCode.QUEUE_NOT_FOUND)
async def replay_dead_letters(
    letters: DeadLettersDep, queue: QueueName, body: Annotated[ChosenLetters | None, JSON_BODY, Body()] = None
) -> Envelope[LettersReplayed]:
    """Send dead letters to the queue that they came from: those with these `ids`, or the first `count`, or all.

    At most 10,000 are sent by one request; repeat it for more. Handling a message twice does no harm. What
    dies again is a dead letter again.
    """
    chosen = body or ChosenLetters()
    return Envelope(data=LettersReplayed(replayed=await letters.replay(queue, chosen.count, chosen.ids)))


@router.post("/{queue}/drop", summary="Throw dead letters away / 실패 메시지 버리기")
@raises(SystemCode.QUEUE_NOT_FOUND, SystemCode.LETTERS_NOT_CHOSEN, SystemCode.DEAD_LETTERS_CHANGED)
async def drop_dead_letters(
    letters: DeadLettersDep, queue: QueueName, body: Annotated[DroppedLetters | None, JSON_BODY, Body()] = None
) -> Envelope[LettersDropped]:
    """Throw dead letters away for good; try `replay` first.

    `ids` are those of letters that were looked at. `count` is the number of all that the queue has: when it has
    another by now, nothing is thrown away. Repeating a request thus throws nothing else away.
    """
    chosen = body or DroppedLetters()
    return Envelope(data=LettersDropped(dropped=await letters.drop(queue, chosen.count, chosen.ids)))
