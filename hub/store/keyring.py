"""The data keys of the store: one for each customer, one for the hub; destroyed, all is unreadable.

    keyring = Keyring(Path("rapport-data/keys"), master)
    sealed = keyring.seal("customer/c-7f3a", b"...", b"what this is")
    keyring.destroy("customer/c-7f3a")        # and no copy of `sealed` is ever opened again

They lie in a folder of their own, which is no part of a backup of the data, each wrapped (AES-GCM,
NIST SP 800-38D, as is what they seal) by a master key that lies elsewhere again:

    log      what slot belongs to whom, and who was erased: append and sync only; sealed, too
    slots    64 bytes a key, never used twice; overwritten when the key is destroyed

A key is named by 8 bytes: 4 of this keyring and the number of its slot. What was sealed by a key
that was destroyed is thus told from what was sealed by a foreign one.
"""

import contextlib
import os
import struct
import sys
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub import durable
from hub.store import StoreError
from hub.store.wal import Log, rewrite

KEY_BYTES = 32
OVERHEAD = 8 + 12 + 16  # bytes that sealing adds: name of the key, nonce, tag

_SLOT_BYTES = 64  # a key of 32, its nonce and tag, and 4 to spare
_WRAPPED_BYTES = 12 + KEY_BYTES + 16
_MOST_OPEN = 1024  # keys held unwrapped: of all whose vaults are open or to be settled
_BEGUN, _MADE, _DESTROYED = b"R", b"k", b"d"
_PLAIN = {b"K": _MADE, b"D": _DESTROYED}  # as logs had them whose names were not sealed yet
_CHECK = b"rapport keyring"
_NAME = struct.Struct(">4sI")


class ErasedError(Exception):
    """It was sealed by a key that was destroyed: as if it were not there."""


class Keyring:
    """Raises StoreError when the folder is damaged, or the master key is not the one it is for."""

    def __init__(self, folder: Path, master: bytes) -> None:
        self._folder, self._master = folder, AESGCM(master)
        self._slots = bytearray()  # as the file: 64 bytes a customer save a wait for the disk
        self._slots_of: dict[str, int] = {}
        self._erased: dict[int, str] = {}
        self._to_wipe: list[int] = []
        self._open: OrderedDict[int, AESGCM] = OrderedDict()
        self._count = 0
        try:
            durable.make_folder(folder)
            self._log = Log(folder / "log")
            with contextlib.ExitStack() as undo:
                undo.callback(self._log.close)
                self._handle = os.open(folder / "slots", durable.UPDATE, 0o600)
                undo.callback(os.close, self._handle)
                durable.sync_folder(folder)
                self._slots = bytearray((folder / "slots").read_bytes())
                self._start()
                undo.pop_all()
        except OSError as error:
            raise StoreError(f"cannot open the keys in {folder}: {error}") from error

    def has(self, name: str) -> bool:
        return name in self._slots_of

    def erased(self) -> set[str]:
        """Whose keys were destroyed, and who have no other."""
        return set(self._erased.values()) - self._slots_of.keys()

    def ensure(self, names: Iterable[str]) -> None:
        """Make keys for those who have none; durable when it returns. Raises StoreError."""
        new = [name for name in dict.fromkeys(names) if name not in self._slots_of]
        if not new:
            return
        first = self._count
        keys = b"".join(self._wrap(first + at) for at in range(len(new)))
        try:
            durable.write_all(self._handle, keys, first * _SLOT_BYTES)
            os.fsync(self._handle)
        except OSError as error:
            raise StoreError(f"cannot write the keys in {self._folder}: {error}") from error
        self._slots[first * _SLOT_BYTES :] = keys
        self._log.append(self._record(_MADE, "\n".join(new)))
        self._take_in(_MADE, "\n".join(new))

    def destroy(self, name: str) -> None:
        """For good. Durable when it returns; said again, it finishes what failed before."""
        if name in self._slots_of:
            self._log.append(self._record(_DESTROYED, name))
            self._take_in(_DESTROYED, name)
        try:
            self._wipe()
        except OSError as error:
            raise StoreError(f"cannot overwrite a key in {self._folder}: {error}") from error

    def seal(self, name: str, plain: bytes, what: bytes) -> bytes:
        """Sealed by the key of `name`, which has one; only unsealed as the same `what`."""
        slot, nonce = self._slots_of[name], os.urandom(12)
        return self._key_name(slot) + nonce + self._key(slot).encrypt(nonce, plain, what)

    def unseal(self, sealed: bytes, what: bytes) -> bytes:
        """What was sealed. Raises ErasedError, or StoreError for what is not of these keys."""
        if len(sealed) < OVERHEAD:
            raise StoreError("it is damaged: restore a backup")
        ring, slot = _NAME.unpack_from(sealed)
        if slot in self._erased and ring == self._ring:
            raise ErasedError
        if ring != self._ring or slot >= self._count:
            raise StoreError(f"{self._folder} is not the folder of its keys: put that back")
        try:
            return self._key(slot).decrypt(sealed[8:20], sealed[20:], what)
        except InvalidTag:
            raise StoreError("it is damaged, or was tampered with: restore a backup") from None

    def close(self) -> None:
        self._log.close()
        os.close(self._handle)

    # Below: how

    def _start(self) -> None:
        bodies = self._log.bodies()
        begun = next(bodies, None)
        if begun is None:
            begun = self._begin()
        self._ring = begun[1:5]
        try:
            self._master.decrypt(begun[5:17], begun[17:], _CHECK + begun[:5])
        except InvalidTag:
            raise StoreError(
                f"the master key is not the one of {self._folder}: put back the file `master` that"
                " belongs there, or set RAPPORT_MASTER_KEY to it"
            ) from None
        records = [self._read_record(body) for body in bodies]
        for kind, names in records:
            self._take_in(_PLAIN.get(kind, kind), names)
        if any(kind in _PLAIN for kind, _ in records):
            self._seal_names(begun, records)
        self._to_wipe = [slot for slot in self._erased if any(self._wrapped(slot))]
        self._wipe()

    def _record(self, kind: bytes, names: str) -> bytes:
        """A body of the log: whoever has only this folder reads no name in it."""
        nonce = os.urandom(12)
        return kind + nonce + self._master.encrypt(nonce, names.encode(), kind + self._ring)

    def _read_record(self, body: bytes) -> tuple[bytes, str]:
        kind = body[:1]
        if kind in _PLAIN:
            return kind, body[1:].decode()
        return kind, self._master.decrypt(body[1:13], body[13:], kind + self._ring).decode()

    def _seal_names(self, begun: bytes, records: list[tuple[bytes, str]]) -> None:
        """Write the log of an earlier version anew."""
        sealed = [self._record(_PLAIN.get(kind, kind), names) for kind, names in records]
        self._log.close()
        rewrite(self._folder / "log", [begun, *sealed])
        self._log = Log(self._folder / "log")

    def _begin(self) -> bytes:
        head, nonce = _BEGUN + os.urandom(4), os.urandom(12)
        begun = head + nonce + self._master.encrypt(nonce, b"", _CHECK + head)
        self._log.append(begun)
        return begun

    def _take_in(self, kind: bytes, names: str) -> None:
        if kind == _DESTROYED:
            slot = self._slots_of.pop(names)
            self._erased[slot] = names
            self._open.pop(slot, None)
            self._to_wipe.append(slot)
            return
        for name in names.split("\n"):
            self._slots_of[sys.intern(name)] = self._count
            self._count += 1

    def _wipe(self) -> None:
        for slot in self._to_wipe:
            at = slot * _SLOT_BYTES
            durable.write_all(self._handle, bytes(_SLOT_BYTES), at)
            self._slots[at : at + _SLOT_BYTES] = bytes(_SLOT_BYTES)
        if self._to_wipe:
            os.fsync(self._handle)
            self._to_wipe.clear()

    def _wrap(self, slot: int) -> bytes:
        """A new key, as its slot has it."""
        nonce, key = os.urandom(12), os.urandom(KEY_BYTES)
        wrapped = self._master.encrypt(nonce, key, self._key_name(slot))
        return (nonce + wrapped).ljust(_SLOT_BYTES, b"\0")

    def _key(self, slot: int) -> AESGCM:
        key = self._open.get(slot)
        if key is None:
            wrapped = self._wrapped(slot)
            nonce, rest = wrapped[:12], wrapped[12:_WRAPPED_BYTES]
            try:
                key = AESGCM(self._master.decrypt(nonce, rest, self._key_name(slot)))
            except InvalidTag:
                raise StoreError(
                    f"key {slot} in {self._folder} is damaged: put back a copy of that folder"
                ) from None
            self._open[slot] = key
            if len(self._open) > _MOST_OPEN:
                self._open.popitem(last=False)
        else:
            self._open.move_to_end(slot)
        return key

    def _wrapped(self, slot: int) -> bytes:
        at = slot * _SLOT_BYTES
        return bytes(self._slots[at : at + _SLOT_BYTES])

    def _key_name(self, slot: int) -> bytes:
        return _NAME.pack(self._ring, slot)
