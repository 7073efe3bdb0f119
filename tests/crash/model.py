"""Every state that the exchange of events can get into: one device, one hub, and all that may fail.

    python -m tests.crash.model 2            # so many events; 3 take minutes

What `firmware/sync.py`, `firmware/journal.py` and `hub/ingest.py` do, as a plain breadth-first
search. Messages are lost, repeated and overtaken; the device restarts; its flash quietly loses the
newest record; the hub dies around its commit. A digest is the very list of events it stands for.
Each of RULES is a part of the protocol; the search without one of them says what it is there for.
"""

import argparse
from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

RULES = {
    "uid": "an event counts once, whatever its number",
    "atomic": "effect, uid and number are one commit",
    "commit first": "what is acknowledged is durable",
    "ack digest": "an ack says which past it means",
    "welcome digest": "so does a welcome",
    "whole digest": "a digest is of everything before, not of the newest record",
    "nonce": "a welcome says which hello it answers",
}
REDUNDANT = ("nonce",)
"""Found to change nothing since acks carry the digest; kept, as it costs nothing."""

_UNDER_WAY = 2  # messages each way
NEVER = (-1,)  # a digest that is of no past

Chain = tuple[int, ...]


class State(NamedTuple):
    made: int = 0  # events so far, numbered from 1
    stream: int = 0
    chain: Chain = ()  # the events of this stream
    oldest: int = 1  # the lowest number on flash: what is below is unlinked
    first: int = 1  # the lowest that is not acknowledged
    welcomed: bool = False
    boot: int = 0
    up: frozenset[Any] = frozenset()  # what is under way to the hub: (kind, stream, ...)
    down: frozenset[Any] = frozenset()
    hub_stream: int = -1
    hub_chain: Chain = ()
    seen: frozenset[int] = frozenset()  # uids
    effects: Chain = ()  # how often each event was counted, by its place
    restarts: int = 0
    deaths: int = 0  # of the hub, half way
    rotten: frozenset[int] = frozenset()  # events that flash lost: at most one


class Step(NamedTuple):
    name: str
    after: State
    message: Any = None  # that arrives


class Model:
    def __init__(self, events: int = 2, without: str = "", restarts: int = 1) -> None:
        """without: one of RULES that is left out."""
        if without and without not in RULES:
            raise ValueError(f"{without!r} is none of {', '.join(RULES)}")
        self._events, self._without, self._restarts = events, without, restarts
        self.start = State(effects=(0,) * events)

    def steps(self, s: State) -> Iterator[Step]:
        """All that may happen next."""
        yield from self._at_device(s)
        for message in s.up:
            yield Step("lost", s._replace(up=s.up - {message}))
            for up in (s.up - {message}, s.up):  # taken off the line, or to come once more
                yield from self._at_hub(s._replace(up=up), message)
        for message in s.down:
            rest = s._replace(down=s.down - {message})
            yield Step("lost", rest)
            yield Step(message[0], self._told(rest, message), message)

    def fault(self, s: State) -> str:
        """What is wrong in a state; "" for nothing."""
        for event in range(1, s.made + 1):
            count = s.effects[event - 1]
            if count > 1:
                return f"event {event} counts {count} times"
            if not count and event not in s.chain[s.first - 1 :] and event not in s.rotten:
                return f"event {event} is lost"
        return ""

    def done(self, s: State) -> bool:
        return s.made == self._events and s.first > len(s.chain)

    # The device

    def _at_device(self, s: State) -> Iterator[Step]:
        if s.made < self._events:
            longer = s._replace(made=s.made + 1, chain=(*s.chain, s.made + 1))
            yield Step("append", _dropped(longer, s.first - 1))
        if len(s.up) < _UNDER_WAY:
            if not s.welcomed:
                yield Step("hello", s._replace(up=s.up | {("hello", s.stream, s.boot)}))
            elif s.first <= len(s.chain):
                batch = ("events", s.stream, s.first, s.chain[s.first - 1 :])
                yield Step("send", s._replace(up=s.up | {batch}))
        if s.restarts < self._restarts:
            yield Step("restart", _restarted(s)._replace(restarts=s.restarts + 1))
        if s.chain and not s.rotten:
            yield Step("rot", _restarted(_rotten(s)))

    def _told(self, s: State, message: Any) -> State:
        kind, stream, chain, boot = message
        if kind == "welcome":
            stale = s.welcomed or (boot != s.boot and self._without != "nonce")
            return s if stale else self._welcomed(s, stream, chain)
        if stream != s.stream or not s.welcomed:
            return s
        upto = _length(chain)
        if upto < s.first - 1:
            return s._replace(welcomed=False)
        if self._means(s, chain) or (self._without == "ack digest" and upto <= len(s.chain)):
            return _dropped(s, upto)
        return _new_stream(s)

    def _welcomed(self, s: State, stream: int, chain: Chain) -> State:
        s, upto = s._replace(welcomed=True), _length(chain)
        if stream != s.stream:
            return s
        if self._without == "welcome digest":
            return _dropped(s, min(upto, len(s.chain)))
        if upto >= s.first - 1 and self._means(s, chain):
            return _dropped(s, upto)
        return _new_stream(s)

    def _means(self, s: State, chain: Chain) -> bool:
        """Is this the digest at a number whose digest the journal still has?"""
        if not s.oldest - 1 <= _length(chain) <= len(s.chain):
            return False
        if self._without == "whole digest":
            return s.chain[: len(chain)][-1:] == chain[-1:]
        return s.chain[: len(chain)] == chain

    # The hub

    def _at_hub(self, s: State, message: Any) -> Iterator[Step]:
        kind, stream = message[:2]
        if kind == "hello":
            after = s if stream == s.hub_stream else s._replace(hub_stream=stream, hub_chain=())
            answer = ("welcome", stream, after.hub_chain, message[2])
            yield Step("hear", _said(after, answer), message)
            return
        if stream != s.hub_stream and message[2] != 1:
            yield Step("hear", _said(s, ("ack", stream, NEVER, 0)), message)
            return
        before = s if stream == s.hub_stream else s._replace(hub_stream=stream, hub_chain=())
        after = self._taken(before, *message[2:])
        answer = ("ack", stream, after.hub_chain, 0)
        yield Step("hear", _said(after, answer), message)
        if s.deaths == 0 and after != s:
            yield from self._half_way(s._replace(deaths=1), after, answer)

    def _taken(self, s: State, first: int, batch: Chain) -> State:
        chain, seen, effects = s.hub_chain, s.seen, list(s.effects)
        for number, event in enumerate(batch, first):
            if number != len(chain) + 1:
                continue
            chain += (event,)
            effects[event - 1] += event not in seen or self._without == "uid"
            seen |= {event}
        return s._replace(hub_chain=chain, seen=seen, effects=tuple(effects))

    def _half_way(self, s: State, after: State, answer: Any) -> Iterator[Step]:
        """The hub dies in the middle of what is no longer one commit."""
        if self._without == "atomic":
            yield Step("die", s._replace(effects=after.effects))
            numbers = {name: getattr(after, name) for name in ("hub_stream", "hub_chain", "seen")}
            yield Step("die", s._replace(**numbers))
        if self._without == "commit first":
            yield Step("die", _said(s, answer))


class Found(NamedTuple):
    """states: how many there are; fault: of the first that is wrong, by `path`; stuck: how many
    cannot reach the end any more."""

    states: int
    fault: str
    path: list[str]
    stuck: int


def search(model: Model) -> Found:
    """Look at every state, the nearest first, up to the first that is wrong."""
    came: dict[State, tuple[State, str] | None] = {model.start: None}
    back: dict[State, list[State]] = {}
    waiting = deque([model.start])
    while waiting:
        state = waiting.popleft()
        for name, after, _ in model.steps(state):
            back.setdefault(after, []).append(state)
            if after in came:
                continue
            came[after] = state, name
            if fault := model.fault(after):
                return Found(len(came), fault, _path(came, after), 0)
            waiting.append(after)
    return Found(len(came), "", [], len(came) - _reaching(model, came, back))


def _path(came: dict[State, tuple[State, str] | None], state: State) -> list[str]:
    path = []
    while step := came[state]:
        state, name = step
        path.append(name)
    return path[::-1]


def _reaching(model: Model, states: Any, back: dict[State, list[State]]) -> int:
    """How many states can still reach one where all is delivered."""
    reaching = {state for state in states if model.done(state)}
    waiting = list(reaching)
    while waiting:
        for before in back.get(waiting.pop(), ()):
            if before not in reaching:
                reaching.add(before)
                waiting.append(before)
    return len(reaching)


# What a device does to its journal


def _length(chain: Chain) -> int:
    return 0 if chain == NEVER else len(chain)


def _dropped(s: State, upto: int) -> State:
    """Unlinked, but for the last record, which knows the next number."""
    oldest = max(s.oldest, min(upto + 1, len(s.chain)))
    return s._replace(first=max(s.first, upto + 1), oldest=oldest)


def _new_stream(s: State) -> State:
    return s._replace(stream=s.stream + 1, chain=s.chain[s.oldest - 1 :], oldest=1, first=1)


def _restarted(s: State) -> State:
    return s._replace(welcomed=False, boot=s.boot + 1, first=s.oldest)


def _rotten(s: State) -> State:
    """The newest record is gone, and nothing says so; with the last one, all numbers are."""
    s = s._replace(chain=s.chain[:-1], rotten=frozenset(s.chain[-1:]))
    return s._replace(chain=(), oldest=1, first=1) if s.oldest > len(s.chain) else s


def _said(s: State, answer: Any) -> State:
    """The answer is under way, if there is room; else it is lost at once."""
    return s._replace(down=s.down | {answer}) if len(s.down) < _UNDER_WAY else s


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("events", nargs="?", type=int, default=2)
    parser.add_argument("--without", default="", choices=["", *RULES])
    told = parser.parse_args()
    print(search(Model(told.events, told.without)))  # noqa: T201
