import pytest

from shared.errors import BrokerUnavailableError
from shared.messaging.messages import BatchProgressed
from shared.running.notifying import notify
from tests.fakes import RecordingPublisher

HINTS = [BatchProgressed(batch_id=batch_id, batch_version=1) for batch_id in ("a", "b")]


async def test_every_message_is_published() -> None:
    """In their order."""
    publisher = RecordingPublisher()
    await notify(publisher, HINTS)
    assert publisher.of(BatchProgressed) == HINTS


@pytest.mark.parametrize("is_away", [True, False], ids=["away", "silent"])
async def test_a_broker_that_is_away_is_no_error(is_away: bool, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: FBT001 - a parameter
    """Nothing rests on these messages; the log names the batches."""
    publisher = RecordingPublisher()
    if is_away:
        publisher.errors.append(BrokerUnavailableError("away"))
    else:
        publisher.go_on.clear()
    await notify(publisher, HINTS, seconds=0.01)
    assert publisher.of(BatchProgressed) == []
    assert "batch_ids=['a', 'b']" in capsys.readouterr().out
