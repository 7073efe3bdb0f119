"""Whatever happens in whatever order, with whatever lost, repeated or cut: all is told, once."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings as effort
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from hub.errors import UnknownError
from tests.conftest import many
from tests.journeys.home import Home

HOUR_MS = 3_600_000

lamps = st.sampled_from(["lamp-1", "lamp-2"])
names = st.sampled_from(["Ana", "Ben"])
numbers = st.frozensets(st.integers(0, 9), max_size=4)


class AnyOrder(RuleBasedStateMachine):
    @initialize()
    def move_in(self):
        self.folder = Path(tempfile.mkdtemp(prefix="rapport-"))
        self.home = Home(self.folder)
        self.people = {name: self.home.welcome(name) for name in ("Ana", "Ben")}
        self.gone: list[bytes] = []
        self.ended = dict.fromkeys(self.people, 0)
        self.here: dict[str, str] = {}

    def teardown(self):
        if hasattr(self, "folder"):
            try:
                self.all_is_told()
            finally:
                for lamp in self.home.lamps.values():
                    lamp.power_off()
                shutil.rmtree(self.folder)

    @rule(lamp=lamps, name=names)
    def near(self, lamp, name):
        subject = self._subject(name, lamp)
        if subject is None or not self.home.lamps[lamp].knows(subject) or lamp in self.here:
            return
        self.home.lamps[lamp].near(subject)
        if self.home.lamps[lamp].runtime.companion.subject == subject:
            self.here[lamp] = name  # else who was forgotten still stands there, and is nearer

    @rule(lamp=lamps, index=st.integers(0, 2), detents=st.integers(-4, 4))
    def turn(self, lamp, index, detents):
        self.home.lamps[lamp].runtime.turn(index, detents)

    @rule(ms=st.integers(1, 5_000))
    def time_passes(self, ms):
        self.home.pass_ms(ms)

    @rule()
    def everybody_leaves(self):
        next(iter(self.home.lamps.values())).away()
        for name in self.here.values():
            self.ended[name] += 1
        self.here.clear()

    @rule(name=names, value=st.integers(0, 20))
    def wish(self, name, value):
        if name in self.people:
            profiles = self.home.hub.profiles
            profiles.wish(self.people[name], "lamp", "brightness", value * 5, "Sam", "asked")

    @rule(lost=numbers, twice=numbers)
    def talk(self, lost, twice):
        self.home.exchange(lost, twice)

    @rule(which=st.integers(0, 29))
    def something_old_arrives_again(self, which):
        said = self.home.before
        if said:
            message = said[which % len(said)]
            self.home.lamps[message.device].hear(message)

    @rule(lamp=lamps, online=st.booleans())
    def wifi(self, lamp, online):
        device = self.home.lamps[lamp]
        device.online = online
        if online:
            device.runtime.joined()

    @rule(lamp=lamps)
    def power_cut(self, lamp):
        self.here.pop(lamp, None)  # that visit never ends, though what was set in it is kept
        self.home.lamps[lamp].power_on()

    @rule(lamp=lamps, hours=st.integers(1, 48))
    def starts_in_the_dark(self, lamp, hours):
        """Without hub and clock, while elsewhere the time has gone on."""
        self.home.lamps[lamp].online = False
        self.home.hub.now_ms += hours * HOUR_MS
        self.power_cut(lamp)

    @rule(lamp=lamps, code=st.integers(0, 20))
    def a_hand_stands(self, lamp, code):
        """Whatever was wished or set elsewhere before, as far as the lamp had heard of it."""
        if lamp not in self.here:
            return
        subject = self._subject(self.here[lamp], lamp)
        device = self.home.lamps[lamp]
        before = device.runtime.companion.codes[0]
        device.runtime.set(0, code * 5)
        self.home.pass_ms(2_000)
        if device.runtime.companion.subject == subject and before != code * 5:
            assert device.known(subject).registers.value(0) in (None, code * 5)

    @rule()
    def hub_restarts(self):
        self.home.down.clear()
        self.home.hub.start()

    @rule(name=names)
    def forget(self, name):
        if name not in self.people:
            return
        self.gone += [self.home.subject(self.people[name], lamp) for lamp in self.home.lamps]
        self.here = {lamp: who for lamp, who in self.here.items() if who != name}
        self.home.hub.profiles.forget(self.people.pop(name))

    @rule()
    def all_is_told(self):
        self.everybody_leaves()
        self.home.quiet()
        for name, customer in self.people.items():
            use = self.home.hub.profiles.about(customer)["use"]
            assert sum(one["visits"] for one in use) == self.ended[name], name
            self._same_everywhere(customer)
        for lamp in self.home.lamps.values():
            kept = " ".join(lamp.runtime.memory.names())
            for subject in self.gone:
                assert subject.hex() not in kept

    def _same_everywhere(self, customer):
        """Both lamps and the hub would do the same for this person."""
        at_hub = {
            one["setting"]: one["value"]
            for one in self.home.hub.profiles.about(customer)["settings"]
        }
        for lamp in self.home.lamps.values():
            known = lamp.known(self.home.subject(customer, lamp.name))
            said = known.registers.value(0)
            if said is not None:
                assert at_hub["brightness"] == said, lamp.name

    def _subject(self, name, lamp):
        try:
            return self.home.subject(self.people[name], lamp)
        except (KeyError, UnknownError):
            return None


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = effort(
    max_examples=many(150), stateful_step_count=30, deadline=None, print_blob=True
)
