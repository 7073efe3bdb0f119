"""What was said to the hub and is safe here, but not folded yet: numbered messages in a log.

    inbox = Inbox(folder, keyring)
    inbox.begin(folded=41)                  # [(42, message), ...] that the last run left
    inbox.add([message, ...])               # durable when it returns; the first one's number
    inbox.done(43)                          # these and all before may go

A frame is sealed by the hub's key. Whoever folds a message keeps its number in the same commit, so
that after a power cut each is folded once. The log is two files at most, and none when all is done.
"""

import logging
import struct
from collections.abc import Callable, Sequence
from pathlib import Path

from hub.store import StoreError
from hub.store.keyring import Keyring
from hub.store.sealed import HUB, seal, unseal
from hub.store.wal import Log

_logger = logging.getLogger(__name__)

_TURN_BYTES = 8 << 20
_WHAT = b"inbox"  # as what its frames are sealed
_FIRST = struct.Struct(">Q")
_LENGTHS = struct.Struct(">BBI")


Said = tuple[str, str, bytes]
"""From which device, of what kind, its payload."""


class Inbox:
    """check_space: raises StoreError while the disk is so full that nothing more may be kept."""

    def __init__(self, folder: Path, keyring: Keyring, check_space: Callable[[], None]) -> None:
        self._keyring, self._check_space = keyring, check_space
        self._keyring.ensure([HUB])
        self._log = Log(folder / "inbox")
        self._next = 1
        self._old_upto = 0  # the last message of the old file

    def begin(self, folded: int) -> list[tuple[int, Said]]:
        """[(number, message)] of all that was not folded. Call it once, first of all."""
        left = [
            (number, said)
            for frame in self._log.bodies()
            for number, said in _numbered(unseal(self._keyring, frame, _WHAT))
        ]
        self._next = max([folded, *(number for number, _ in left)]) + 1
        self._old_upto = self._next - 1
        return [(number, said) for number, said in left if number > folded]

    def add(self, messages: Sequence[Said]) -> int:
        """Raises StoreError, and then none of them is kept."""
        self._check_space()
        first = self._next
        self._log.append(seal(self._keyring, {HUB: _packed(first, messages)}, _WHAT))
        self._next += len(messages)
        return first

    def done(self, upto: int) -> None:
        """What fails here is only logged: what is folded already may stay a while longer."""
        try:
            if self._log.has_old and upto >= self._old_upto:
                self._log.forget_old()
            if self._log.has_old or not self._log.size:
                return
            if upto + 1 >= self._next or self._log.size > _TURN_BYTES:
                self._log.turn()
                self._old_upto = self._next - 1
            if upto >= self._old_upto:
                self._log.forget_old()
        except OSError:
            _logger.exception("the inbox grows on")

    def close(self) -> None:
        self._log.close()


def _packed(first: int, messages: Sequence[Said]) -> bytes:
    out = [_FIRST.pack(first)]
    for device, kind, payload in messages:
        head = device.encode(), kind.encode()
        out += [_LENGTHS.pack(len(head[0]), len(head[1]), len(payload)), *head, payload]
    return b"".join(out)


def _numbered(parts: list[bytes]) -> list[tuple[int, Said]]:
    if len(parts) != 1:
        raise StoreError("the inbox is not of these keys: put the folder of the keys back")
    (body,) = parts
    (number,) = _FIRST.unpack_from(body)
    at, found = _FIRST.size, []
    while at < len(body):
        device, kind, payload = _LENGTHS.unpack_from(body, at)
        at += _LENGTHS.size
        ends = at + device, at + device + kind, at + device + kind + payload
        head = body[at : ends[0]].decode(), body[ends[0] : ends[1]].decode()
        found.append((number, (*head, body[ends[1] : ends[2]])))
        number, at = number + 1, ends[2]
    return found
