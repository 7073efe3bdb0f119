"""Whose choice stands when a person chose on both sides of a broken line, by each rule.

The rules of tools/peers are told only what theirs look at; Rapport's row is its real cores, which
also meet each episode's power cuts. Lost means lost silently: another value stands, and nobody is
shown that there were two.
"""

import hashlib
import io
from contextlib import closing, redirect_stdout
from pathlib import Path
from random import Random

from tools.measure.apart import Apart
from tools.measure.episode import AGREED, APP, HAND, KINDS, Episode, draw
from tools.measure.result import Result, Track, table
from tools.peers import Rule
from tools.peers.arrival import Arrival
from tools.peers.shadow import Shadow
from tools.peers.three_way import ThreeWay
from tools.peers.wall_clock import WallClock

RULES: dict[str, type] = {
    "shadow": Shadow,
    "arrival": Arrival,
    "wall_clock": WallClock,
    "three_way": ThreeWay,
}
OURS = "ours"
USUAL = 500  # episodes of each kind


async def measure(folder: Path, n: int, seed: int, track: Track) -> Result:
    """n episodes of each kind of window."""
    lost = {name: dict.fromkeys(KINDS, 0.0) for name in (*RULES, OURS)}
    flagged = dict.fromkeys(KINDS, 0.0)
    share = 1 / (n or USUAL)
    for at, kind in enumerate(KINDS):
        dice = Random(f"{seed} {kind}")
        with closing(Apart(folder / str(at), _bytes_of(dice))) as apart:
            for _ in track(range(n or USUAL), kind):
                episode = draw(dice, kind)
                for name, rule in RULES.items():
                    lost[name][kind] += share * (_by(rule(AGREED), episode) != episode.newest)
                with redirect_stdout(io.StringIO()):  # what the device says on its console
                    stands, shown = apart.play(episode)
                flagged[kind] += share * (stands != episode.newest and shown)
                lost[OURS][kind] += share * (stands != episode.newest and not shown)
    return _result(lost, flagged)


def _by(rule: Rule, episode: Episode) -> int:
    for act in episode.acts:
        if act.what == HAND:
            rule.at_device(act.value, episode.device_ms(act.at_ms))
        elif act.what == APP:
            rule.from_afar(act.value, act.at_ms)
    return rule.meet()


def _bytes_of(dice: Random):
    return lambda size: hashlib.sha512(dice.randbytes(8)).digest()[:size]


def _result(lost: dict[str, dict[str, float]], flagged: dict[str, float]) -> Result:
    made = table("A person's newest choice, lost silently", "rule", *KINDS, "all")
    for name, shares in (*lost.items(), ("ours, not had but shown", flagged)):
        every = _mean(shares)
        made.add_row(
            name.replace("_", " "), *(f"{share:.1%}" for share in (*shares.values(), every))
        )
    figures = {"lost": {name: _mean(shares) for name, shares in lost.items()}}
    return Result(made, figures | {"flagged": _mean(flagged), "lost_by_kind": lost})


def _mean(shares: dict[str, float]) -> float:
    return sum(shares.values()) / len(shares)
