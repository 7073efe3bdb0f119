"""Where the cores meet the world: carries out effects, asks for time, keeps every task alive.

One Runtime a boot. What a person does (radio, hands) is handled at once in the task that noticed
it; everything slow (broker, clock) waits its turn and can fail without being missed.
"""

import asyncio
import gc
from binascii import hexlify
from os import urandom
from time import ticks_diff, ticks_ms

from firmware import companion, recogniser
from firmware.journal import Journal
from firmware.memory import Memory
from firmware.people import People
from firmware.sync import Sync
from firmware.unload import unload
from firmware.walltime import WallTime
from protocol import cbor, topics
from protocol.clock import Clock
from protocol.crypto import sha256
from protocol.errors import ProtocolError

_TICK_MS = 500
_SETTLE_MS = 1500
_TABLE_MS = 240_000  # well within one step of a phone's identifier
_RESTART_MS = 1000


class Runtime:
    def __init__(self, device, product, make_driver, folder=""):
        """device: our id; product: protocol.product.Product; make_driver(act) -> driver."""
        self.device, self.product = device, product
        self.memory = Memory(folder + "/memory")
        self.journal = Journal(folder + "/journal", urandom)
        self.people = People(self.memory)
        floor_ms, offset_minutes = self._load("time", (0, None))
        self.walltime = WallTime(floor_ms, offset_minutes)
        self.clock = Clock(self._load("clock", (0,))[0])
        self.boot = urandom(4)
        totals = self._load("totals", ())
        self.companion = companion.Companion(product, device, self.boot, self.clock, totals)
        self.recogniser = recogniser.Recogniser()
        revision = self._load("revision", (0,))[0]
        self.sync = Sync(self.journal, product, self.boot, self._send, revision)
        self.pairwise = sha256(b"rapport/1 device", device.encode())[:8]
        self.faults = 0
        self.unkept = 0  # effects that flash did not take
        self._uptime_ms, self._ticks = 0, ticks_ms()
        self._touched_ms = self._counted_ms = 0
        self._table_ms = None
        self._unflushed = False
        self._sessions = 0
        self.driver = make_driver(self)
        self._apply(self.companion.codes)

    async def run(self, link, radio, *others):
        """Serve for ever; others: further coroutine functions to keep alive."""
        self._link, self._radio = link, radio
        tasks = [self._tick, radio.run, link.run] + [hand.run for hand in self.driver.hands]
        await asyncio.gather(*[self._supervised(task) for task in tasks + list(others)])

    # What hands may do: the driver calls these

    def turn(self, index, detents):
        self._touched()
        self._do(self.companion.turned(index, detents, self._now()))

    def set(self, index, code):
        self._touched()
        self._do(self.companion.adjusted(index, code, self._now()))

    def count(self, index, count):
        self._touched()
        self._do(self.companion.counted(index, count, self._now()))

    def reset(self, index):
        self._do(self.companion.reset(index, self._now()))

    # What the radio says

    def heard(self, subject, rssi_dBm):
        """A known person's advert."""
        self._recognised(self.recogniser.heard(subject, rssi_dBm, self.uptime_ms()))

    def sought(self, identifier):
        """An advert nobody can place yet, while the time is unknown: perhaps it tells the time."""
        found = self.people.seek(identifier, self.walltime.floor_ms // 1000)
        if found:
            self.walltime.provisional(found[1] * 1000, self.uptime_ms())
            self._renew_table()

    async def session(self, connection):
        """Somebody connected."""
        # loaded for the session only: ten kilobytes that a board mostly has better use for
        gc.collect()
        from firmware.conversation import converse

        self._sessions += 1
        try:
            await converse(connection, self)
        finally:
            self._sessions -= 1
            if not self._sessions:
                unload("firmware.conversation", "protocol.session", "protocol.sentence")

    # What the broker says

    def joined(self):
        self.sync.joined(self.uptime_ms())

    def told(self, topic, payload):
        """A message from the hub."""
        try:
            _, way, kind = topics.parse(topic)
        except ProtocolError:
            return
        if way != "down":
            return
        message = self.sync.heard(kind, payload, self.uptime_ms())
        if message is None:
            return
        if kind == topics.WELCOME:
            self._set_time(message)
        elif kind == topics.PERSON:
            self._told(message)
        else:
            self._forget(message)

    # Below: how

    def uptime_ms(self):
        """Milliseconds since boot; ticks wrap after days, this does not."""
        ticks = ticks_ms()
        self._uptime_ms += ticks_diff(ticks, self._ticks)
        self._ticks = ticks
        return self._uptime_ms

    def _now(self):
        uptime_ms = self.uptime_ms()
        time = self.walltime
        return companion.Now(uptime_ms, time.ms(uptime_ms), time.trust, time.daypart(uptime_ms))

    def _do(self, effects):
        for effect in effects:
            try:
                self._carry_out(effect)
            except OSError as error:
                self._not_kept(error)
        if not self._unflushed:
            return
        self._unflushed = False
        try:
            self.journal.flush()
            self.sync.passed(self.uptime_ms())
        except OSError as error:
            self._not_kept(error)

    def _not_kept(self, error):
        """Flash is full or worn: what hands do still works, and is forgotten with the power."""
        self.unkept += 1
        if self.unkept == 1:
            print("runtime: not kept:", repr(error))

    def _carry_out(self, effect):
        if isinstance(effect, companion.Apply):
            self._apply(effect.codes)
        elif isinstance(effect, companion.Record):
            self.journal.append(effect.payload)
            self._unflushed = True
        elif isinstance(effect, companion.Keep):
            self.people.keep(effect.subject, effect.known)
        elif isinstance(effect, companion.Reserve):
            self._save("clock", (effect.wall_ms,))
            self._save("time", (effect.wall_ms, self.walltime.offset_minutes))
        elif isinstance(effect, companion.Total):
            self._save("totals", effect.totals)

    def _apply(self, codes):
        codes = [s.fit(code) for s, code in zip(self.product.settings, codes)]
        self.driver.apply(codes)
        print("sets", *codes)

    def _touched(self):
        self._touched_ms = self.uptime_ms()
        self._recognised(self.recogniser.touched(self._touched_ms))

    def _recognised(self, changes):
        for change in changes:
            now = self._now()
            if isinstance(change, recogniser.Near):
                known = self.people.known(change.tag)
                self._do(self.companion.near(change.tag, known, now))
                self._report("near", change.tag)
            elif isinstance(change, recogniser.Sure):
                self._do(self.companion.sure(now))
                self._report("sure", change.tag)
            else:
                self._do(self.companion.away(now))
                self._report("away", change.tag)

    def _report(self, what, subject):
        """Say on the console what was noticed; the pairwise id means nothing anywhere else."""
        print("sees", hexlify(subject).decode(), what)

    async def _tick(self):
        while True:
            now_ms = self.uptime_ms()
            self._recognised(self.recogniser.passed(now_ms))
            if now_ms - self._touched_ms >= _SETTLE_MS:
                self._do(self.companion.settled(self._now()))
            self._count_time(now_ms)
            if self._table_ms is None or now_ms - self._table_ms >= _TABLE_MS:
                self._renew_table()
            self.sync.passed(now_ms)
            gc.collect()  # while nothing waits for it
            await asyncio.sleep_ms(_TICK_MS)

    def _count_time(self, now_ms):
        seconds = (now_ms - self._counted_ms) // 1000
        if seconds <= 0:
            return
        self._counted_ms += seconds * 1000
        if self.driver.on():
            for index, counter in enumerate(self.product.counters):
                if counter.timed:
                    self.companion.counted(index, seconds, None)

    def _renew_table(self):
        uptime_ms = self._table_ms = self.uptime_ms()
        time_s = self.walltime.ms(uptime_ms) // 1000
        self._radio.seeking = not time_s and bool(self.people.subjects)
        self._radio.table = self.people.table(time_s) if time_s else {}
        gc.collect()

    def _set_time(self, welcome):
        self.walltime.exact(welcome.hub_ms, welcome.local_minutes, self.uptime_ms())
        self._save("time", (self.walltime.floor_ms, self.walltime.offset_minutes))
        self._renew_table()

    def _told(self, message):
        if message.keys is not None and not self.people.welcome(message.subject, message.keys):
            print("runtime: no room for another person")
        if message.subject in self.people.subjects:
            # whoever is here is known already, and a window is too large to have it twice
            present = message.subject == self.companion.subject
            known = None if present else self.people.known(message.subject)
            self._do(self.companion.told(message, known, self._now()))
        self._kept(message.revision)
        if message.keys is not None:
            self._renew_table()

    def _forget(self, message):
        self.people.forget(message.subject)
        self.recogniser.forget(message.subject)
        self._do(self.companion.forgotten(message.subject, self._now()))
        self._kept(message.revision)
        self._renew_table()

    def _kept(self, revision):
        self._save("revision", (revision,))
        self.sync.kept(revision)

    def knows(self, subject):
        """(what is known of a person, now): for the session they opened."""
        present = subject == self.companion.subject
        return (self.companion.known if present else self.people.known(subject)), self._now()

    def said(self, subject, index, code):
        """A person stated a value in their session, the surest sign of being here."""
        self._recognised(self.recogniser.proved(subject, self.uptime_ms()))
        self._do(self.companion.said(index, code, self._now()))

    def _send(self, kind, payload):
        return self._link.publish(topics.up(self.device, kind), payload)

    def _load(self, name, otherwise) -> tuple:
        data = self.memory.load(name)
        return otherwise if data is None else tuple(cbor.load_list(data, 0))

    def _save(self, name, values):
        self.memory.save(name, cbor.dumps(list(values)))

    async def _supervised(self, task):
        """What fails is said once, counted, and begun again: no fault stops the others."""
        while True:
            try:
                await task()
            except Exception as error:  # noqa: BLE001
                self.faults += 1
                print("runtime: a task failed:", repr(error))
            await asyncio.sleep_ms(_RESTART_MS)
