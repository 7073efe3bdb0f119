"""A device and its hub in one process, which lose sight of each other and meet again.

The device is the real firmware's runtime on this interpreter, with its journal and memory in a
folder; the hub its real cores. Between them, and around them, there is only time.
"""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from hub.ingest import Ingest
from hub.link import Message
from hub.office import Office
from hub.profiles import Profiles
from hub.store.memory import MemoryStore
from protocol import presence, topics
from protocol.product import read_product
from protocol.registers import HAND, Entry
from tools.bench.host import lent_runtime, ticks
from tools.measure.episode import APP, CUT, PHONE, START_MS, Act, Episode

NAME, SETTING = "lamp-1", "brightness"
LAMP = read_product(
    {
        "product": "lamp",
        "settings": [{"kind": "number", "name": SETTING, "low": 0, "high": 100, "start": 60}],
    }
)
_SETTLE_MS, _LEAVE_MS, _TALK_MS = 2_000, 200_000, 6_000
_MOST_EXCHANGES = 40


class _Driver:
    hands: tuple[()] = ()

    def __init__(self, act: object) -> None: ...

    def apply(self, codes: list[int]) -> None: ...

    def on(self) -> bool:
        return False


class Apart:
    """play(episode) plays one, of a new person each time, up to where both have met again."""

    def __init__(self, folder: Path, random: Any) -> None:
        self.now_ms, self._folder, self._online = START_MS, folder, True
        self._random = random
        self._radio = SimpleNamespace(table={}, seeking=False)
        self._up: list[Message] = []
        self._down: list[Message] = []
        store = MemoryStore()
        made = {LAMP.name: LAMP}
        self._profiles = Profiles(Office(store, made, lambda: self.now_ms, random, say=self._say))
        self._ingest = Ingest(store, self._profiles, lambda: self.now_ms)
        self._profiles.register(NAME, LAMP.name)
        folder.mkdir(parents=True)
        self._start()

    def play(self, episode: Episode) -> tuple[int, bool]:
        """(the value that stands at both, whether people are shown that there was another)."""
        shift_ms = self.now_ms - START_MS
        customer = self._profiles.welcome("Ana")
        self._profiles.link(customer, NAME)
        self._meet()
        self._online = False
        for act in episode.acts:
            self._until(act.at_ms + shift_ms)
            self._act(customer, act)
        self._until(episode.end_ms + shift_ms)
        self._online = True
        self._meet()
        stands = self._stands(customer)
        self._profiles.forget(customer)
        self._meet()
        return stands

    def close(self) -> None:
        self._tick.close()
        self._runtime.journal.close()

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> bool:
        if self._online:
            self._up.append(Message(NAME, topics.parse(topic)[2], payload))
        return self._online

    def _act(self, customer: str, act: Act) -> None:
        if act.what == CUT:
            self.close()
            self._start()
        elif act.what == APP:
            self._profiles.wish(customer, LAMP.name, SETTING, act.value, "Ana", own=True)
        elif act.what == PHONE:
            self._show_phone(customer)
        else:
            for _ in range(3):
                self._runtime.heard(self._subject(customer), -50)
            self._runtime.set(0, act.value)
            self._until(self.now_ms + _SETTLE_MS)

    def _show_phone(self, customer: str) -> None:
        if self._radio.seeking:
            secret = self._profiles.credential(customer)
            now_s = self.now_ms // 1000
            key = presence.period_key(bytes.fromhex(secret["master"]), presence.period(now_s))
            self._runtime.sought(presence.identifier(key, secret["rotation"], now_s)[0])

    def _stands(self, customer: str) -> tuple[int, bool]:
        known = self._runtime.people.known(self._subject(customer))
        word: Entry | None = known.registers.entries.get(0)
        about = self._profiles.about(customer)["settings"][0]
        shown = about["conflict"] is not None
        if word is not None and word.value is not None:
            return word.value, shown
        assert word is None or word.author == HAND
        return list(known.rows)[-1].values[0][1], shown

    def _start(self) -> None:
        runtime = lent_runtime(self._random)
        self._runtime = runtime.Runtime(NAME, LAMP, _Driver, str(self._folder))
        self._runtime._link, self._runtime._radio = self, self._radio
        self._tick = self._runtime._tick()
        self._tick.send(None)

    def _until(self, at_ms: int) -> None:
        """Time passes; who has been here leaves in the meantime, if there is time to."""
        for step_ms in (_SETTLE_MS, _LEAVE_MS):
            self._pass(min(step_ms, max(at_ms - self.now_ms, 0)))
        self._pass(max(at_ms - self.now_ms, 0))

    def _pass(self, ms: int) -> None:
        self.now_ms += ms
        ticks.now_ms += ms
        self._tick.send(None)

    def _say(self, device: str, kind: str, payload: bytes) -> None:
        self._down.append(Message(device, kind, payload))

    def _meet(self) -> None:
        self._runtime.joined()
        for _ in range(_MOST_EXCHANGES):
            self._pass(_TALK_MS)
            if not self._exchange() and not self._runtime.journal.waiting():
                return
        raise AssertionError("they never stop talking")

    def _exchange(self) -> int:
        up, self._up = self._up, []
        self._down += [Message(*said) for said in self._ingest.heard(up)]
        down, self._down = self._down, []
        for message in down:
            self._runtime.told(topics.down(NAME, message.kind), message.payload)
        return len(up) + len(down)

    def _subject(self, customer: str) -> bytes:
        secret = self._profiles.credential(customer)
        return bytes.fromhex(secret["devices"][NAME]["subject"])
