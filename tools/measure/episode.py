"""Windows in which a device and its hub are apart, and a person chooses on both sides.

What happens in a window is drawn from stated numbers: it lasts ten minutes to three days; a hand
sets the device once or twice, an app asks once or twice, at any time in it; the power may be cut
once, and a board without a clock battery then begins at zero. Who comes to the device brings a
phone, which tells the time to within PHONE_MS, in nine of ten visits.
"""

from random import Random
from typing import NamedTuple

HAND, APP, CUT, PHONE = "hand", "app", "cut", "phone"

START_MS = 1_790_000_000_000
AGREED = 60  # before the window; who sets this again has chosen nothing
PHONE_MS = 512_000  # half a step of a phone's identifier
SLOW_MS = 3_600_000
_SHORTEST_MS, _LONGEST_MS = 600_000, 3 * 86_400_000
_REGAINED = 0.9
_TOUCH_MS = 5_000  # from being recognised to turning the knob


class Act(NamedTuple):
    """What happens at a true time, in ms; value: what is chosen, or by how much a phone errs."""

    at_ms: int
    what: str
    value: int = 0


class Episode(NamedTuple):
    """Acts in order of true time; slow_ms: how far the device's own clock is behind."""

    acts: list[Act]
    end_ms: int
    slow_ms: int

    @property
    def newest(self) -> int:
        """What the person chose last, wherever: what should stand afterwards."""
        return [act.value for act in self.acts if act.what in (HAND, APP)][-1]

    def device_ms(self, at_ms: int) -> int:
        """What a clock without a battery says at the device at a true time."""
        cuts = [act.at_ms for act in self.acts if act.what == CUT and act.at_ms < at_ms]
        return at_ms - cuts[-1] if cuts else at_ms - self.slow_ms


KINDS: tuple[str, ...] = ("clocks are right", "device one hour slow", "power cut, clock lost")


def draw(dice: Random, kind: str) -> Episode:
    """An episode of one of KINDS."""
    length_ms = round(_SHORTEST_MS * (_LONGEST_MS / _SHORTEST_MS) ** dice.random())
    times = sorted(dice.sample(range(1000, length_ms - 1000), 5))
    cut_ms = times.pop(dice.randrange(5)) if kind == KINDS[2] else None
    values = dice.sample([value for value in range(0, 101, 5) if value != AGREED], 4)
    whats = [HAND, APP, *dice.choices((HAND, APP), k=dice.randrange(3))]
    acts = [Act(START_MS + cut_ms, CUT)] if cut_ms is not None else []
    for at_ms, what, value in zip(dice.sample(times, len(whats)), whats, values, strict=False):
        at_ms += START_MS
        acts.append(Act(at_ms, what, value))
        if what == HAND and dice.random() < _REGAINED:
            acts.append(Act(at_ms - _TOUCH_MS, PHONE, dice.randint(-PHONE_MS, PHONE_MS)))
    return Episode(sorted(acts), START_MS + length_ms, SLOW_MS if kind == KINDS[1] else 0)
