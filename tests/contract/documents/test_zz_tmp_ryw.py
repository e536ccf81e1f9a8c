import asyncio, pytest
from shared.adapters.mongodb import open_documents
from shared.documents import Folding, Batch
from tests.contract.documents.examples import a_chunk, a_batch, completed, after


async def test_ryw(mongodb_url):
    async with open_documents(mongodb_url) as one, open_documents(mongodb_url) as two:
        await one.chunks.add([a_chunk(n) for n in range(400)])

        async def noise():
            for n in range(200, 400):
                await two.chunks.claim(f"b:{n}", "w", after(0), after(1), take_over=True)

        task = asyncio.create_task(noise())
        stale = 0
        for n in range(200):
            await one.chunks.fold(
                [Folding(chunk_id=f"b:{n}", outcomes=dict.fromkeys(range(n * 10, n * 10 + 10), completed()))]
            )
            if (await two.chunks.totals("b", 0, 0)).completed_chunks != n + 1:
                stale += 1
            if await two.chunks.first_unsettled("b", 0, 0) != n + 1:
                stale += 1
        await task
        assert stale == 0
