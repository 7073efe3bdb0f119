"""How many devices a hub has room for: steady load, then all of them coming back within a minute.

The devices are those of tools/fleet: the real protocol, no interpreter. Whether anything was lost
or counted twice is read in the hub's store, beside what each device recorded.
"""

from pathlib import Path
from typing import Any

from tools.fleet.run import Course, Report, play
from tools.measure.result import Result, Track, table

_USUAL = 10_000
_LIVE_S, _EVERY_S, _STORM_S = 60.0, 120.0, 60.0
_FEW = 200  # devices that come back sooner: their storm is as dense as that of many


async def measure(
    folder: Path, n: int, seed: int, track: Track, course: Course | None = None
) -> Result:
    """course: what happens; by default what fits so many devices."""
    course = course or _usual(n or _USUAL, seed)
    return _result(course, await play(folder, course, track))


def _usual(devices: int, seed: int) -> Course:
    if devices <= _FEW:
        return Course(devices, 3.0, 2.0, 2.0, seed)
    return Course(devices, _LIVE_S, _EVERY_S, _STORM_S, seed)


def _result(course: Course, report: Report) -> Result:
    figures: dict[str, Any] = {
        "devices": course.devices,
        "storm_s": report.storm_s,
        "lost": report.lost,
        "twice": report.twice,
        "cpu_us_per_event": report.hub_cpu_us,
        "broker_cpu_us_per_event": report.broker_cpu_us,
        "hub_load": report.load,
        "events_per_s": course.devices / course.every_s * 1.25,
        "hub_kb_per_device": report.hub_kb,
        "broker_kb_per_device": report.broker_kb,
        "cpu_ms_per_return": report.storm_hub_cpu_ms,
        "came_s": report.came_s,
        "recorded": report.recorded,
        "dropped": report.dropped,
    }
    shown = table(
        f"{course.devices} simulated devices on one hub, each a visit every {course.every_s:g} s",
        *("", "figure"),
        caption="The processor's time is the hub's own; devices, broker and hub share the machine."
        " To reach: nothing lost, nothing twice.",
    )
    for what, figure in (
        ("first time: until the hub knows all", f"{report.came_s:.1f} s"),
        ("steady load: events", f"{report.events}"),
        ("... the hub's processor an event", f"{report.hub_cpu_us:,.0f} µs"),
        ("... the broker's", f"{report.broker_cpu_us:,.0f} µs"),
        ("... of one core, the hub takes", f"{report.load:.0%}"),
        ("memory of the hub for a device", f"{report.hub_kb:.1f} KB"),
        ("memory of the broker for a device", f"{report.broker_kb:.1f} KB"),
        (f"all come back within {course.storm_s:g} s: until quiet", f"{report.storm_s:.1f} s"),
        ("... the hub's processor for one of them", f"{report.storm_hub_cpu_ms:.1f} ms"),
        ("events recorded in all", f"{report.recorded}"),
        ("lost", f"{report.lost}"),
        ("twice", f"{report.twice}"),
        ("connections that broke by themselves", f"{report.dropped}"),
    ):
        shown.add_row(what, figure)
    return Result(shown, figures)
