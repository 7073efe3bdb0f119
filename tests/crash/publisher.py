"""Devices that live on a host: the firmware's own journal, sync and MQTT client, and visits.

Time passes for them ten times as fast, so that nobody waits for the pauses of a patient device.
"""

import asyncio
import base64
import contextlib
import os
import ssl
import time
from pathlib import Path
from typing import Any

from firmware import link as link_
from firmware.journal import Journal
from firmware.link import Link
from firmware.sync import Sync
from hub.link.certificates import Identity
from protocol import topics
from protocol.events import EXACT, VISIT, Event, decode_event, encode_event

_FASTER = 10
_MOST_WAITING = 64  # events in the journal before a device waits for the hub

link_.print = lambda *words: None  # type: ignore[attr-defined] - a line that goes is no news here


async def _sleep_ms(ms: int) -> None:
    await asyncio.sleep(ms / 1000 / _FASTER)


class Publisher:
    """One device; `subject` is who visits it. `accepted`: the visits that its flash has."""

    def __init__(
        self, name: str, product: Any, subject: bytes, folder: Path, port: int, identity: Identity
    ) -> None:
        # here, not above: other tests in this process have a time of their own
        asyncio.sleep_ms = _sleep_ms  # type: ignore[attr-defined]
        self.accepted: dict[bytes, Event] = {}
        self.acks = 0
        self._name, self._subject, self._boot, self._number = name, subject, os.urandom(4), 0
        folder.mkdir(parents=True)
        self.journal = Journal(str(folder / "journal"), os.urandom)
        self.sync = Sync(self.journal, product, self._boot, self._say, 0)
        online = topics.up(name, topics.ONLINE)
        self._link = Link(
            name,
            "127.0.0.1",
            port,
            heard=self._heard,
            joined=self._joined,
            tls=_context(identity, folder),
            will=(online, b"0"),
            subscriptions=(topics.down(name, "#"),),
            keepalive_s=600,
        )
        self._running = asyncio.create_task(self._run())

    def visit(self) -> bool:
        """One more visit is in the journal; False if the device has too much to tell already."""
        if self.journal.waiting() >= _MOST_WAITING:
            return False
        self._number += 1
        uid = self._boot + self._number.to_bytes(4, "big")
        values = ((0, self._number % 21 * 5, 0, 60),)
        body = (2, 1 + self._number % 600, values, ())
        stamp = (time.time_ns() // 1_000_000, self._number & 0xFFFF)
        event = Event(VISIT, uid, stamp, EXACT, _now_ms(), self._subject, self._number, body)
        self.journal.append(encode_event(event))
        self.journal.flush()
        self.accepted[uid] = decode_event(encode_event(event))
        self.sync.passed(_now_ms())
        return True

    @property
    def link(self) -> str:
        """How it stands with its connection."""
        if self._running.done():
            return f"ended: {self._running.exception()!r}"
        return f"{'up' if self._link.up else 'down'}, {self._link.counters}"

    async def close(self) -> None:
        self._running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._running
        self.journal.close()

    async def _run(self) -> None:
        running = asyncio.create_task(self._link.run())
        try:
            while not running.done():
                self.sync.passed(_now_ms())
                await asyncio.sleep(0.05)
            await running
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running

    def _say(self, kind: str, payload: bytes) -> bool:
        return self._link.publish(topics.up(self._name, kind), payload)

    def _joined(self) -> None:
        self._link.publish(topics.up(self._name, topics.ONLINE), b"1", True)
        self.sync.joined(_now_ms())

    def _heard(self, topic: str, payload: bytes) -> None:
        kind = topics.parse(topic)[2]
        self.acks += kind == topics.ACK
        message = self.sync.heard(kind, payload, _now_ms())
        if message is not None and kind != topics.WELCOME:
            self.sync.kept(message.revision)


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000 * _FASTER


def _context(identity: Identity, folder: Path) -> ssl.SSLContext:
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    certificate.write_text(ssl.DER_cert_to_PEM_cert(identity.certificate_der))
    text = base64.encodebytes(identity.key_der).decode()
    key.write_text(f"-----BEGIN PRIVATE KEY-----\n{text}-----END PRIVATE KEY-----\n")
    authority = ssl.DER_cert_to_PEM_cert(identity.ca_der)
    context = ssl.create_default_context(cadata=authority)
    context.load_cert_chain(certificate, key)
    return context
