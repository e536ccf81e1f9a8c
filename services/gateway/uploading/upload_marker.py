"""The mark that an upload leaves in the object store while it is under way, so that a killed gateway's are found."""

import asyncio

import structlog

from shared.errors import ObjectMissingError, TransientError
from shared.object_keys import upload_marker_key
from shared.ports import ObjectStore
from shared.running.lifecycle import Stopping
from shared.running.shielding import shielded

log = structlog.get_logger()

RENEWALS_SHARE = 0.1
"""Of the time after which a marker is stale: one or two renewals may fail, and clocks may differ by minutes."""


class UploadMarker:
    """Stands from before an upload's first byte until its batch is recorded or what it stored is removed.

    A gateway renews the marker of its upload. Once it does not, a janitor gives the upload up and removes the marker. A
    gateway that was only suspended then finds its marker gone, and must not record the batch.
    """

    def __init__(self, objects: ObjectStore, batch_id: str, renewal_seconds: float) -> None:
        self._objects = objects
        self._batch_id = batch_id
        self._renewal_seconds = renewal_seconds
        self._key = upload_marker_key(batch_id)
        self._ended = Stopping()
        self._renewing: asyncio.Task[None] | None = None
        self._was_gone = False

    async def leave(self) -> None:
        """Return once the marker stands; it is renewed from then on."""
        # To the end: a cancelled put may still write its object, after everything was removed.
        await shielded(self._objects.put(self._key, b""))
        self._renewing = asyncio.create_task(self._renew(), name=f"upload-marker {self._batch_id}")

    async def is_gone(self) -> bool:
        """Whether the upload was given up at any time since the marker was left."""
        self._was_gone = self._was_gone or not await self._stands()
        return self._was_gone

    async def abandon(self) -> None:
        """Renew the marker no more but let it stand: what its upload stored is found by it."""
        self._ended.set()
        if self._renewing is not None:
            await self._renewing

    async def remove(self) -> None:
        """Take the marker away, as nothing is to be found by it any more."""
        await self.abandon()
        try:
            await self._objects.remove(self._key)
        except TransientError:
            log.warning("upload_marker_not_removed", batch_id=self._batch_id, exc_info=True)

    async def _renew(self) -> None:
        while not await self._ended.sleep(self._renewal_seconds):
            try:
                # Left again even when it was gone: what comes in until the upload ends is to be found as well.
                if await self.is_gone():
                    log.warning("upload_was_given_up", batch_id=self._batch_id)
                await self._objects.put(self._key, b"")
            except TransientError:
                log.warning("upload_marker_not_renewed", batch_id=self._batch_id, exc_info=True)

    async def _stands(self) -> bool:
        try:
            await self._objects.get(self._key)
        except ObjectMissingError:
            return False
        return True
