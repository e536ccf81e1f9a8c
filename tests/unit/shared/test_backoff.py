from shared.running.backoff import Backoff


async def test_pauses_grow_with_failures_and_start_again_after_a_reset() -> None:
    """Doubling with jitter up to the longest, however long an outage lasts."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    backoff = Backoff(sleep, first_seconds=0.5, max_seconds=30)
    for _ in range(100):
        await backoff.pause()
    backoff.reset()
    await backoff.pause()
    longest = [0.5, 1, 2, 4, 8, 16, *[30] * 94, 0.5]
    assert all(limit / 2 <= seconds <= limit for seconds, limit in zip(slept, longest, strict=True))
    assert len(set(slept)) == len(slept), "jitter spreads those who were cut off at the same moment"
