"""What every register of workers promises."""

import asyncio

from shared.ports import WorkerRegister
from tests.contract.documents.examples import a_worker, after


async def test_the_newest_report_of_a_worker_stays(workers: WorkerRegister) -> None:
    """A report that was overtaken on its way changes nothing."""
    await workers.report(a_worker(seen=1, developed=10))
    await workers.report(a_worker(seen=5, developed=50))
    await workers.report(a_worker(seen=3, developed=30))
    assert list(await workers.seen_since(after(0))) == [a_worker(seen=5, developed=50)]


async def test_reports_at_once_leave_the_newest(workers: WorkerRegister) -> None:
    """Also the very first ones of a worker may race."""
    await asyncio.gather(*(workers.report(a_worker(seen=n, developed=n)) for n in range(10)))
    assert list(await workers.seen_since(after(0))) == [a_worker(seen=9, developed=9)]


async def test_workers_seen_lately_come_by_id(workers: WorkerRegister) -> None:
    """The moment itself counts as lately."""
    for worker_id, seen in (("c", 10), ("a", 20), ("b", 9.999)):
        await workers.report(a_worker(worker_id, seen))
    assert [record.id for record in await workers.seen_since(after(10))] == ["a", "c"]
    assert list(await workers.seen_since(after(21))) == []
