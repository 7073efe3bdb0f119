"""Answers the offer of an update: says where this device stands, and brings it into the other slot.

Nothing is written before the signature over the head is checked. The list of files comes first and
has to be what the head names, then file by file what the list names; a file that is there already,
in the other slot after a power cut or in the one that runs, is not fetched. Only when all are there
the other slot is put on trial, by one rename: a power cut leaves the old application or the new.

Loaded for an update only (firmware/updating.py), so it may take some kilobytes.
"""

import asyncio
import gc
import os
import sys
from binascii import hexlify
from hashlib import sha256

from firmware.half import Half
from firmware.updating import slots_module
from protocol import messages, topics
from protocol.errors import ProtocolError
from protocol.rsa import verify
from protocol.update import CHUNK_BYTES, STATES, Fetch, Progress, read_head, read_line

_KEY = "/update.key"  # modulus of the key that updates are signed with; written with the image
_LIST = "files.txt"
_STARTS = 3  # a trial has so many to prove itself
_TRIES, _ANSWER_MS = 4, 5_000  # for a chunk
_FILE_TRIES = 3
_ABSENT, _FULL = 2, 28  # ENOENT, ENOSPC
_LOOK_MS = 10
_STEPS = 10  # how often progress is told
_ALONE_MS = 60_000  # nobody there for so long: a restart is not noticed
_FAREWELL_MS = 1_000  # for what was said last to leave


class RefusedError(Exception):
    """No update for us; `state` as in protocol.update.STATES, the text is why."""

    def __init__(self, why, state="refused"):
        super().__init__(why)
        self.state = state


class Update:
    def __init__(self, act, send):
        """act: the Runtime; send(kind, payload) -> False if the line is down."""
        self._act, self._product, self._updating, self._send = act, act.product, act.updating, send
        self._version = self._at = 0
        self._told = -1
        self._slots = slots_module()
        del sys.modules["slots"]
        self._here = os.getcwd().rstrip("/")
        self._other = "/b" if self._here == "/a" else "/a"
        half = getattr(self._slots, "half", None)  # it may be older than this: no update brings it
        self._code = half and half(self._here[1:])  # what runs, if that is not in files

    async def run(self, payload):
        """Do all that an Offer asks for; True when it is answered for good. OSError: try later."""
        try:
            head = self._checked(messages.decode(topics.OFFER, payload))
            if head is None:
                return True
            if not (self._slots.load()["trial"] and self._listed(head)):
                await self.install(head)
        except RefusedError as error:
            self._say(error.state, str(error))
            return True
        except ProtocolError as error:
            self._say("refused", str(error))
            return True
        except OSError as error:
            if error.errno != _FULL:
                raise
            self._say("failed", "flash is full")
            return True
        self._say("ready")
        await self._restart()

    def _checked(self, offer):
        """The Head of an offer that is for us; None if that is what runs already."""
        head = read_head(offer.head)
        self._version, product = head.version, self._product
        if not verify(_key(), offer.signature, offer.head):
            raise RefusedError("the signature is not right")
        if head.product != product.name:
            raise RefusedError("this is a " + product.name)
        if head.rom != (self._code is not None):
            raise RefusedError("it is for boards with code in " + ("ROM" if head.rom else "files"))
        if head.version == product.version:
            self._say("done")
            return None
        if head.version < product.version:
            raise RefusedError("version %d is newer" % product.version)
        if product.version < head.least:
            raise RefusedError("version %d has to be first" % head.least)
        if self._listed(head) and self._slots.load()["failed"] == self._other[1:]:
            raise RefusedError("", "rolled_back")
        return head

    # Into the other slot

    async def install(self, head):
        """Bring everything into the other slot and put it on trial."""
        self._version = head.version
        if not self._listed(head):
            self._slots.clear(self._here[1:])
            await self._remove(self._other)
            os.mkdir(self._other)
            wanted = hexlify(head.list_sha256).decode()
            await self._fetch_file(_LIST, wanted, head.list_bytes, 0)
        self._at = head.list_bytes
        with open(self._other + "/" + _LIST) as file:
            for line in file:
                self._tell(head)
                await self._bring(*read_line(line))
        if self._at != head.body_bytes:
            raise RefusedError("the list is not of this body", "failed")
        self._slots.try_out(self._here[1:], self._other[1:], _STARTS)

    def _listed(self, head):
        """True if the list in the other slot is the one that the head names."""
        return self._has(self._other, _LIST, hexlify(head.list_sha256).decode(), head.list_bytes)

    async def _bring(self, wanted, size, path):
        at = self._at
        self._at += size
        await self._quiet()
        if self._has(self._other, path, wanted, size):
            return
        if not self._has(self._here, path, wanted, size):
            return await self._fetch_file(path, wanted, size, at)
        with self._new(path) as new:
            for piece in self._pieces(path, size):
                new.write(piece)
                await asyncio.sleep_ms(0)

    def _has(self, folder, path, wanted, size):
        try:
            if self._code is None:
                return self._slots.digest(folder + "/" + path) == wanted
            return self._slots.stored(folder, path, size) == wanted
        except OSError:
            return False

    def _pieces(self, path, size):
        """A file of the slot that runs."""
        if self._code is not None and path == self._slots.ROM:
            for start in range(0, size, CHUNK_BYTES):
                yield bytes(self._code[start : min(start + CHUNK_BYTES, size)])
            return
        piece = bytearray(CHUNK_BYTES)
        with open(self._here + "/" + path, "rb") as file:
            while True:
                count = file.readinto(piece)
                if not count:
                    return
                yield memoryview(piece)[:count]

    def _new(self, path):
        """What a file of the other slot is written into."""
        if self._code is not None and path == self._slots.ROM:
            return Half(self._other[1:])
        _make_folders(self._other + "/" + path)
        return open(self._other + "/" + path, "wb")

    async def _fetch_file(self, path, wanted, size, at):
        for _ in range(_FILE_TRIES):
            digest = sha256()
            with self._new(path) as file:
                for start in range(0, size, CHUNK_BYTES):
                    data = await self.fetch(at + start, min(CHUNK_BYTES, size - start))
                    digest.update(data)
                    file.write(data)
            gc.collect()
            if hexlify(digest.digest()).decode() == wanted:
                return
        raise RefusedError("not as signed: " + path, "failed")

    async def _remove(self, path):
        """A file, or a folder with all that is in it; nothing there is no error."""
        await self._quiet()
        try:
            names = os.listdir(path)
        except OSError:
            names = None
        for name in names or ():
            await self._remove(path + "/" + name)
        try:
            if names is None:
                os.remove(path)
            else:
                os.rmdir(path)
        except OSError as error:
            if error.errno != _ABSENT:
                raise

    async def _quiet(self):
        """Flash is busy for a moment: never while a hand is on the device."""
        await asyncio.sleep_ms(0)
        while not self._updating.quiet():
            await asyncio.sleep_ms(_LOOK_MS)

    # With the hub

    async def fetch(self, at, count):
        """Some bytes of the body; OSError if the hub does not answer."""
        ask = messages.encode(Fetch(self._version, at, count))
        for _ in range(_TRIES):
            await self._quiet()
            self._updating.chunk = None
            self._send(topics.FETCH, ask)
            for _ in range(_ANSWER_MS // _LOOK_MS):
                await asyncio.sleep_ms(_LOOK_MS)
                data = self._answer(at, count)
                if data:
                    return data
        raise OSError("no answer to a fetch")

    def _answer(self, at, count):
        payload, self._updating.chunk = self._updating.chunk, None
        if payload is None:
            return None
        chunk = messages.decode(topics.CHUNK, payload)
        if chunk.version == self._version and not chunk.data:
            raise RefusedError("by the hub", "stopped")
        if (chunk.version, chunk.at, len(chunk.data)) != (self._version, at, count):
            return None  # an answer to something asked before
        return chunk.data

    def _tell(self, head):
        step = self._at * _STEPS // max(1, head.body_bytes)
        if step != self._told:
            self._told = step
            self._say("fetching")

    def _say(self, state, why=""):
        print("update: version %d %s %s" % (self._version, state, why))
        progress = Progress(self._version, STATES.index(state), self._at, why[:64])
        self._send(topics.PROGRESS, messages.encode(progress))

    async def _restart(self):
        """When nobody is there."""
        act = self._act
        while act.companion.subject is not None or act.uptime_ms() - act.touched_ms < _ALONE_MS:
            await asyncio.sleep_ms(1_000)
        self._say("trial")
        await asyncio.sleep_ms(_FAREWELL_MS)
        from machine import reset

        reset()


def _key():
    try:
        with open(_KEY, "rb") as file:
            return file.read()
    except OSError:
        raise RefusedError("this image has no key for updates")


def _make_folders(path):
    at = path.find("/", 1)
    while at > 0:
        try:
            os.mkdir(path[:at])
        except OSError:
            pass  # it is there
        at = path.find("/", at + 1)
