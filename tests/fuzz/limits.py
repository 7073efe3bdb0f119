"""A device whose people, hub and hands all mean ill: real runtimes, and a driver that keeps count.

Nothing that is said to a Runtime may make an exception leave it, nor the product take a value that
its product.json does not allow. The bounds are worked out here, from the file, not by our schema.
"""

from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

from protocol import cbor, messages, topics
from protocol.messages import Ack, Forget, Keys, Person, Welcome
from protocol.product import read_product
from protocol.registers import Entry
from protocol.window import Row
from tools.bench.host import lent_runtime, ticks

_ACTS = 60
_KINDS = [kind for kind in topics.DOWN_KINDS if kind not in topics.UPDATE_KINDS]
_SUBJECTS = tuple(bytes([n]) * 8 for n in range(1, 20))
_HUB_MS = 1_790_000_000_000
_EDGES = (0, 1, -1, 255, 256, 0xFFFF, 1 << 24, 1 << 29, 1 << 30, 1 << 32, 1 << 62, -(1 << 62))


class Driver:
    """Writes down what is not within the limits; every product is on."""

    def __init__(self, allowed: list[Any]) -> None:
        self.hands: list[Any] = []
        self.applied = 0
        self.outside: list[tuple[int, int]] = []
        self._allowed = allowed

    def apply(self, codes: list[int]) -> None:
        self.applied += 1
        assert len(codes) == len(self._allowed)
        for index, (code, allowed) in enumerate(zip(codes, self._allowed, strict=True)):
            if type(code) is not int or code not in allowed:
                self.outside.append((index, code))

    def on(self) -> bool:
        return True


class Assault:
    def __init__(self, seed: int, folder: Path) -> None:
        self.random, self._folder = Random(seed), folder
        described = _product(self.random)
        self.product = read_product(described)
        self.driver = Driver([_allowed(setting) for setting in described["settings"]])
        self.revision = 0
        self._sent: list[bytes] = []
        self._start()

    def act(self) -> None:
        random = self.random
        act = random.choice(
            (self._hub, self._hub, self._hub, self._broken, self._rubbish, self._hands, self._hands,
             self._radio, self._radio, self._time, self._time, self._restart)
        )  # fmt: skip
        act()

    def close(self) -> None:
        self._tick.close()
        self.runtime.journal.close()

    def _start(self) -> None:
        runtime = lent_runtime(self.random.randbytes)
        make = lambda act: self.driver  # noqa: E731
        self.runtime = runtime.Runtime("unit-1", self.product, make, str(self._folder))
        self.runtime._link = self
        self.runtime._radio = SimpleNamespace(table={}, seeking=False)
        self._tick = self.runtime._tick()
        self.runtime.joined()

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> bool:
        return self.random.random() < 0.9

    def _restart(self) -> None:
        self.close()
        self._start()

    # Who means ill

    def _hub(self) -> None:
        """A message with every field in its place, and no sense in what is in it."""
        kind, message = self.random.choice((self._person, self._forget, self._welcome, self._ack))()
        try:
            payload = messages.encode(message)
        except ValueError:
            return  # larger than any hub could send
        self._sent = [*self._sent[-20:], payload]
        self.runtime.told(topics.down("unit-1", kind), payload)

    def _broken(self) -> None:
        """One that was right, but for a few bytes."""
        if not self._sent:
            return
        payload = bytearray(self.random.choice(self._sent))
        for _ in range(self.random.randrange(1, 4)):
            payload[self.random.randrange(len(payload))] = self.random.randrange(256)
        cut = self.random.randrange(len(payload)) if self.random.random() < 0.2 else len(payload)
        kind = self.random.choice(_KINDS)
        self.runtime.told(topics.down("unit-1", kind), bytes(payload[:cut]))

    def _rubbish(self) -> None:
        random = self.random
        topic = topics.down("unit-1", random.choice((*_KINDS, "gossip", "")))
        if random.random() < 0.3:
            topic = "".join(random.choices("rapot/+#\0ü", k=random.randrange(30)))
        payload = random.randbytes(random.randrange(200))
        if random.random() < 0.5:
            payload = cbor.dumps([1, *[self._any() for _ in range(random.randrange(10))]])
        self.runtime.told(topic, payload)

    def _hands(self) -> None:
        random, index = self.random, self.random.randrange(len(self.product.settings))
        choice = random.randrange(4)
        if choice == 0:
            self.runtime.set(index, self._number())
        elif choice == 1 and self.runtime.people.subjects:
            subject = random.choice(self.runtime.people.subjects)
            act = self.runtime
            act.carry_out(act.companion.said(index, self._number(), act.prove(subject)))
        else:
            self.runtime.turn(index, random.choice((-1000, -3, -1, 1, 3, 1000)))

    def _radio(self) -> None:
        known = self.runtime.people.subjects
        subject = self.random.choice(known) if known else self.random.choice(_SUBJECTS)
        for _ in range(self.random.randrange(1, 5)):
            self.runtime.heard(subject, self.random.randrange(-127, 21))
        self.runtime.sought(self.random.randbytes(8))

    def _time(self) -> None:
        ticks.now_ms += self.random.choice((1, 500, 2_000, 120_000, 1 << 31))
        self._tick.send(None)

    # What they say

    def _person(self) -> tuple[str, Person]:
        random = self.random
        since, self.revision = self.runtime.sync.revision, self.runtime.sync.revision + 1
        subject = random.choice(_SUBJECTS[:3] if random.random() < 0.7 else _SUBJECTS)
        rows = [self._row() for _ in range(random.randrange(6))]
        entries = {random.randrange(16): self._entry() for _ in range(random.randrange(4))}
        periods = [(random.randrange(1 << 24), random.randbytes(16)) for _ in range(3)]
        keys = Keys(
            *(random.randrange(6, 17), periods, bytes(16), bytes(32), random.randrange(1 << 16)),
            random.choice((None, (random.randrange(3), random.randrange(1 << 20)))),
        )
        frozen = sorted({random.randrange(16) for _ in range(random.randrange(3))})
        generation = random.choice((1, 1, 1, 2, 0xFFFFFFFF))
        told = Person(
            *(self.revision, since, subject, generation, keys, rows, entries, frozen),
            *(None, None, None, None),
        )
        return topics.PERSON, told

    def _row(self) -> Row:
        indexes = sorted({self.random.randrange(16) for _ in range(self.random.randrange(5))})
        values = tuple((index, self._number(), self.random.randrange(2)) for index in indexes)
        return Row(self.random.randbytes(8), self._stamp(), self.random.randrange(5), values)

    def _entry(self) -> Entry:
        stamp = (*self._stamp(), self.random.choice(("hub", "unit-1", "", "z" * 64)))
        base = self.random.choice((None, (*self._stamp(), "hub")))
        value = self.random.choice((None, self._number(), self._number()))
        return Entry(stamp, base, value, self.random.choice(("hand", "Sam", "")))

    def _forget(self) -> tuple[str, Forget]:
        since = self.runtime.sync.revision
        return topics.FORGET, Forget(since + 1, since, self.random.choice(_SUBJECTS), 1)

    def _welcome(self) -> tuple[str, Welcome]:
        random, journal = self.random, self.runtime.journal
        boot = random.choice((self.runtime.boot, self.runtime.boot, bytes(4)))
        upto = random.choice((0, journal.next - 1, journal.next, 0xFFFFFFFF))
        minutes = random.choice((None, 0, 720, 1439))
        hub_ms = random.choice((0, _HUB_MS, 1 << 45, 1 << 62))
        stream, chain = journal.stream, random.choice((journal.chain, 0))
        at, packed = (stream, boot, upto, chain, hub_ms, minutes), random.choice((None, 0, 1, 2))
        return topics.WELCOME, Welcome(*at, None, packed)

    def _ack(self) -> tuple[str, Ack]:
        journal = self.runtime.journal
        upto = self.random.choice((0, journal.next - 1, journal.next + 5))
        return topics.ACK, Ack(journal.stream, upto, self.random.choice((journal.chain, 1)))

    def _stamp(self) -> tuple[int, int]:
        return self.random.choice((0, _HUB_MS, _HUB_MS + 1, 1 << 45, 1 << 62)), 0xFFFF

    def _number(self) -> int:
        if self.random.random() < 0.5:
            return self.random.choice(_EDGES)
        return self.random.randrange(-500, 7_000)

    def _any(self, depth: int = 0) -> Any:
        """Anything that CBOR can say."""
        random = self.random
        choice = random.randrange(6 if depth < 3 else 4)
        if choice == 0:
            return random.choice((None, True, False))
        if choice == 1:
            return random.randbytes(random.choice((0, 4, 8, 16, 32)))
        if choice == 2:
            return random.choice(("", "hand", "hub", "ü" * 40))
        if choice == 3:
            return self._number()
        if choice == 4:
            return [self._any(depth + 1) for _ in range(random.randrange(6))]
        return {n: self._any(depth + 1) for n in range(random.randrange(4))}


def _product(random: Random) -> dict[str, Any]:
    low = random.randrange(-1000, 1000)
    number = {"kind": "number", "low": low, "high": low + random.randrange(1, 3000)}
    kinds: list[dict[str, Any]] = [
        number | {"step": random.choice((1, 1, 5, 7)), "cost": random.choice(("cheap", "careful"))},
        {"kind": "choice", "options": ["a", "b", "c"][: random.randrange(1, 4)]},
        {"kind": "switch"},
        {"kind": "colour", "palette": ["#ffffff", "#000000"]},
        {"kind": "time", "step": random.choice((1, 5, 60))},
        {"kind": "number", "low": 85, "high": 96, "cost": "guarded"},
    ]
    settings = random.sample(kinds, random.randrange(1, len(kinds) + 1))
    named = [one | {"name": f"setting_{n}"} for n, one in enumerate(settings)]
    return {"product": "unit", "settings": named, "counters": [{"name": "uses", "timed": True}]}


def _allowed(setting: dict[str, Any]) -> range:
    """The codes that the product can take, from its own description."""
    if setting["kind"] == "number":
        return range(setting["low"], setting["high"] + 1, setting.get("step", 1))
    last = {
        "choice": len(setting.get("options", ())) - 1,
        "switch": 1,
        "colour": 0xFFFFFF,
        "time": 1439,
    }[setting["kind"]]
    return range(0, last + 1, setting.get("step", 1))


def assault(seed: int, folder: Path) -> int:
    """How often the product was set; AssertionError if it was set to what it cannot take."""
    life = Assault(seed, folder)
    try:
        for _ in range(_ACTS):
            life.act()
            assert not life.driver.outside, life.driver.outside
    finally:
        life.close()
        ticks.now_ms = 0
    return life.driver.applied
