"""Where the hub keeps its documents: the port, its errors, and what all adapters agree on."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, Protocol

import orjson

Document = dict[str, Any]

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*")
_LONGEST_NAME = 120


class StoreError(Exception):
    """The store cannot be opened or cannot write; nothing of the failed commit is in it."""


class StaleError(StoreError):
    """Another process has changed what was read since: nothing was kept. Read again, and decide."""


class Put(NamedTuple):
    """One document to keep at vault/table/key, in place of what is there; None removes it."""

    vault: str
    table: str
    key: str
    document: Document | None


Seen = Callable[[Put, Document | None], None]


class Act(Protocol):
    """What one act reads and then keeps, by one commit: hub/draft.py makes one for each.

    Raises StaleError at the commit when anything that it read was changed by another process.
    """

    def ahead(self, vaults: Iterable[str]) -> None:
        """All of these will be read: a store that is far away has them come at once."""
        ...

    def get(self, vault: str, table: str, key: str) -> Document | None: ...
    def all(self, vault: str, table: str) -> dict[str, Document]: ...
    def commit(self, puts: Sequence[Put]) -> None: ...


class Store(Act, Protocol):
    """Documents by vault, table and key. A vault is what is opened and dropped together.

    Vault names are like "hub" or "customer/c-7f3a": lower case, digits, `.`, `_` and `-`, in
    segments that begin with a letter or digit; any other raises ValueError. Tables and keys are any
    text. A vault is there while it holds a document.

    Documents are JSON: whatever else is in one raises TypeError and nothing is committed. The
    caller owns what it hands in and is handed out; changing it changes nothing in the store.

    A commit costs about the same however many vaults there are; it grows with the sizes of those it
    touches. Many puts in one commit cost little more than one: a batch is one wait for the disk.

    A store on a disk seals what it keeps. The vaults `customer/...` each have a key of their own,
    and so has, in the vaults `directory/...`, the document at the table `customer` and the key
    `c-7f3a`: that of the vault `customer/c-7f3a`. When that vault is dropped the key is destroyed,
    and neither is ever read again, from whatever copy or backup of the store.

    One thread owns a store. A closed store is not used again.
    """

    def get(self, vault: str, table: str, key: str) -> Document | None: ...

    def all(self, vault: str, table: str) -> dict[str, Document]:
        """Every document of a table by key, in the order of the keys; empty when there is none."""
        ...

    def vaults(self, prefix: str = "") -> list[str]:
        """The names of the vaults that begin with `prefix`, in order."""
        ...

    def commit(self, puts: Sequence[Put]) -> None:
        """Keep all of `puts`, in their order, or none of them. Durable when it returns.

        Raises StoreError when it cannot be made durable; the store is then as it was.
        """
        ...

    def act(self) -> Act:
        """To read and commit by; the store itself, where one process owns it."""
        ...

    def drop(self, vault: str) -> None:
        """Remove a whole vault, for good, when there is one. Durable when it returns.

        Remove what `directory/...` says of it in a commit before. Raises StoreError; called again,
        it goes on.
        """
        ...

    def watch(self, prefix: str, seen: Seen) -> None:
        """From now on call seen(put, what was there before) for each put of each commit.

        After the commit is durable, for the vaults that begin with `prefix`. `seen` does not
        write, and changes neither of the two.
        """
        ...

    def close(self) -> None: ...


def check_vault(name: str) -> None:
    """Raise ValueError unless `name` may name a vault, and so become part of a file name."""
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        raise ValueError(f"{name[:200]!r} is not a vault name")


class Watchers:
    """Who watches what; for adapters."""

    def __init__(self) -> None:
        self._all: list[tuple[str, Seen]] = []

    def add(self, prefix: str, seen: Seen) -> None:
        self._all.append((prefix, seen))

    def want(self, vault: str) -> bool:
        return any(vault.startswith(prefix) for prefix, _ in self._all)

    def tell(self, puts: Sequence[Put], before: Sequence[Document | None]) -> None:
        """before: what was there, for each put."""
        for prefix, seen in self._all:
            for put, was in zip(puts, before, strict=True):
                if put.vault.startswith(prefix):
                    seen(put, was)


def check(puts: Sequence[Put]) -> None:
    """Raise ValueError for a bad name, TypeError for what is no document."""
    for put in puts:
        check_vault(put.vault)
        if put.document is not None and not isinstance(put.document, dict):
            raise TypeError(f"a document is a dict, not {type(put.document).__name__}")


def encode(puts: Sequence[Put]) -> bytes:
    """A commit as bytes. Raises ValueError for a bad name and TypeError for what is not JSON."""
    check(puts)
    return orjson.dumps([tuple(put) for put in puts])


def decode(commit: bytes) -> list[Put]:
    """The commit that `encode` made, with documents of its own."""
    return [Put(*put) for put in orjson.loads(commit)]
