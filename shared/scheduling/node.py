"""A node in the tree of start-time fair queueing: a share of its parent's time, shared out among its own children."""

from shared.scheduling.flows import Flow
from shared.scheduling.tag_order import TagOrder


class Node:
    """Tags in virtual time for its children, after Goyal, Vin and Cheng: Start-time Fair Queueing, 1997.

    A child's tag is the virtual time at which its next work starts, and grows by cost / weight. The one with the
    smallest tag is served next, and the node's own virtual time is the tag of the one that was served last. A leaf
    has no children but a `flow`.
    """

    def __init__(self, weight: float = 1.0, tag: float = 0.0) -> None:
        self.weight = weight
        self.tag = tag
        self.is_awake = False
        self.flow: Flow | None = None
        self.children: dict[str, Node] = {}
        self._virtual_time = 0.0
        self._awake = TagOrder()
        self._asleep = TagOrder()

    @property
    def next(self) -> str | None:
        """The name of the child to serve next; None while all are asleep."""
        return self._awake.first[1] if self._awake else None

    def wake(self, name: str, weight: float) -> "Node":
        """A child from now on with work waiting."""
        child = self._child(name, weight)
        if not child.is_awake:
            self._asleep.remove(child.tag, name)
            child.is_awake = True
            self._awake.add(child.tag, name)
        return child

    def sleep(self, name: str) -> None:
        """Have a child that is awake wait for work."""
        child = self.children[name]
        self._awake.remove(child.tag, name)
        child.is_awake = False
        self._asleep.add(child.tag, name)
        self._forget()

    def charge(self, name: str, weight: float, cost: float) -> "Node":
        """A child after work of this cost, whether or not it was its turn."""
        if self._awake:
            self._virtual_time = max(self._virtual_time, self._awake.first[0])
            self._forget()
        child = self._child(name, weight)
        self._retag(name, child.tag + cost / weight)
        self._forget()
        return child

    def correct(self, name: str, difference: float) -> None:
        """Change what a child was charged; what it gets back never makes up for more than its lead."""
        child = self.children[name]
        self._retag(name, max(child.tag + difference / child.weight, self._virtual_time))
        self._forget()

    def _child(self, name: str, weight: float) -> "Node":
        if name not in self.children:
            # Those that slept are new ones: what they have slept through gives them no credit.
            self.children[name] = Node(weight, self._virtual_time)
            self._asleep.add(self._virtual_time, name)
        return self.children[name]

    def _retag(self, name: str, tag: float) -> None:
        child = self.children[name]
        order = self._awake if child.is_awake else self._asleep
        order.remove(child.tag, name)
        child.tag = tag
        order.add(tag, name)

    def _forget(self) -> None:
        """Forget sleepers that are not ahead. Those that are stay, or a moment's sleep would shed a child's debt."""
        if self._asleep and not self._awake:
            # Nothing waits that they could be ahead of.
            self._virtual_time = max(self._virtual_time, self._asleep.last_tag)
        while self._asleep and self._asleep.first[0] <= self._virtual_time:
            tag, name = self._asleep.first
            self._asleep.remove(tag, name)
            del self.children[name]
