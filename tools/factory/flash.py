"""Makes one board a device: look, match, bind, write, verify, read back, test, note it down.

    outcome = await flash(link, work, told=print)

The ledger binds the board's MAC to an id before anything is written, so whatever happens after,
plugging it in again goes on with the same id. A failure is the board's own: it is noted and told.
"""

import asyncio
import contextlib
import hashlib
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tools.factory import batch, faults, nvs
from tools.factory.bundle import Image
from tools.factory.errors import FactoryError
from tools.factory.faults import BoardError, Fault
from tools.factory.identity import Identity
from tools.factory.ledger import Ledger
from tools.factory.loader import ESPTOOL, Found, Link, Loader, Piece

_TEST_S = 120.0
_LONGEST_SAID = 200  # letters of what esptool or a self-test said, kept in the ledger


@dataclass(slots=True)
class Work:
    """What is to be done at every port of a station.

    again: also what the ledger has as done with this very image. test: a command; its environment
    has RAPPORT_PORT and RAPPORT_DEVICE, and an exit code other than 0 fails the board.
    """

    image: Image
    line: Path
    ledger: Ledger
    again: bool = False
    test: Sequence[str] = ()
    command: Sequence[str] = ESPTOOL
    macs: set[str] = field(default_factory=set)
    """At work now."""


class Outcome(NamedTuple):
    """fault None: it is a device. skipped: it was one already, and was left alone."""

    port: str
    mac: str
    device: str
    seconds: float
    fault: Fault | None = None
    said: str = ""
    skipped: bool = False


Told = Callable[[str, int], None]
"""told(what is being done, percent)."""


async def flash(link: Link, work: Work, told: Told = lambda what, percent: None) -> Outcome:
    """What became of the board at this port; it is in the ledger by then."""
    started, attempt = time.monotonic(), _Attempt(link, work, told)
    fault, said = None, ""
    try:
        await attempt.make()
    except BoardError as error:
        fault, said = error.fault, error.said[:_LONGEST_SAID]
    except (FactoryError, KeyError, ValueError) as error:  # a file of this device is damaged
        fault, said = faults.UNKNOWN, str(error)[:_LONGEST_SAID]
    finally:
        work.macs.discard(attempt.mac)
    seconds = round(time.monotonic() - started, 3)
    attempt.note(fault, said, seconds)
    device = work.ledger.book.board(attempt.mac).device
    return Outcome(link.port, attempt.mac, device, seconds, fault, said, attempt.skipped)


class _Attempt:
    def __init__(self, link: Link, work: Work, told: Told) -> None:
        self.mac, self.skipped = "", False
        self._link, self._work, self._told = link, work, told
        self._found: Found | None = None
        self._certificate = b""

    async def make(self) -> None:
        self._told("looking", 0)
        async with Loader(self._link, self._work.command) as loader:
            self._found = found = await loader.board()
            _match(found, self._work.image)
            self._enter(found.mac)
            if self._is_done():
                self.skipped = True
                return await loader.end()
            identity = self._bind()
            await self._write(loader, identity)
            await loader.end()
        await self._test(identity.device)

    def note(self, fault: Fault | None, said: str, seconds: float) -> None:
        """Into the ledger; of a board that was left alone there is nothing to say."""
        about = {"port": self._link.port, "seconds": seconds}
        if self._found:
            about |= {"chip": self._found.chip, "flash_bytes": self._found.flash_bytes}
        if fault and fault is not faults.ASIDE:
            mac = self._found.mac if self._found else ""
            self._work.ledger.failed(mac, fault.name, fault.quarantine, said=said, **about)
        if fault or self.skipped:
            return
        image = self._work.image
        self._work.ledger.done(
            self.mac,
            product=image.product,
            version=image.version,
            image=image_hash(image),
            parts={part.name: part.sha256 for part in image.parts},
            certificate=hashlib.sha256(self._certificate).hexdigest(),
            **about,
        )

    def _enter(self, mac: str) -> None:
        if mac in self._work.macs:
            raise BoardError(faults.TWIN)
        self._work.macs.add(mac)
        self.mac = mac
        if self._work.ledger.book.board(mac).quarantined:
            raise BoardError(faults.ASIDE)

    def _is_done(self) -> bool:
        done = self._work.ledger.book.board(self.mac).done
        return bool(done and done["image"] == image_hash(self._work.image) and not self._work.again)

    def _bind(self) -> Identity:
        """Who this board is from now on; durable."""
        there = batch.by_device(self._work.line)
        product = self._work.image.product
        bound = self._work.ledger.book.devices
        free = (
            device
            for device, one in there.items()
            if device not in bound and one.identity(device).product == product
        )
        device = self._work.ledger.bind(self.mac, free)
        if not device:
            raise BoardError(faults.NO_IDENTITY, f"of product {product}")
        if device not in there:
            raise BoardError(faults.NO_IDENTITY, f"{device}, which this board is, has no file")
        identity = there[device].identity(device)
        if identity.product != product:
            raise BoardError(faults.OTHER_PRODUCT, f"{device} is a {identity.product}")
        self._certificate = identity.certificate
        return identity

    async def _write(self, loader: Loader, identity: Identity) -> None:
        """The image, and who it is: a device that knows that keeps NVS and data as they are."""
        image = self._work.image
        pieces = [Piece(part.name, part.offset, part.file) for part in image.parts]
        was_here = self._work.ledger.book.board(self.mac).done or not identity.is_whole
        if not (was_here and _is(identity, await self._identity(loader))):
            if not identity.is_whole:
                raise BoardError(faults.NO_IDENTITY, f"that of {identity.device} is forgotten here")
            await loader.clear(*image.data)  # nobody's habits of a life before
            partition = nvs.make(identity.blobs(), image.nvs.bytes)
            pieces.append(Piece("identity", image.nvs.offset, partition))
        await loader.write(pieces, self._told)
        self._told("reading back", 100)
        if not _is(identity, await self._identity(loader)):
            raise BoardError(faults.MISREAD)

    async def _identity(self, loader: Loader) -> dict[str, bytes]:
        return nvs.read(await loader.read(*self._work.image.nvs))

    async def _test(self, device: str) -> None:
        if not self._work.test:
            return
        self._told("self-test", 100)
        process = await asyncio.create_subprocess_exec(
            *self._work.test,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=os.environ | {"RAPPORT_PORT": self._link.port, "RAPPORT_DEVICE": device},
        )
        try:
            output, _ = await asyncio.wait_for(process.communicate(), _TEST_S)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            raise BoardError(faults.SELF_TEST, f"no end after {_TEST_S:.0f} s") from None
        if process.returncode:
            last = output.decode(errors="replace").strip().splitlines()[-1:]
            raise BoardError(faults.SELF_TEST, "".join(last))


def image_hash(image: Image) -> str:
    """SHA-256, hex: equal for images that put the same bytes at the same places."""
    places = [[part.offset, part.sha256] for part in image.parts]
    return hashlib.sha256(json.dumps(places).encode()).hexdigest()


def check(image: Image) -> None:
    """FactoryError if no identity could be written beside this image."""
    if image.nvs.bytes < 3 * nvs.PAGE:
        raise FactoryError(f"the image has {image.nvs.bytes} bytes of NVS; three pages are wanted")


def _match(found: Found, image: Image) -> None:
    if found.chip != image.chip:
        raise BoardError(faults.WRONG_CHIP, f"it is an {found.chip}, the image is for {image.chip}")
    if found.flash_bytes != image.flash_bytes:
        sizes = [size >> 10 for size in (found.flash_bytes, image.flash_bytes)]
        raise BoardError(faults.WRONG_SIZE, "{} KB, the image is for {} KB".format(*sizes))


def _is(identity: Identity, blobs: dict[str, bytes]) -> bool:
    """True if what was read back is this device, whole."""
    wanted = identity.blobs()
    if identity.is_whole:
        return all(blobs.get(name) == wanted[name] for name in wanted)  # it may have said more
    return all(blobs.get(name) == wanted[name] for name in ("id", "product", "cert"))
