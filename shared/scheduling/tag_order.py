"""Names sorted by their tags."""

import itertools
from bisect import bisect_left, insort


class TagOrder:
    """The smallest tag first; names of equal tags in the order in which they were added."""

    def __init__(self) -> None:
        self._entries: list[tuple[float, int, str]] = []
        self._numbers = itertools.count()

    def __bool__(self) -> bool:
        return bool(self._entries)

    @property
    def first(self) -> tuple[float, str]:
        """The smallest tag and its name."""
        tag, _, name = self._entries[0]
        return tag, name

    @property
    def last_tag(self) -> float:
        """The largest tag."""
        return self._entries[-1][0]

    def add(self, tag: float, name: str) -> None:
        insort(self._entries, (tag, next(self._numbers), name))

    def remove(self, tag: float, name: str) -> None:
        """Remove a name that was added with this tag."""
        index = bisect_left(self._entries, (tag,))
        while self._entries[index][2] != name:
            index += 1
        del self._entries[index]
