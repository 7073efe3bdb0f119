"""Where the cores meet the world: carries out effects, asks for time, keeps every task alive.

One Runtime a boot. What a person does (radio, hands) is handled at once in the task that noticed
it; everything slow (broker, clock) waits its turn and can fail without being missed.
"""

import asyncio
import gc
from binascii import hexlify
from os import urandom
from time import ticks_diff, ticks_ms

from firmware import companion, garbage, recogniser
from firmware.alive import keep_alive
from firmware.effects import Now
from firmware.journal import Journal
from firmware.keeping import Keeper
from firmware.memory import Memory
from firmware.people import People
from firmware.sync import Sync
from firmware.updating import Updating
from firmware.walltime import WallTime
from protocol import topics
from protocol.clock import Clock
from protocol.crypto import sha256
from protocol.errors import ProtocolError
from protocol.events import EXACT
from protocol.fields import read_norms

_TICK_MS, _SETTLE_MS = 500, 1500


class Runtime:
    def __init__(self, device, product, make_driver, folder=""):
        """device: our id; product: protocol.product.Product; make_driver(act) -> driver."""
        self.device, self.product = device, product
        self.memory = Memory(folder + "/memory")
        self._keeper = keeper = Keeper(self)
        self._do, self._load, self._save = keeper.do, keeper.load, keeper.save
        keeper.check()
        self.journal = Journal(folder + "/journal", urandom)
        keeper.recall()
        self.people = People(self.memory)
        floor_ms, offset_minutes = self._load("time", (0, None))
        self.walltime = WallTime(floor_ms, offset_minutes)
        self.clock = Clock(self._load("clock", (0,))[0])
        self.boot = urandom(4)
        totals = self._load("totals", ())
        self.companion = companion.Companion(product, device, self.boot, self.clock, totals)
        self.companion.norms = read_norms(self._load("norms", (0, {}))[1])
        self.recogniser = recogniser.Recogniser(rule=product.people)
        self.recogniser.same = self.people.same
        revision = self._load("revision", (0,))[0]
        self.sync = Sync(self.journal, product, self.boot, self._send, revision, self.people)
        self.pairwise = sha256(b"rapport/1 device", device.encode())[:8]
        self.faults = 0
        self._uptime_ms, self._ticks = 0, ticks_ms()
        self.touched_ms, self._counted_ms, self._table_ms = 0, 0, None
        self.sessions = 0  # that are open
        self.updating = Updating(self, self._send)
        keeper.attempt(keeper.retake)
        self.driver = make_driver(self)
        for button in [hand for hand in self.driver.hands if hasattr(hand, "held")][:1]:
            button.held = self.held
        self.apply(self.companion.codes)

    async def run(self, link, radio, *others):
        """Serve for ever; others: further coroutine functions to keep alive."""
        self._link, self._radio = link, radio
        tasks = [self._tick, radio.run, link.run] + [hand.run for hand in self.driver.hands]
        await asyncio.gather(*[keep_alive(task, self) for task in tasks + list(others)])

    # What hands may do: the driver calls these

    def turn(self, index, detents):
        self._touched()
        self._do(self.companion.turned(index, detents, self.now()))

    def set(self, index, code):
        self._touched()
        self._do(self.companion.adjusted(index, code, self.now()))

    def accept(self):
        """Take what was offered; False if nothing is."""
        self._touched()
        return self.carry_out(self.companion.accept(self.now()))

    def count(self, index, count):
        self._touched()
        self._do(self.companion.counted(index, count, self.now()))

    def reset(self, index):
        self._do(self.companion.reset(index, self.now()))

    def held(self):
        """The first button was held on: it is not who the device thinks; who is it?"""
        from firmware.choosing import mistaken

        mistaken(self)

    def ask(self, subjects):
        """Ask by light who of them is here, to be answered by a press."""
        from firmware.choosing import choose

        asyncio.create_task(choose(self, subjects))

    # What the radio says

    def heard(self, subject, rssi_dBm):
        """A known person's advert."""
        self.recognised(self.recogniser.heard(subject, rssi_dBm, self.uptime_ms()))

    def sought(self, identifier):
        """An advert nobody can place yet, while the time is unknown: perhaps it tells the time."""
        found = self.people.seek(identifier, self.walltime.floor_ms // 1000)
        if found:
            self.walltime.provisional(found[1] * 1000, self.uptime_ms())
            self._anchor()
            self.renew_table()

    # What the broker says

    def joined(self):
        self._link.publish(topics.up(self.device, topics.ONLINE), b"1", True)
        self.sync.joined(self.uptime_ms())

    def told(self, topic, payload):
        """A message from the hub."""
        try:
            _, way, kind = topics.parse(topic)
        except ProtocolError:
            return
        if way != "down":
            return
        if kind in topics.UPDATE_KINDS:
            return self.updating.told(kind, payload)
        try:
            self._take(kind, payload)
        except OSError as error:
            self._keeper.not_kept(error)
            raise  # the link ends, and what was told comes again

    def _take(self, kind, payload):
        message = self.sync.heard(kind, payload, self.uptime_ms())
        if message is None:
            return
        if kind == topics.WELCOME:
            self._set_time(message)
        elif kind == topics.PERSON:
            self._told(message)
        elif kind == topics.DEFAULTS:
            self._save("norms", message)
            self.companion.norms = message.norms
        else:
            self._forget(message)

    # Below: how

    def uptime_ms(self):
        """Milliseconds since boot; ticks wrap after days, this does not."""
        ticks = ticks_ms()
        self._uptime_ms += ticks_diff(ticks, self._ticks)
        self._ticks = ticks
        return self._uptime_ms

    def now(self):
        uptime_ms = self.uptime_ms()
        time = self.walltime
        return Now(uptime_ms, time.ms(uptime_ms), time.trust, time.daypart(uptime_ms))

    def apply(self, codes):
        codes = [s.fit(code) for s, code in zip(self.product.settings, codes)]
        self.driver.apply(codes)
        print("sets", *codes)

    def _touched(self):
        self.touched_ms = self.uptime_ms()
        self.recognised(self.recogniser.touched(self.touched_ms))

    def recognised(self, changes):
        for change in changes:
            now = self.now()
            if isinstance(change, recogniser.Near):
                known = self.people.known(change.tag)
                garbage.after(self._welcome, change.tag, known, now)
                self.recogniser.usual = known.is_usual(now.daypart)
            elif isinstance(change, recogniser.Sure):
                self._do(self.companion.sure(now))
            elif isinstance(change, recogniser.Away):
                self._do(self.companion.away(now, change.stayed))
            else:
                self.ask(change.tags)
                continue
            # the pairwise id means nothing anywhere else
            print("sees", hexlify(change.tag).decode(), type(change).__name__.lower())

    def _welcome(self, subject, known, now):
        self._do(self.companion.near(subject, known, now))

    async def _tick(self):
        while True:
            now_ms = self.uptime_ms()
            self.recognised(self.recogniser.passed(now_ms))
            if now_ms - self.touched_ms >= _SETTLE_MS:
                self._do(self.companion.settled(self.now()))
            self._count_time(now_ms)
            if self._table_ms is None or now_ms - self._table_ms >= self.people.table_ms:
                self.renew_table()
            self._keeper.attempt(self.sync.wipe)
            self.sync.passed(now_ms)
            self.updating.passed(now_ms)
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

    def renew_table(self):
        """Who may be heard now."""
        uptime_ms = self._table_ms = self.uptime_ms()
        time_s = self.walltime.ms(uptime_ms) // 1000
        self._radio.seeking = not time_s and bool(self.people.subjects)
        exact = self.walltime.trust == EXACT
        if self.product.people == recogniser.OWNER:
            self.recogniser.owner = self.people.owner()
        gc.collect()  # what stays shall not lie amid what is free
        self._radio.table = self.people.table(time_s, exact) if time_s else {}
        gc.collect()

    def _set_time(self, welcome):
        known = self.walltime.trust == EXACT
        self.walltime.exact(welcome.hub_ms, welcome.local_minutes, self.uptime_ms())
        if not known:
            self._anchor()
            self.people.expire(welcome.hub_ms, self.companion.subject)
        self._save("time", (self.walltime.floor_ms, self.walltime.offset_minutes))
        if welcome.own:
            self._keeper.own(welcome.own)
        self.renew_table()

    def _anchor(self):
        """It is known what time it is: what was said in this boot moves to where it belongs."""
        self._do(self.companion.anchored(self.now()))

    def _told(self, message):
        if message.keys is not None and not self.people.holds(message.subject, message.keys.hint):
            self.recognised(self.recogniser.forget(message.subject))
        if message.keys is not None and not self.people.welcome(message.subject, message.keys):
            print("runtime: no room for another person")
        if message.subject in self.people.subjects:
            # whoever is here is known already, and a window is too large to have it twice
            present = message.subject == self.companion.subject
            known = None if present else self.people.known(message.subject)
            anew = known is not None and not known.local
            anew = anew and message.whole == self.journal.chain
            self._do(self.companion.told(message, known, self.now(), anew))
        self.kept(message.revision)
        if message.keys is not None:
            self.renew_table()

    def _forget(self, message):
        from firmware import wipe

        self.sync.wiping = wipe.steps(self, message)
        self.sync.wipe()

    def kept(self, revision):
        self._save("revision", (revision,))
        self.sync.kept(revision)

    # What a session may do

    def knows(self, subject):
        """(what is known of a person, now): for the session they opened."""
        present = subject == self.companion.subject
        known = self.companion.known if present else self.people.known(subject)
        known.norms = self.companion.norms
        return known, self.now()

    def prove(self, subject):
        """Somebody acts in their session, the surest sign of being here; returns now."""
        self.recognised(self.recogniser.proved(subject, self.uptime_ms()))
        now = self.now()
        self._do(self.companion.settled(now))  # kept, and small again, before more happens
        return now

    def carry_out(self, effects):
        """Do what the companion answered; False if that is nothing."""
        self._do(effects)
        return bool(effects)

    def _send(self, kind, payload):
        return self._link.publish(topics.up(self.device, kind), payload)
