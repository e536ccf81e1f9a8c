"""The list of batches over HTTP, narrowed by status, priority and name."""

import pytest

from shared.documents import Batch, Priority, Status
from tests.fakes import new_batch
from tests.unit.gateway.conftest import Gateway


@pytest.fixture
async def listing(gateway: Gateway) -> Gateway:
    """A gateway with six batches, each a second after the one before."""
    kinds: list[tuple[str, Status, Priority]] = [
        ("Jeju 1", "SUCCESS", "normal"),
        ("제주 여행", "PENDING", "normal"),
        ("JEJU 2", "FAILURE", "high"),
        ("jeju <b>3</b>", "SUCCESS", "low"),
        ("50% & more", "REVOKED", "normal"),
        ("jeju 4", "STARTED", "normal"),
        ("Σίσυφος straße", "STARTED", "high"),
    ]
    for number, (name, status, priority) in enumerate(kinds):
        gateway.clock.step(1)
        batch: Batch = new_batch(str(number), now=gateway.clock())
        await gateway.ports.batches.add(batch.model_copy(update={"name": name, "status": status, "priority": priority}))
    return gateway


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=SUCCESS", "30"),
        ("status=SUCCESS&status=FAILURE", "320"),
        ("status=SUCCESS&status=SUCCESS", "30"),
        ("priority=high", "62"),
        ("q=%CE%A3%CE%8A%CE%A3", "6"),
        ("q=%CF%83%CE%AF%CF%83%CF%85%CF%86%CE%BF%CF%83+STRASSE", "6"),
        ("q=jeju", "5320"),
        ("q=Jeju%204", "5"),
        ("q=%EC%A0%9C%EC%A3%BC", "1"),
        ("q=%3Cb%3E", ""),
        ("q=jeju%20%3CB", "3"),
        ("q=50%25%20%26", "4"),
        ("q=&priority=low", "3"),
        ("q=jeju&status=SUCCESS&priority=normal", "0"),
        ("q=%00", ""),
    ],
)
async def test_a_list_is_narrowed(listing: Gateway, query: str, found: str) -> None:
    """Every filter together, the newest first, and each page leads to the next."""
    whole = (await listing.client.get(f"/pipeline/batch?{query}")).json()
    assert ("".join(batch["batch_id"] for batch in whole["data"]), whole["next_cursor"]) == (found, None)
    seen = ""
    cursor: str | None = ""
    while cursor is not None:
        page = (await listing.client.get(f"/pipeline/batch?{query}&limit=1&cursor={cursor}")).json()
        seen += "".join(batch["batch_id"] for batch in page["data"])
        cursor = page["next_cursor"]
    assert seen == found


@pytest.mark.parametrize("query", ["status=DONE", "status=", "status=success", "priority=urgent", f"q={'a' * 201}"])
async def test_a_bad_filter_is_an_error(listing: Gateway, query: str) -> None:
    """In the envelope, naming the field."""
    response = await listing.client.get(f"/pipeline/batch?{query}")
    assert (response.status_code, response.json()["error"]["code"]) == (422, "invalid_request")
    field = query.partition("=")[0]
    assert response.json()["error"]["details"][0]["field"].startswith(f"query.{field}")
