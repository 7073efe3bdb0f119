"""A connection that comes back, and whose errors are those of a store."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, LiteralString

import psycopg
from psycopg.errors import DeadlockDetected, LockNotAvailable, SerializationFailure

from hub.store import StaleError, StoreError

_STALE = (DeadlockDetected, LockNotAvailable, SerializationFailure)
_CONNECT_S, _ALIVE_S, _SILENT_MS = 10, 5, 15_000
# A worker that hangs in the middle of a transaction must not hold up the others for long.
_PATIENCE = "set lock_timeout = '5s'; set idle_in_transaction_session_timeout = '15s'"

Rows = list[tuple[Any, ...]]
Order = tuple[LiteralString, Sequence[Any]]
"""A statement and its words."""


class Connection:
    """One thread's connection; opened again at the next use when the server was away.

    begun(connection): called for each new connection. Raises StoreError, or StaleError when
    somebody else's transaction stood in the way.
    """

    def __init__(
        self, url: str, begun: Callable[[psycopg.Connection], None] = lambda _: None
    ) -> None:
        self._url, self._begun = url, begun
        self._connection: psycopg.Connection | None = None
        with self._told():
            self._there()

    def ask(self, order: LiteralString, words: Sequence[Any] = ()) -> Rows:
        """What a statement answers, alone and committed; one that may be asked twice."""
        with self._told():
            try:
                return _rows(self._there().execute(order, words, binary=True))
            except psycopg.OperationalError:
                if self._connection is None or not self._connection.closed:
                    raise
            return _rows(self._there().execute(order, words, binary=True))

    @contextlib.contextmanager
    def transaction(self) -> Iterator["Together"]:
        """All of it is kept at the end, or nothing."""
        with self._told():
            connection = self._there()
            with connection.transaction():
                yield Together(connection)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _there(self) -> psycopg.Connection:
        if self._connection is None or self._connection.closed:
            made = psycopg.connect(
                self._url,
                autocommit=True,
                connect_timeout=_CONNECT_S,
                tcp_user_timeout=_SILENT_MS,
                keepalives_idle=_ALIVE_S,  # its machine may go while we wait for an answer
                keepalives_interval=_ALIVE_S,
                keepalives_count=2,
            )
            try:
                made.execute(_PATIENCE)
                self._begun(made)
            except BaseException:
                made.close()
                raise
            self._connection = made
        return self._connection

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except _STALE as error:
            raise StaleError("another hub worker is writing the same") from error
        except psycopg.Error as error:
            raise StoreError(f"PostgreSQL: {str(error).strip() or type(error).__name__}") from error


class Together:
    """A transaction: statements that do not wait for each other go in one round trip."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def ask(self, *orders: Order) -> list[Rows]:
        """What each of (statement, words) answers."""
        with self._connection.pipeline():
            cursors = [
                self._connection.execute(order, words, binary=True) for order, words in orders
            ]
        return [_rows(cursor) for cursor in cursors]


def _rows(cursor: psycopg.Cursor[Any]) -> Rows:
    return cursor.fetchall() if cursor.description else []
