"""The object store on obstore: a local folder, memory, or S3 and what speaks like it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit
from urllib.request import url2pathname

import obstore
import obstore.exceptions
from obstore.store import LocalStore, MemoryStore, S3Store
from obstore.store import ObjectStore as Backend

from shared.adapters.object_folder import ObjectFolder
from shared.errors import DarkroomError, ObjectDamagedError, ObjectMissingError, StorageUnavailableError
from shared.object_keys import STORE_MARKER_KEY
from shared.ports import ObjectStore, StoredObject

T = TypeVar("T")

STREAM_PART_BYTES = 5 * 1024 * 1024
"""Streams travel in parts of this size, the smallest that S3 takes."""

OVERLAPPED_PARTS = 2
"""Parts of one stream on their way at once; with the one being filled they bound a stream's memory to 15 MiB."""

LISTED_AT_ONCE = 1000
"""Objects removed per call, the most that S3 deletes in one request."""

STORE_MARKER = b'{"note": "Darkroom takes its object store for lost or not mounted while this is missing."}\n'

S3_RETRIES = 3
S3_RETRY_TIMEOUT = timedelta(seconds=30)


def open_object_store(url: str) -> ObjectStore:
    """The store at `file:///folder` (or a plain path; made if missing), `memory://` or `s3://bucket/prefix`.

    S3 credentials, region and endpoint come from the usual AWS_* variables. Raises ValueError for another scheme,
    `StorageUnavailableError` for a folder that cannot be made. Nothing else is contacted before first use.
    """
    parts = urlsplit(url)
    match parts.scheme:
        case "memory":
            return ObstoreObjects(MemoryStore())
        case "s3":
            return ObstoreObjects(_s3(url))
        case "file":
            return _folder(Path(url2pathname(parts.path)))
        # a single letter is a Windows drive
        case scheme if len(scheme) <= 1:
            return _folder(Path(url))
        case scheme:
            raise ValueError(f"{scheme}:// is no object store: use a folder, file://, memory:// or s3://")


def _folder(path: Path) -> "ObstoreObjects":
    root = path.expanduser().resolve()
    with _translated(str(path)):
        backend = LocalStore(root, mkdir=True, automatic_cleanup=True)
    return ObstoreObjects(backend, ObjectFolder(root))


def _s3(url: str) -> Backend:
    # No client options: they would replace those of the environment, such as AWS_ALLOW_HTTP for a server without TLS.
    return S3Store.from_url(url, retry_config={"max_retries": S3_RETRIES, "retry_timeout": S3_RETRY_TIMEOUT})


class ObstoreObjects:
    """Objects in one obstore backend. Every write is atomic: a reader sees the whole object or none."""

    def __init__(self, backend: Backend, folder: ObjectFolder | None = None) -> None:
        """`folder`: the backend's, if it is one; it may be another one from one call to the next.

        While its volume is not mounted, what is put into it lands on the disk beneath, and is gone afterwards.
        """
        self._backend = backend
        self._folder = folder
        self._was_there = False

    async def check(self) -> None:
        """Return if the store holds its marker; raises `StorageUnavailableError`."""
        with _translated(STORE_MARKER_KEY):
            try:
                await obstore.head_async(self._backend, STORE_MARKER_KEY)
            except FileNotFoundError as error:
                raise StorageUnavailableError(
                    f"the object store holds no {STORE_MARKER_KEY}: its volume is not mounted, it is another one, "
                    "or no gateway of this version has started on it yet"
                ) from error
        self._was_there = True

    async def mark(self) -> None:
        """Leave the marker, always of the same bytes: several may do so at once, and again."""
        with _translated(STORE_MARKER_KEY, missing=StorageUnavailableError):
            await obstore.put_async(self._backend, STORE_MARKER_KEY, STORE_MARKER, use_multipart=False)

    async def put(self, key: str, data: bytes | AsyncIterator[bytes]) -> None:
        """Store an object, replacing another; a stream that raises leaves nothing, and its error comes through."""
        with _translated(key, missing=StorageUnavailableError):
            if link := await self._link_to(key.rpartition("/")[0]):
                raise StorageUnavailableError(f"{link} is a link, which is not followed: remove it")
            if isinstance(data, bytes):
                # One request: a multipart upload takes three at least.
                await obstore.put_async(self._backend, key, data, use_multipart=False)
            else:
                await obstore.put_async(
                    self._backend, key, data, chunk_size=STREAM_PART_BYTES, max_concurrency=OVERLAPPED_PARTS
                )
        # A store that never held the marker is one that only gateways of an older version know.
        if self._folder and self._was_there:
            await self._look_for(key, self._folder)

    async def get(self, key: str) -> bytes:
        """A whole object; raises `ObjectMissingError` if the store is there without it."""
        with _translated(key):
            return await self._found(key, self._read)

    async def stream(self, key: str, size_bytes: int | None = None) -> AsyncIterator[bytes]:
        with _translated(key):
            result = await self._found(key, self._open)
        if size_bytes not in {None, result.meta["size"]}:
            raise ObjectDamagedError(f"{key} has {result.meta['size']} bytes instead of {size_bytes}")
        return _pieces(key, result)

    async def remove_under(self, prefix: str) -> None:
        found = False
        with _translated(prefix):
            if self._folder:
                found = await asyncio.to_thread(self._folder.remove_under, prefix)
            else:
                async for page in obstore.list(self._backend, prefix, chunk_size=LISTED_AT_ONCE):
                    found = True
                    # S3 takes what is gone already for removed.
                    await obstore.delete_async(self._backend, [entry["path"] for entry in page])
        if not found:
            # A store that is away looks empty too.
            await self.check()

    async def remove(self, key: str) -> None:
        """Remove one object; nothing happens if there is none. A link itself is removed, not what it points to."""
        with _translated(key), _absence_accepted():
            if not await self._link_to(key.rpartition("/")[0]):
                await obstore.delete_async(self._backend, key)

    async def listed(self, prefix: str) -> AsyncIterator[StoredObject]:
        with _translated(prefix):
            if self._folder:
                files = self._folder.files(prefix)
                # In a thread and page by page, as the folder may be slow and hold millions of files.
                while page := await asyncio.to_thread(list, islice(files, LISTED_AT_ONCE)):
                    for file in page:
                        yield file
                return
            async for entries in obstore.list(self._backend, prefix, chunk_size=LISTED_AT_ONCE):
                for entry in entries:
                    yield StoredObject(key=entry["path"], modified_at=entry["last_modified"])

    async def _link_to(self, key: str) -> Path | None:
        """Return the link in a folder by which the key would lead elsewhere."""
        return await asyncio.to_thread(self._folder.link_to, key) if self._folder and key else None

    async def _found(self, key: str, fetch: Callable[[str], Awaitable[T]]) -> T:
        """What `fetch` makes of the object; raises `StorageUnavailableError` when it is missing with its store."""
        try:
            return await fetch(key)
        except FileNotFoundError:
            await self.check()
        # Asked once more, because the store may have come back between the first look and the check.
        return await fetch(key)

    async def _read(self, key: str) -> bytes:
        if self._folder:
            # Look for links and read in one thread: each change of threads costs as much as a small file.
            return await asyncio.to_thread(self._folder.read, key)
        result = await obstore.get_async(self._backend, key)
        return bytes(await result.bytes_async())

    async def _open(self, key: str) -> "obstore.GetResult":
        if link := await self._link_to(key):
            raise FileNotFoundError(f"{link} is a link")
        return await obstore.get_async(self._backend, key)

    async def _look_for(self, key: str, folder: ObjectFolder) -> None:
        """Return if the object is in the store that holds the marker.

        In this order: if the store comes back after a put into what was in its place, either look says so.
        """
        # Both in one thread: each change of threads costs more than the look itself.
        with _translated(key):
            has_both = await asyncio.to_thread(folder.has_all, (STORE_MARKER_KEY, key))
        if not has_both:
            await self.check()
            raise StorageUnavailableError(f"{key} was put into what was in the object store's place for a moment")


async def _pieces(key: str, result: "obstore.GetResult") -> AsyncIterator[bytes]:
    with _translated(key):
        async for piece in result.stream():
            yield bytes(piece)


@contextmanager
def _absence_accepted() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        return


@contextmanager
def _translated(key: str, missing: type[DarkroomError] = ObjectMissingError) -> Iterator[None]:
    # A write that finds something missing (the bucket, the disk) is trouble with the store, hence `missing`.
    try:
        yield
    except FileNotFoundError as error:
        raise missing(f"not found: {key}") from error
    except (obstore.exceptions.BaseError, OSError) as error:
        # The first line says what happened; the rest is the driver's internals.
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise StorageUnavailableError(f"the object store failed on {key}: {reason}") from error
