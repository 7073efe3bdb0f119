"""`rapport`: parses, calls, prints. Nothing is decided here."""

import asyncio
import functools
import logging
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.logging import RichHandler

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Products that know each person, and the hub beside them.",
)
out = Console()


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="A new file, or the folder it is to be in.")],
) -> None:
    """Copy the hub's store to one file, also while the hub runs. The keys are not in it."""
    from hub.config import Settings
    from tools.backup import back_up

    out.print(f"The backup is {back_up(target, Settings(), out)}; keep the keys apart from it.")


@app.command()
def restore(source: Annotated[Path, typer.Argument(help="What `rapport backup` wrote.")]) -> None:
    """Put a backup in the place of the store of a hub that is stopped."""
    from hub.config import Settings
    from tools.backup import bring_back

    bring_back(source, Settings(), out)
    out.print("Restored; whoever was erased since then stays erased. What was there: store.before")


@app.command()
def demo(
    once: Annotated[bool, typer.Option(help="Play a scripted day and check each step.")] = False,
    port: Annotated[int, typer.Option(help="Of the room's page; 0 is any free one.")] = 8765,
) -> None:
    """Two lamps, an espresso machine, Ana, Ben and a stranger, on the real firmware."""
    from tools import demo as demo_

    raise typer.Exit(asyncio.run(demo_.day(out) if once else demo_.room(out, port)))


@app.command()
def verify(
    folder: Annotated[
        Path | None, typer.Argument(help="Of the audit; by default that of RAPPORT_DATA.")
    ] = None,
    head: Annotated[str, typer.Option(help="What this said before: is all of that there?")] = "",
) -> None:
    """Was anything in the audit changed or removed? Keep the head it says, on another machine."""
    from hub.access.audit_log import verify as verify_
    from hub.config import Settings

    found = verify_(folder or Settings().data / "audit", head)
    if found.wrong:
        out.print(f"After {found.entries} entries that fit: {found.wrong}.", highlight=False)
        raise typer.Exit(1)
    which = f"{found.entries} entries"
    if found.first > 1:
        which = f"entries {found.first} to {found.entries}, those before were too old"
    out.print(f"ok: {which}, head {found.head}", highlight=False, soft_wrap=True)


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="CSV with the columns person,time,setting,value.")],
    tolerance: Annotated[str, typer.Option(help="Numbers this near count as the same.")] = "0",
    categorical: Annotated[bool, typer.Option(help="Numbers are only names.")] = False,
    core: Annotated[bool, typer.Option(help="Only the two cores and bytes.")] = False,
    people: Annotated[int, typer.Option(help="Only the first so many people; 0 is all.")] = 0,
) -> None:
    """Drive people's recorded choices through the whole stack and count their corrections."""
    from tools.replay import run

    panel = run.read(file, run.tolerance(tolerance), categorical)
    run.play(run.first_people(panel, people), core, out)


@app.command("replay-visit")
def replay_visit(
    customer: Annotated[str, typer.Argument(help="Their id at the hub.")],
    visit: Annotated[int, typer.Argument(help="The id of the visit's line in the timeline.")],
) -> None:
    """Decide again what a device decided at a visit, on both interpreters, from the log."""
    from hub.config import Settings
    from tools.replay.visit import replay_visit as replay_

    raise typer.Exit(0 if replay_(customer, visit, Settings(), out) else 1)


@app.command()
def replace(
    old: Annotated[str, typer.Argument(help="The device that goes.")],
    new: Annotated[str, typer.Argument(help="The registered device that takes its place.")],
) -> None:
    """Move everybody from one device to another of its product; the old one forgets them."""
    from hub.config import Settings
    from tools.asking import ask

    moved = ask(Settings(), "POST", f"/api/devices/{old}/replace", {"by": new})["moved"]
    out.print(f"{new} knows {len(moved)} people of {old} now; {old} forgets them.")


@app.command()
def insight(
    product: Annotated[str, typer.Argument(help="Its name, as in product.json.")],
    now: Annotated[bool, typer.Option("--now", help="Work it out first; else once a day.")] = False,
    csv: Annotated[Path | None, typer.Option(help="Write the differences to this file.")] = None,
    json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """What customers do differently with a product, and whether it helps them; k-anonymous."""
    from hub.config import Settings
    from tools import insight as insight_

    insight_.insight(product, Settings(), out, now, csv, json)


@app.command()
def measure(
    name: Annotated[str, typer.Argument(help="recognise, walkup, device, sync, learn ...")],
    json: Annotated[bool, typer.Option("--json", help="A last line for machines.")] = False,
    n: Annotated[int, typer.Option(help="How many; 0 is the usual number.")] = 0,
    seed: Annotated[int, typer.Option(help="Of everything that is drawn.")] = 1,
    panel: Annotated[
        Path | None, typer.Option(help="learn: CSV person,time,setting,value[,context...].")
    ] = None,
    panels: Annotated[str, typer.Option(help="learn: only these, as yogurt,cj_milk.")] = "",
    tolerance: Annotated[str, typer.Option(help="learn: numbers this near are the same.")] = "0",
    grid: Annotated[str, typer.Option(help="learn: the step of numbers; else found.")] = "",
    categorical: Annotated[bool, typer.Option(help="learn: numbers are only names.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="learn: few people, one half.")] = False,
    plots: Annotated[Path | None, typer.Option(help="learn: a folder for plots.")] = None,
) -> None:
    """Measure one thing, beside a floor or a peer in the same run."""
    from tools.measure import learn, run

    options = learn.Options(panel, panels, tolerance, grid, categorical, quick, plots)
    figures = run.measure(name, n, seed, out, json, options)
    if figures.get("bad_rows"):
        raise typer.Exit(learn.BAD_ROWS)


@app.command()
def fleet(
    devices: Annotated[int, typer.Option(help="How many.", min=1)] = 1000,
    seconds: Annotated[float, typer.Option(help="Of steady load.", min=1)] = 60,
    every: Annotated[float, typer.Option(help="Between visits to a device, s.", min=1)] = 60,
    storm: Annotated[float, typer.Option(help="Within so long all come back, s.", min=1)] = 60,
    seed: Annotated[int, typer.Option(help="Of everything that is drawn.")] = 1,
) -> None:
    """Simulated devices on a hub of their own: steady load, then all come back at once."""
    from tools.fleet.run import Course
    from tools.measure import fleet as fleet_
    from tools.measure import run

    course = Course(devices, seconds, every, storm, seed)
    run.show(functools.partial(fleet_.measure, course=course), devices, seed, out)


@functools.cache
def whole() -> typer.Typer:
    """The program with all its groups, which are loaded now."""
    from tools import (
        broker_commands,
        hub_commands,
        neighbour_commands,
        people_commands,
        staff_commands,
    )
    from tools.companion_commands import app as companion
    from tools.factory import line_commands, ota_commands, product_commands

    app.add_typer(hub_commands.app, name="hub")
    app.add_typer(broker_commands.app, name="broker")
    app.add_typer(companion, name="companion")
    app.add_typer(neighbour_commands.app, name="neighbour")
    app.add_typer(staff_commands.app, name="staff")
    app.add_typer(line_commands.provision, name="provision")
    app.add_typer(ota_commands.app, name="ota")
    app.add_typer(people_commands.app)
    app.add_typer(people_commands.receipt, name="receipt")
    app.add_typer(product_commands.app)
    app.add_typer(line_commands.app)
    return app


def main() -> None:
    """The command: what a person can mend is told in a sentence, not in a traceback."""
    logging.basicConfig(
        level=logging.WARNING,
        format="%(message)s",
        handlers=[RichHandler(console=Console(stderr=True), show_path=False)],
    )
    try:
        whole()()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        from tools.errors import is_known

        if not is_known(error):
            raise
        Console(stderr=True).print(f"rapport: {error}", style="red", markup=False)
        sys.exit(2)


if __name__ == "__main__":
    sys.exit(main())
