"""A connection of the HTTP server that is to close: how long its peer may take to accept the last bytes."""

import asyncio

CLOSE_SECONDS = 30.0
"""How long a closed connection may take to accept the last bytes."""


class ClosingConnection:
    """Part of a connection, which cuts it off if its peer reads nothing; that would keep it open without end."""

    _closing_since: float | None = None

    def cut_off_late(self, transport: asyncio.Transport, now: float) -> bool:
        """Tell whether the connection is to close; cut it off if it does not. To be called every second or so."""
        if not transport.is_closing():
            return False
        self._closing_since = self._closing_since or now
        if now - self._closing_since > CLOSE_SECONDS:
            transport.abort()
        return True
