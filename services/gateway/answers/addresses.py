"""Addresses in answers, as the client reaches them: behind the prefix under which a proxy publishes the gateway."""

from contextvars import ContextVar

root_path: ContextVar[str] = ContextVar("root_path", default="")
"""The prefix of the request that is being answered, without a slash at its end."""


def batch_path(batch_id: str) -> str:
    """The address of a batch."""
    return f"{root_path.get()}/pipeline/batch/{batch_id}"


def proof_path(proof_id: str) -> str:
    """The address of a proof."""
    return f"{root_path.get()}/pipeline/proofs/{proof_id}"
