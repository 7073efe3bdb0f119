"""A worker's place in the row: of all that ask for messages, the first of the row is given them.

So a worker has all there is to do until its hands are full, and only then has the next one some:
one commit of many messages costs less than several of few. Places are drawn. Of two that have drawn
the same the younger draws again; who dies leaves a gap, which does no harm.

    place = Place()
    await place.claim(client)
    place.number                     # 0 is asked first
"""

import secrets
import time

from nats.aio.client import Client
from nats.aio.msg import Msg

WORKERS = "rapport-workers"  # the subject at which only workers speak, and to each other
PLACES = 10  # priorities of NATS's pull requests (its ADR-42); of more workers some share one
_MOST_KNOWN = 64  # workers, those that died since among them


class Place:
    """`number` may change at any time."""

    def __init__(self, number: int | None = None) -> None:
        self.number = secrets.randbelow(PLACES) if number is None else number
        self._name = f"{time.time_ns():016x}{secrets.token_hex(4)}"  # the younger, the greater
        self._others: dict[str, int] = {}
        self._client: Client | None = None

    async def claim(self, client: Client) -> None:
        """Say it to the others; again when some may not have heard it."""
        if self._client is not client:
            self._client = client
            await client.subscribe(WORKERS, cb=self._heard)
        await self._say()

    async def _heard(self, message: Msg) -> None:
        name, place = message.data.decode().split()
        if name == self._name:
            return
        self._know(name, int(place))
        if int(place) != self.number:
            return
        if name < self._name:
            free = set(range(PLACES)) - set(self._others.values())
            if not free:
                return
            self.number = secrets.choice(list(free))
        await self._say()

    def _know(self, name: str, place: int) -> None:
        self._others.pop(name, None)
        self._others[name] = place
        if len(self._others) > _MOST_KNOWN:
            del self._others[next(iter(self._others))]

    async def _say(self) -> None:
        assert self._client
        await self._client.publish(WORKERS, f"{self._name} {self.number}".encode())
