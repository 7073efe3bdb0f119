"""A commit as PostgreSQL takes it, in a transaction: what is held, and what is written.

Vaults that are written are locked in one order, so that no two workers wait for each other; those
that were only read must stay as they are until the end.
"""

from collections.abc import Mapping, Sequence

from hub.store import StaleError
from hub.store.postgres import orders
from hub.store.postgres.connection import Order, Together

Place = tuple[str, str, str]  # vault, table, key


def lock(together: Together, written: list[str], known: Mapping[str, int]) -> dict[str, int]:
    """{vault: version} of those that will be written and are there.

    known: versions of vaults that were read, 0 for those that were not there. StaleError if one is
    another now.
    """
    read = [name for name in known if name not in written]
    rows, held = together.ask((orders.LOCK, [written]), (orders.HOLD, [read]))
    was: dict[str, int] = dict(rows)
    now = was | dict(held)
    if any(version != now.get(name, 0) for name, version in known.items()):
        raise StaleError("another hub worker has changed what was read")
    return was


def write(
    together: Together, documents: Mapping[Place, bytes | None], version: int, absent: list[str]
) -> None:
    """Documents, sealed; None removes. absent: vaults that must still not be there."""
    written = sorted({place[0] for place in documents})
    put = {place: one for place, one in documents.items() if one is not None}
    gone = [place for place, one in documents.items() if one is None]
    tasks: list[Order] = [(orders.ADVANCE, [version, written, absent])]
    if put:
        tasks.append((orders.WRITE, [*_columns(list(put)), list(put.values())]))
    if gone:
        names = sorted({place[0] for place in gone})
        tasks.append((orders.REMOVE, [*_columns(gone), names]))
        tasks.append((orders.CLEAR, [names]))
    advanced, *_ = together.ask(*tasks)
    if len(advanced) < len(written):
        raise StaleError("another hub worker has written the same")


def _columns(places: Sequence[Place]) -> list[list]:
    return [
        [vault for vault, _, _ in places],
        [table.encode() for _, table, _ in places],
        [key.encode() for _, _, key in places],
    ]
