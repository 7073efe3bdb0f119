"""`rapport`: parses, calls, prints. Nothing is decided here."""

import asyncio
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
def hub() -> None:
    """Run the hub on this machine: broker, store, API and support desk."""
    from hub.config import Settings
    from hub.start import serve

    asyncio.run(serve(Settings(), lambda url: out.print(f"The desk is open at {url}")))


@app.command()
def demo(
    once: Annotated[bool, typer.Option(help="Play a scripted day and check each step.")] = False,
    port: Annotated[int, typer.Option(help="Of the room's page; 0 is any free one.")] = 8765,
) -> None:
    """Two lamps, an espresso machine, Ana, Ben and a stranger, on the real firmware."""
    from tools import demo as demo_

    raise typer.Exit(asyncio.run(demo_.day(out) if once else demo_.room(out, port)))


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


@app.command()
def measure(
    name: Annotated[str, typer.Argument(help="walkup, device or sync.")],
    json: Annotated[bool, typer.Option("--json", help="A last line for machines.")] = False,
    n: Annotated[int, typer.Option(help="How many; 0 is the usual number.")] = 0,
    seed: Annotated[int, typer.Option(help="Of everything that is drawn.")] = 1,
) -> None:
    """Measure one thing, beside a floor or a peer in the same run."""
    from tools.measure import run

    run.measure(name, n, seed, out, json)


def main() -> None:
    """The command: what a person can mend is told in a sentence, not in a traceback."""
    logging.basicConfig(
        level=logging.WARNING,
        format="%(message)s",
        handlers=[RichHandler(console=Console(stderr=True), show_path=False)],
    )
    from tools.companion_commands import app as companion

    app.add_typer(companion, name="companion")
    try:
        app()
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
