"""What workers tell each other of the directory, which all of them have in memory.

A change is a row, told by its number in a NOTIFY when its transaction is kept. Whoever was away
from the database takes all rows of the last day again, which does no harm: in order, they lead to
what stands. Sealed by the keys of whom they are about: of an erased customer neither is readable.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import psycopg

from hub.store.postgres import orders
from hub.store.postgres.connection import Connection, Rows, Together

WATCHED = "directory/"

_AT_ONCE = 500  # numbers in a NOTIFY, which takes 8,000 bytes
_SWEEP = 256  # changes between two looks for those that are too old


class Change(NamedTuple):
    """A document at vault/table/key, before and after, sealed; None for nothing."""

    vault: str
    table: str
    key: str
    before: bytes | None
    after: bytes | None


class News:
    """Of one connection: listens from its beginning."""

    def __init__(self) -> None:
        self._pid = 0
        self._numbers: list[int] = []
        self._missed = False

    def begun(self, base: psycopg.Connection) -> None:
        self._missed = self._pid != 0
        self._pid = base.info.backend_pid
        base.add_notify_handler(self._heard)
        base.execute("listen rapport")

    def tell(self, together: Together, changes: Sequence[Change]) -> None:
        """Part of a transaction: others hear of it when that is kept."""
        if not changes:
            return
        vaults, tables, keys, before, after = (
            list(column) for column in zip(*changes, strict=True)
        )
        words = [vaults, [t.encode() for t in tables], [k.encode() for k in keys], before, after]
        (rows,) = together.ask((orders.REPORT, words))
        numbers = [str(number) for (number,) in rows]
        for first in range(0, len(numbers), _AT_ONCE):
            together.ask((orders.TELL, [",".join(numbers[first : first + _AT_ONCE])]))
        if any(number % _SWEEP == 0 for (number,) in rows):
            together.ask((orders.FORGET_NEWS, []))

    def hear(self, base: Connection, heard: Callable[[Change], None]) -> None:
        """heard(each change of another worker that was told meanwhile)."""
        rows: Rows = []
        if self._missed:
            self._missed, self._numbers = False, []
            rows = base.ask(orders.ALL_NEWS)
        elif self._numbers:
            numbers, self._numbers = self._numbers, []
            rows = base.ask(orders.NEWS, [numbers])
        for vault, table, key, before, after in rows:
            heard(Change(vault, table.decode(), key.decode(), before, after))

    def _heard(self, notice: psycopg.Notify) -> None:
        if notice.pid != self._pid:
            self._numbers += [int(number) for number in notice.payload.split(",")]
