"""Who is it: how often rightly, unsurely, wrongly; beside the nearest by smoothed RSSI.

On generated traces (tools/traces, the model is stated there) of one to six people who walk up, swap
places, pass by, and have a party around whoever uses the device; and of somebody who sits there for
an hour, heard every 2 to 96 s. Everything follows the seed; another seed is other traces.
"""

from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from rich.console import Group
from rich.table import Table

from tools.measure.result import Result, Track, percentile, table
from tools.traces.near import INTERVALS_MS, LOSSES, Steps, steps_near
from tools.traces.play import RIGHT, UNSURE, WRONG, Played, play, play_peer
from tools.traces.radio import Adverts
from tools.traces.scenes import NAMES, SCENES, record

_USUAL = 10  # rounds of each scene, number of people and interval
_PEOPLE = range(1, 7)
_USUAL_PEOPLE = frozenset(NAMES[::2])  # who usually comes at this hour, where that is made use of
_STEPS = 20  # walk-ups in each round of the latencies
_WITHIN_MS = 5_000  # recognised within this counts, for the help of the hour
_VERDICTS = (RIGHT, UNSURE, WRONG)


class Tally:
    """What came of all uses: by scene and people, and who was taken for whom."""

    def __init__(self) -> None:
        self.verdicts: Counter[tuple[str, int, str]] = Counter()
        self.matrix: Counter[tuple[str, str]] = Counter()
        self.passed = self.counted = 0  # people who only passed, and those of them who counted

    def take(self, scene: str, people: int, played: Played) -> None:
        for outcome in played.outcomes:
            self.verdicts[scene, people, outcome.verdict] += 1
            self.matrix[outcome.use.who, outcome.seen] += 1
        if scene == "walk by":
            self.passed += people
            self.counted += len(played.visits)

    def share(self, verdict: str, scene: str = "", people: int = 0) -> float:
        found = Counter[str]()
        for (of, number, what), count in self.verdicts.items():
            if scene in ("", of) and people in (0, number):
                found[what] += count
        return found[verdict] / max(found.total(), 1)


async def measure(folder: Path, n: int, seed: int, track: Track) -> Result:
    ours, usual, peer, rounds = Tally(), Tally(), Tally(), n or _USUAL
    scenes = [name for name in SCENES if name != "sit"]
    plan = [
        (scene, people, interval_ms, number)
        for scene in scenes
        for people in _PEOPLE
        for interval_ms in INTERVALS_MS
        for number in range(rounds)
    ]
    for scene, people, interval_ms, number in track(plan, "scenes"):
        chance = Random(f"{seed}/{scene}/{people}/{interval_ms}/{number}")
        trace = record(SCENES[scene](chance, people), Adverts(interval_ms), chance)
        ours.take(scene, people, play(trace))
        usual.take(scene, people, play(trace, usual=_USUAL_PEOPLE))
        peer.take(scene, people, play_peer(trace))
    hours = [_hour(seed, number) for number in track(range(rounds), "sitting for an hour")]
    steps = steps_near(seed, rounds * _STEPS)
    figures = {**_figures(ours), "peer": _figures(peer), "seed": seed}
    figures["switches_per_hour"], figures["peer"]["switches_per_hour"] = (
        sum(one) / rounds for one in zip(*hours, strict=True)
    )
    figures["latency"] = [_latency(each) for each in steps]
    figures["context"] = {**_context(steps), "wrong": usual.share(WRONG)}
    return Result(Group(*_tables(ours, peer, figures, seed)), figures)


def _hour(seed: int, number: int) -> tuple[int, int]:
    """Changes of who is here, ours and the peer's, while one person sits there and does nothing."""
    chance = Random(f"{seed}/sit/{number}")
    trace = record(SCENES["sit"](chance, 1), Adverts(loss=0.0, gaps=True), chance)
    return play(trace).switches, play_peer(trace).switches


def _figures(tally: Tally) -> dict[str, Any]:
    return {
        "wrong": tally.share(WRONG),
        "unsure": tally.share(UNSURE),
        "uses": tally.verdicts.total(),
        "passers_counted": tally.counted / max(tally.passed, 1),
        "people": {
            people: {
                "wrong": tally.share(WRONG, "", people),
                "unsure": tally.share(UNSURE, "", people),
            }
            for people in _PEOPLE
        },
    }


def _latency(steps: Steps) -> dict[str, float]:
    """Times from stepping near; floor: the first advert that is heard at all."""
    figures: dict[str, float] = {"interval_ms": steps.interval_ms, "loss": steps.loss}
    for name in ("floor", "near", "sure"):
        for percent in (50, 95):
            figures[f"{name}_p{percent}_ms"] = percentile(getattr(steps, f"{name}_ms"), percent)
    return figures


def _context(steps: list[Steps]) -> dict[str, float]:
    """Share of walk-ups that are sure within 5 s at 50 % loss, adverts every 1.03 s."""
    (weak,) = [s for s in steps if (s.interval_ms, s.loss) == (INTERVALS_MS[-1], LOSSES[-1])]
    without, with_ = (
        sum(at_ms <= _WITHIN_MS for at_ms in times) / len(times)
        for times in (weak.sure_ms, weak.usual_sure_ms)
    )
    return {"without": without, "with": with_, "points": 100 * (with_ - without)}


def _tables(ours: Tally, peer: Tally, figures: dict[str, Any], seed: int) -> list[Table]:
    scenes = table(
        "Who uses it, 10 s after they came and until they go",
        *("scene", "people", "right", "unsure", "wrong", "nearest RSSI: wrong"),
        caption=f"{figures['uses']} uses, seed {seed}; in all {figures['wrong']:.2%} wrong,"
        f" {figures['unsure']:.1%} unsure (nearest: {figures['peer']['wrong']:.1%} wrong)."
        f" Of those who only pass {figures['passers_counted']:.1%} count as a visit. An hour of"
        f" sitting still: {figures['switches_per_hour']:.1f} switches"
        f" (nearest: {figures['peer']['switches_per_hour']:.0f}).",
    )
    for scene, people in dict.fromkeys((scene, people) for scene, people, _ in ours.verdicts):
        shares = [ours.share(verdict, scene, people) for verdict in _VERDICTS]
        shares.append(peer.share(WRONG, scene, people))
        scenes.add_row(scene, str(people), *(f"{share:.1%}" for share in shares))
    return [scenes, _matrix(ours), _latencies(figures)]


def _matrix(tally: Tally) -> Table:
    seen = sorted({seen for _, seen in tally.matrix})
    shown = table("Who it was (rows), whom the device served", "", *seen)
    for who in sorted({who for who, _ in tally.matrix}):
        shown.add_row(who, *(str(tally.matrix[who, other]) for other in seen))
    return shown


def _latencies(figures: dict[str, Any]) -> Table:
    names = (
        "floor_p50_ms",
        "near_p50_ms",
        "sure_p50_ms",
        "floor_p95_ms",
        "near_p95_ms",
        "sure_p95_ms",
    )
    context = figures["context"]
    shown = table(
        "Stepping near to recognised, ms",
        *("adverts every", "lost", *(name.removesuffix("_ms").replace("_", " ") for name in names)),
        caption="Floor: the first advert heard. Sure within 5 s at 50 % loss:"
        f" {context['without']:.0%}, of who is usually here at this hour {context['with']:.0%}.",
    )
    for row in figures["latency"]:
        texts = [f"{row[name]:.0f}" for name in names]
        shown.add_row(f"{row['interval_ms']:.0f} ms", f"{row['loss']:.0%}", *texts)
    return shown
