"""Tells whoever looks that something changed, so that pages can look again."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

_MOST_WAITING = 256  # for one listener; then the oldest news is lost
_MOST_LISTENERS = 100

Change = tuple[str, str]  # "customer" or "device", and its id


class Changes:
    """A fan-out with a bounded queue for each listener. On the event loop's thread only.

    version counts up with every change: what was read at one version is whole as long as it stands.
    """

    def __init__(self) -> None:
        self.version = 0
        self._listeners: set[asyncio.Queue[Change | None]] = set()
        self._closed = False

    @property
    def full(self) -> bool:
        """True while nobody else can listen."""
        return self._closed or len(self._listeners) >= _MOST_LISTENERS

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    def __call__(self, kind: str, name: str) -> None:
        self.version += 1
        self._offer((kind, name))

    def close(self) -> None:
        """End every stream, now and later."""
        self._closed = True
        self._offer(None)

    @contextlib.contextmanager
    def listening(self, quiet_s: float = 15.0) -> Iterator[AsyncIterator[Change | None]]:
        """Every change from here on, in order; None each `quiet_s` in which there was none."""
        queue: asyncio.Queue[Change | None] = asyncio.Queue(_MOST_WAITING)
        if self._closed:
            queue.put_nowait(None)
        self._listeners.add(queue)
        try:
            yield self._news(queue, quiet_s)
        finally:
            self._listeners.discard(queue)

    async def _news(
        self, queue: asyncio.Queue[Change | None], quiet_s: float
    ) -> AsyncIterator[Change | None]:
        while True:
            try:
                async with asyncio.timeout(quiet_s):  # wait_for of 3.11 may miss a cancel
                    change = await queue.get()
            except TimeoutError:
                yield None
                continue
            if change is None:
                return
            yield change

    def _offer(self, change: Change | None) -> None:
        for queue in self._listeners:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(change)
