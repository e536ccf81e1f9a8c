"""Which batches a list shows, and by what their names are found."""

import unicodedata
from dataclasses import dataclass

from shared.documents.batch_record import BatchRecord, Status
from shared.documents.document import Priority


def name_key(name: str) -> str:
    """A name as it is searched: composed (NFC), and the same for letters of either case.

    Lower case is not enough: that of a letter may depend on whether it ends a word, and a search ends anywhere.
    """
    return unicodedata.normalize("NFC", name.casefold())


@dataclass(frozen=True)
class BatchFilter:
    """Narrows a list of batches; what is left out narrows nothing. `name_prefix` matches letters of either case."""

    statuses: frozenset[Status] = frozenset()
    priority: Priority | None = None
    name_prefix: str = ""

    def fits(self, batch: BatchRecord) -> bool:
        """Whether a list with this filter shows the batch."""
        return (
            (not self.statuses or batch.status in self.statuses)
            and self.priority in {None, batch.priority}
            and name_key(batch.name).startswith(name_key(self.name_prefix))
        )


EVERY_BATCH = BatchFilter()
