"""What people do at simulated lamps: the model that every figure of `rapport fleet` rests on.

Each device has one person. Visits come by chance and independently (a Poisson process): the wait
for the next is exponential, of mean `every_s`. Each person likes one brightness. In one visit of
four a hand changes it (an ADJUSTED event), and what it is changed to is new to the hub; every visit
ends with a VISIT event of all the lamp's settings, after 30 s to an hour. So 1.25 events a visit.
No journal is ever full, and clocks are right.
"""

from random import Random
from typing import NamedTuple

from protocol.events import ADJUSTED, EXACT, HAND, LEARNED, VISIT, Event, encode_event

EVENTS_A_VISIT = 1.25

_BRIGHTNESS, _WARMTH, _COLOUR = 0, 1, 2
_WARMTH_K, _WHITE = 2700, 0xFFFFFF
_SHORTEST_S, _LONGEST_S = 30, 3600


class Person(NamedTuple):
    subject: bytes
    percent: int  # the brightness they like


def person(random: Random, subject: bytes) -> Person:
    return Person(subject, 5 * random.randrange(1, 21))


def wait_s(random: Random, every_s: float) -> float:
    """Until the next visit."""
    return random.expovariate(1 / every_s)


class Visits:
    """The events of a device's visits, one boot long: at(now_ms) gives the next visit's."""

    def __init__(self, random: Random, boot: bytes, person: Person) -> None:
        self.visits = 0
        self._random, self._boot, self._person = random, boot, person
        self._count = 0

    def at(self, now_ms: int) -> list[bytes]:
        """The payloads of one visit, as they stand in a journal; it ends now."""
        self.visits += 1
        percent, events = self._person.percent, []
        if self._random.randrange(4) == 0:
            percent = 5 * self._random.randrange(1, 21)
            body = (_BRIGHTNESS, percent, self._person.percent, LEARNED)
            events.append(self._event(ADJUSTED, now_ms, body))
        source = HAND if events else LEARNED
        values = (
            (_BRIGHTNESS, percent, source, self._person.percent),
            (_WARMTH, _WARMTH_K, LEARNED, _WARMTH_K),
            (_COLOUR, _WHITE, LEARNED, _WHITE),
        )
        seconds = self._random.randrange(_SHORTEST_S, _LONGEST_S)
        daypart = now_ms // 3_600_000 % 24 // 5
        events.append(self._event(VISIT, now_ms, (daypart, seconds, values, ())))
        return events

    def _event(self, kind: int, now_ms: int, body: tuple) -> bytes:
        self._count += 1
        # a visit's own uid is the boot and its number: those of other events begin far above
        number = self.visits if kind == VISIT else self._count + (1 << 20)
        uid = self._boot + number.to_bytes(4, "big")
        stamp = (now_ms, self._count & 0xFFFF)
        event = Event(kind, uid, stamp, EXACT, now_ms & 0xFFFFFF, self._person.subject,
                      self.visits, body)  # fmt: skip
        return encode_event(event)
