"""Documents as they are kept: as JSON text, also in memory.

Text takes a quarter of the memory of the dicts that it says; and Python's collector of garbage,
which looks through every dict there is again and again, has nothing to do with it.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import orjson

from hub.store import Document, Put, check

Tables = dict[str, dict[str, bytes]]  # {table: {key: document}}


class Written(NamedTuple):
    """A put whose document is JSON; None removes what is there."""

    vault: str
    table: str
    key: str
    text: bytes | None


def written(puts: Sequence[Put]) -> list[Written]:
    """Raises ValueError for a bad name and TypeError for what is not JSON."""
    check(puts)
    return [
        Written(vault, table, key, None if one is None else orjson.dumps(one))
        for vault, table, key, one in puts
    ]


def document(text: bytes | None) -> Document | None:
    return None if text is None else orjson.loads(text)


def put(one: Written) -> Put:
    return Put(one.vault, one.table, one.key, document(one.text))


def encode(some: Iterable[Written]) -> bytes:
    """As hub.store.encode has the puts that these were."""
    return orjson.dumps(
        [
            (vault, table, key, None if text is None else orjson.Fragment(text))
            for vault, table, key, text in some
        ]
    )


def lines(tables: Tables) -> bytes:
    """What a vault's file says of one owner: {table: [key, ...]}, then a line for each document.

    So that none needs to be parsed before it is wanted: JSON of ours has no line end in it.
    """
    keys = {table: list(texts) for table, texts in tables.items()}
    texts = [text for texts in tables.values() for text in texts.values()]
    return b"\n".join([orjson.dumps(keys), *texts])


def tables(content: bytes) -> Tables:
    """What `lines` made; or {table: {key: document}} in one line, as formats 1 and 2 have it."""
    head, *texts = content.split(b"\n")
    named, text = orjson.loads(head), iter(texts)
    if texts:
        return {table: dict(zip(keys, text, strict=False)) for table, keys in named.items()}
    return {
        table: {key: orjson.dumps(one) for key, one in documents.items()}
        for table, documents in named.items()
    }
