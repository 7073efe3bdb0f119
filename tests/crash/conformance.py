"""Random walks of the model, walked by the real journal, sync and hub beside it."""

from pathlib import Path
from random import Random
from typing import Any

from firmware.journal import Journal
from firmware.sync import Sync
from hub.devices.device import Device
from hub.draft import Draft
from hub.link import Message
from hub.link.incoming import Incoming
from protocol import chain, events, topics
from protocol.events import Event, decode_event, encode_event
from tests.crash.model import NEVER, Model, State, Step
from tests.hub.living import LAMP, Hub

_NAME = "lamp-1"
_SEGMENT_BYTES = 20  # less than a record: each has a segment of its own, as in the model
_LATER_MS = 10_000  # then everything is said again


class Pair:
    """A device and a hub; `follow` lets them take the same step as the model."""

    def __init__(self, folder: Path, random: Random) -> None:
        self._folder, self._random = folder, random
        self._hub = Hub()
        self._hub.profiles.register(_NAME, "lamp")
        self._payloads: dict[Any, bytes] = {}  # of each message of the model
        self._streams: dict[int, bytes] = {}
        self._said: list[tuple[str, bytes]] = []
        self._now_ms = self._boot = 0
        self._start()

    def follow(self, before: State, step: Step) -> None:
        self._said.clear()
        self._now_ms += _LATER_MS
        made = step.after.up - before.up
        match step.name:
            case "append":
                self._journal.append(_event(step.after.made))
                self._journal.flush()
            case "hello":
                self._sync.joined(self._now_ms)
                self._sent(made, topics.HELLO)
            case "send":
                self._sync.passed(self._now_ms)
                self._sent(made, topics.EVENTS)
            case "hear":
                self._hear(step)
            case "welcome" | "ack":
                self._sync.heard(step.name, self._payloads[step.message], self._now_ms)
            case "restart":
                self._restart()
            case "rot":
                self._rot()
                self._restart()
        self._streams.setdefault(step.after.stream, self._journal.stream)

    def agrees(self, s: State) -> str:
        """What is not as in this state of the model; "" for nothing."""
        journal, hub = self._journal, Device(Draft(self._hub.store), _NAME)
        held = [_number(payload) for _, kind, payload in journal.records(1) if kind == chain.EVENT]
        there = {
            "events on flash": (held, list(s.chain[s.oldest - 1 :])),
            "next": (journal.next, len(s.chain) + 1),
            "first unacked": (journal.first_unacked, s.first),
            "welcomed": (self._sync.welcomed, s.welcomed),
            "stream": (journal.stream, self._streams[s.stream]),
            "heard": (hub.state["heard"], len(s.seen)),
            "counted": (
                [n for n in range(1, s.made + 1) if not hub.first_time(_uid(n))],
                sorted(s.seen),
            ),
        }
        if s.hub_stream >= 0:
            there["hub's stream"] = hub.state["stream"], self._streams[s.hub_stream].hex()
            there["hub's upto"] = hub.state["upto"], len(s.hub_chain)
        return "; ".join(f"{k}: {r}, in the model {m}" for k, (r, m) in there.items() if r != m)

    def close(self) -> None:
        self._journal.close()

    def _start(self) -> None:
        boot = self._boot.to_bytes(4, "big")
        folder = str(self._folder)
        self._journal = Journal(folder, self._random.randbytes, _SEGMENT_BYTES)
        self._sync = Sync(self._journal, LAMP, boot, self._say, 0)
        self._streams.setdefault(0, self._journal.stream)

    def _restart(self) -> None:
        self._journal.close()
        self._boot += 1
        self._start()

    def _rot(self) -> None:
        newest = sorted(self._folder.glob("*/*"))[-1]
        newest.unlink()

    def _say(self, kind: str, payload: bytes) -> bool:
        message = Incoming().read(topics.up(_NAME, kind), payload)
        assert message, kind
        self._said.append((message.kind, message.payload))
        return True

    def _sent(self, made: Any, kind: str) -> None:
        """What the model put on the line is what the device says now."""
        for message in made:
            (self._payloads[message],) = [said for what, said in self._said if what == kind]

    def _hear(self, step: Step) -> None:
        kind = topics.HELLO if step.message[0] == "hello" else topics.EVENTS
        answers = self._hub.hear(Message(_NAME, kind, self._payloads[step.message]))
        (answer,) = [one for one in answers if one.kind in (topics.WELCOME, topics.ACK)]
        self._payloads[_answer(step)] = answer.payload


def _answer(step: Step) -> Any:
    """What the hub of the model says to a message, whether there was room for it or not."""
    kind, stream, third = step.message[:3]
    s = step.after
    if kind == "hello":
        return "welcome", stream, s.hub_chain, third
    return "ack", stream, s.hub_chain if stream == s.hub_stream else NEVER, 0


def walk(seed: int, folder: Path, events: int, steps: int) -> list[str]:
    """The names of the steps taken; AssertionError where model and program part."""
    random = Random(seed)
    model, taken = Model(events, restarts=3), []
    pair, state = Pair(folder, random), model.start
    try:
        for _ in range(steps):
            possible: dict[str, list[Step]] = {}
            for step in model.steps(state):
                possible.setdefault(step.name, []).append(step)
            if not possible:
                break  # all is told
            name = random.choice(sorted(possible))
            step = random.choice(sorted(possible[name], key=_written))
            pair.follow(state, step)
            taken.append(name)
            state = step.after
            if differs := pair.agrees(state):
                raise AssertionError(f"SEED={seed} after {', '.join(taken)}: {differs}")
    finally:
        pair.close()
    return taken


def _written(step: Step) -> str:
    """An order that does not change between runs, as that of a set does."""
    return repr([sorted(map(repr, part)) if isinstance(part, frozenset) else part
                 for part in step.after])  # fmt: skip


def _event(number: int) -> bytes:
    totals = ((0, number),)
    return encode_event(
        Event(events.TOTALS, _uid(number), (number, 0), events.NO_TIME, 0, None, 0, totals)
    )


def _uid(number: int) -> bytes:
    return b"\0\0\0\0" + number.to_bytes(4, "big")


def _number(payload: bytes) -> int:
    return decode_event(payload).uid[7]
