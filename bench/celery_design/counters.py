"""The original's documents: BatchExecution with counters that are incremented, and one ChainExecution per chunk."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pymongo import MongoClient, ReturnDocument
from pymongo.collection import Collection

Fields = dict[str, Any]


@dataclass(frozen=True)
class BatchCounters:
    """Both collections. A replica set acknowledges writes by majority and journal unless told otherwise."""

    batches: Collection[Fields]
    chunks: Collection[Fields]

    def begin(self, batch_id: str, total_images: int, total_chunks: int) -> None:
        """Record a batch and its chunks."""
        self.batches.insert_one(
            {
                "_id": batch_id,
                "status": "STARTED",
                "total_images": total_images,
                "total_chunks": total_chunks,
                "completed_images": 0,
                "failed_images": 0,
                "completed_chunks": 0,
                "started_at": datetime.now(UTC),
            }
        )
        self.chunks.insert_many(
            [{"_id": f"{batch_id}:{number}", "status": "PENDING"} for number in range(total_chunks)]
        )

    def chunk_started(self, batch_id: str, number: int) -> None:
        """A worker has the chunk."""
        self.chunks.update_one({"_id": f"{batch_id}:{number}"}, {"$set": {"status": "STARTED"}})

    def images_ended(self, batch_id: str, completed: int, failed: int) -> None:
        """Move the batch's progress."""
        self.batches.update_one({"_id": batch_id}, {"$inc": {"completed_images": completed, "failed_images": failed}})

    def chunk_ended(self, batch_id: str, number: int, completed: int, failed: int) -> None:
        """Close the chunk, and with the last one the batch."""
        self.chunks.update_one(
            {"_id": f"{batch_id}:{number}"},
            {"$set": {"status": "SUCCESS", "completed_images": completed, "failed_images": failed}},
        )
        batch = self.batches.find_one_and_update(
            {"_id": batch_id}, {"$inc": {"completed_chunks": 1}}, return_document=ReturnDocument.AFTER
        )
        if batch is not None and batch["completed_chunks"] == batch["total_chunks"]:
            status = "FAILURE" if batch["failed_images"] else "SUCCESS"
            self.batches.update_one({"_id": batch_id}, {"$set": {"status": status, "finished_at": datetime.now(UTC)}})

    def finished(self, batch_id: str) -> Fields | None:
        """The batch, once its status says that it has ended."""
        return self.batches.find_one({"_id": batch_id, "status": {"$in": ["SUCCESS", "FAILURE"]}})


def counters_in(client: MongoClient[Fields]) -> BatchCounters:
    """The counters in the database that the client's URL names."""
    database = client.get_default_database()
    return BatchCounters(database["batch_executions"], database["chain_executions"])
