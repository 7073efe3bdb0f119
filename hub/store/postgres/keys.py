"""The data keys, as hub/store/keyring.py has them, in PostgreSQL: the same for all workers.

Each is wrapped by the master key, which is never in the database. Destroyed, only its name is left.
A key is named by 8 random bytes, which are also the first of whatever it sealed.
"""

import os
from collections import OrderedDict
from collections.abc import Iterable
from typing import NamedTuple

import psycopg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.store import StoreError
from hub.store.keyring import KEY_BYTES, ErasedError
from hub.store.postgres.connection import Connection
from hub.store.postgres.schema import migrate

_NAME_BYTES, _NONCE_BYTES, _TAG_BYTES = 8, 12, 16
_MOST_OPEN = 8192
_CHECK = b"rapport keys in postgresql"

_FIND = "select name, key, wrapped from rapport_keys.keys where name = any(%s)"
_MAKE = """
insert into rapport_keys.keys (name, key, wrapped)
select * from unnest(%s::text[], %s::bytea[], %s::bytea[]) as made (name, key, wrapped)
order by name on conflict do nothing"""
_DESTROY = "update rapport_keys.keys set wrapped = null where name = %s and wrapped is not null"
_ERASED = """
select distinct name from rapport_keys.keys as gone where wrapped is null and not exists
(select from rapport_keys.keys as key where key.name = gone.name and wrapped is not null)"""


class _Key(NamedTuple):
    name: bytes
    cipher: AESGCM


class PostgresKeys:
    """Raises StoreError when the master key is not the one that these were wrapped with."""

    def __init__(self, url: str, master: bytes) -> None:
        self._master = AESGCM(master)
        self._open: OrderedDict[str, _Key] = OrderedDict()  # by owner
        self._base = Connection(url, self._begun)

    def close(self) -> None:
        self._base.close()

    def erased(self) -> set[str]:
        """Whose keys were destroyed, and who have no other."""
        return {name for (name,) in self._base.ask(_ERASED)}

    def has(self, owner: str) -> bool:
        """True if there is a key that is not destroyed."""
        self.look_up([owner])
        return owner in self._open

    def ensure(self, owners: Iterable[str]) -> None:
        """Make keys for those who have none; durable when it returns. Raises StoreError."""
        self.look_up(owners)
        new = sorted(set(owners) - self._open.keys())
        if not new:
            return
        names = [os.urandom(_NAME_BYTES) for _ in new]
        wrapped = [self._wrap(name, os.urandom(KEY_BYTES)) for name in names]
        self._base.ask(_MAKE, [new, names, wrapped])
        self.look_up(new)  # another worker may have been first

    def look_up(self, owners: Iterable[str]) -> None:
        """Have the keys of these at hand, as far as there are any."""
        wanted = set(owners) - self._open.keys()
        if not wanted:
            return
        for owner, name, wrapped in self._base.ask(_FIND, [sorted(wanted)]):
            if wrapped is not None:
                self._open[owner] = _Key(name, self._unwrap(name, wrapped))
        while len(self._open) > max(_MOST_OPEN, len(wanted)):
            self._open.popitem(last=False)

    def destroy(self, owner: str) -> None:
        """For good. Durable when it returns."""
        self._base.ask(_DESTROY, [owner])
        self._open.pop(owner, None)

    def seal(self, owner: str, plain: bytes, what: bytes) -> bytes:
        """Sealed by the key of `owner`, which was ensured; only unsealed as the same `what`."""
        key, nonce = self._open[owner], os.urandom(_NONCE_BYTES)
        return key.name + nonce + key.cipher.encrypt(nonce, plain, what)

    def unseal(self, owner: str, sealed: bytes, what: bytes) -> bytes:
        """What was sealed. Raises ErasedError, or StoreError for what is not of these keys."""
        if len(sealed) < _NAME_BYTES + _NONCE_BYTES + _TAG_BYTES:
            raise StoreError(f"a document of {owner} is damaged: restore a backup")
        name, nonce = sealed[:_NAME_BYTES], sealed[_NAME_BYTES:][:_NONCE_BYTES]
        try:
            cipher = self._cipher(owner, name)
            return cipher.decrypt(nonce, sealed[_NAME_BYTES + _NONCE_BYTES :], what)
        except InvalidTag:
            raise StoreError(
                f"a document of {owner} is damaged, or was tampered with: restore a backup"
            ) from None

    def _cipher(self, owner: str, name: bytes) -> AESGCM:
        self.look_up([owner])
        key = self._open.get(owner)
        if key and key.name == name:
            return key.cipher
        for _, known, wrapped in self._base.ask(_FIND, [[owner]]):  # one that is not the newest
            if known == name and wrapped is None:
                raise ErasedError
            if known == name:
                self._open[owner] = _Key(name, self._unwrap(name, wrapped))
                return self._open[owner].cipher
        raise StoreError(f"the key of {owner} is missing: RAPPORT_STORE_KEYS is of another store")

    def _wrap(self, name: bytes, key: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._master.encrypt(nonce, key, name)

    def _unwrap(self, name: bytes, wrapped: bytes) -> AESGCM:
        nonce, rest = wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:]
        try:
            return AESGCM(self._master.decrypt(nonce, rest, name))
        except InvalidTag:
            raise StoreError("a key in rapport_keys is damaged: put back a copy of it") from None

    def _begun(self, base: psycopg.Connection) -> None:
        migrate(base, "rapport_keys")
        base.execute(
            "insert into rapport_keys.ring values (true, %s) on conflict do nothing",
            [self._wrap(_CHECK, b"")],
        )
        row = base.execute("select checked from rapport_keys.ring").fetchone()
        assert row
        try:
            self._master.decrypt(row[0][:_NONCE_BYTES], row[0][_NONCE_BYTES:], _CHECK)
        except InvalidTag:
            raise StoreError(
                "the master key is not the one of these keys: set RAPPORT_MASTER_KEY to that, or"
                " put back the file `master` below the folder keys"
            ) from None
