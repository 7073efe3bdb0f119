"""`rapport provision`, `label`, `flash`, `status`, `batch`: a production line from the terminal."""

import asyncio
import getpass
import importlib.util
import json as json_
import os
import shlex
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

app = typer.Typer(no_args_is_help=True)
provision = typer.Typer(no_args_is_help=True, help="Manufacturer, lines, and devices' identities.")
out = Console()

LineFolder = Annotated[
    Path, typer.Option("--line", envvar="RAPPORT_LINE", help="Folder of the production line.")
]
_LINE = Path("line")


@provision.command()
def root(
    folder: Annotated[Path, typer.Argument(help="New; to be kept offline.")],
    maker: Annotated[str, typer.Option(help="The manufacturer's name.")],
) -> None:
    """Make a manufacturer's root key and certificate."""
    from tools.factory import authority

    fingerprint = authority.make_root(folder, maker)
    out.print(f"{maker}'s root is in {folder}; SHA-256 of its certificate:", highlight=False)
    out.print(fingerprint, highlight=False)
    out.print("Keep the folder offline. Lines and hubs need only root.pem.", highlight=False)


@provision.command()
def line(
    folder: Annotated[Path, typer.Argument(help="New; stays at the line.")],
    root: Annotated[Path, typer.Option(help="Folder of the manufacturer's root.")],
    name: Annotated[str, typer.Option(help="The line's name.")],
) -> None:
    """Make a production line that the root vouches for."""
    from tools.factory import authority

    authority.make_line(folder, root, name)
    out.print(f"{name} is in {folder}. Take the root away again.", highlight=False)


@provision.command()
def devices(
    count: Annotated[int, typer.Argument(help="How many identities to make.")],
    product: Annotated[str, typer.Option(help="What they are, as in the image.")],
    prefix: Annotated[str, typer.Option(help="Of the numbers on the labels: LMP-000123.")],
    hub_authority: Annotated[Path, typer.Option(help="authority.pem of the hub.")],
    broker: Annotated[str, typer.Option(help="host:port of its broker, as devices reach it.")],
    wifi: Annotated[str, typer.Option(help="Name of the Wi-Fi they join.")],
    wifi_password: Annotated[
        str,
        typer.Option(
            envvar="RAPPORT_WIFI_PASSWORD", prompt=True, hide_input=True, show_envvar=True
        ),
    ],
    first: Annotated[int, typer.Option(help="Lowest number of a prefix that is new here.")] = 1,
    line: LineFolder = _LINE,
) -> None:
    """Make identities, label codes, and the signed manifest for the hub."""
    from tools.factory import provision as provision_
    from tools.factory.authority import open_line

    ca = provision_.ca_of(hub_authority.read_bytes())
    order = provision_.Order(product, prefix, ca, broker, wifi, wifi_password, first)
    now_ms = time.time_ns() // 1_000_000
    for made in provision_.provision(open_line(line), order, count, os.urandom, now_ms):
        names = made.devices()
        out.print(
            f"Batch {made.name}: {len(names)} devices, {names[0].upper()} to {names[-1].upper()}."
            f" For the hub: {made.manifest}",
            highlight=False,
            soft_wrap=True,
        )


@app.command()
def label(
    target: Annotated[Path, typer.Option("--out", help="*.html, *.svg, *.pdf or *.csv")],
    batch: Annotated[str, typer.Argument(help="Of which batch; the newest by default.")] = "",
    line: LineFolder = _LINE,
) -> None:
    """Write the label sheets of a batch. They hold the claim codes: keep them like keys."""
    _need("segno")
    from tools.factory import paper
    from tools.factory.batch import find

    one = find(line, batch)
    written = paper.write(target, [one.identity(device) for device in one.devices()])
    for path in written:
        out.print(f"Labels of batch {one.name}: {path}", highlight=False, soft_wrap=True)


@app.command()
def flash(
    image: Annotated[Path, typer.Option(help="Folder that `rapport image` made.")] = Path("image"),
    ports: Annotated[str, typer.Option(help="all, or names with commas and * in them.")] = "all",
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Boards at the same time.")] = 8,
    watch: Annotated[bool, typer.Option(help="Plug a board in and it starts.")] = False,
    again: Annotated[bool, typer.Option(help="Also what is done with this image.")] = False,
    baud: Annotated[int, typer.Option(help="Once esptool's stub runs.")] = 460_800,
    reset: Annotated[bool, typer.Option(help="By DTR and RTS; else by hand.")] = True,
    self_test: Annotated[str, typer.Option(help="Run for each; RAPPORT_PORT says where.")] = "",
    release: Annotated[str, typer.Option(help="MAC of a board that was looked after.")] = "",
    operator: Annotated[str, typer.Option(help="Who answers for it.")] = "",
    line: LineFolder = _LINE,
) -> None:
    """Make boards devices: match, bind, write, verify, read back, test. 1 if one failed."""
    _need("esptool", "esp_idf_nvs_partition_gen", "serial")
    from tools.factory import station
    from tools.factory.bundle import read_image
    from tools.factory.flash import Work, check
    from tools.factory.ledger import Ledger
    from tools.factory.loader import Link

    ledger = Ledger(line, operator or getpass.getuser())
    try:
        if release:
            ledger.release(release)
            return out.print(f"{release} may be tried again.", highlight=False)
        work = Work(read_image(image), line, ledger, again, shlex.split(self_test))
        check(work.image)
        failed = asyncio.run(
            station.run(work, ports, lambda port: Link(port, baud, reset), jobs, watch, out)
        )
    finally:
        ledger.close()
    raise typer.Exit(1 if failed else 0)


@app.command()
def status(
    csv: Annotated[bool, typer.Option("--csv", help="For a spreadsheet.")] = False,
    json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
    line: LineFolder = _LINE,
) -> None:
    """Every board that was ever plugged in: which device it is, and how far it came."""
    from tools.factory import status as status_

    rows = status_.boards(line)
    if csv:
        return out.out(status_.as_csv(rows), end="", highlight=False)
    if json:
        return out.out(json_.dumps([row._asdict() for row in rows]), highlight=False)
    table = Table("device", "MAC", "state", "what", "port", "at")
    for row in rows:
        at = time.strftime("%Y-%m-%d %H:%M", time.localtime(row.at_ms / 1000))
        what = status_.title(row.fault) if row.fault else f"{row.seconds:.1f} s"
        table.add_row(row.device.upper(), row.mac, row.state, what, row.port, at)
    out.print(table)


@app.command()
def batch(
    name: Annotated[str, typer.Argument(help="Of one batch; all by default.")] = "",
    close: Annotated[bool, typer.Option(help="Forget the keys of what is done.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="For a spreadsheet.")] = False,
    json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
    line: LineFolder = _LINE,
) -> None:
    """Counts, yield and failures of each batch."""
    from tools.factory import batch as batch_
    from tools.factory import status as status_

    chosen = [batch_.find(line, name)] if name or close else batch_.batches(line)
    if close:
        forgotten = status_.close(line, chosen[0])
        return out.print(f"{forgotten} devices are the only ones that hold their keys now.")
    counts = [status_.count(line, one) for one in chosen]
    if json:
        told = {"batches": counts, "no_device": status_.unbound_failures(line)}
        return out.out(json_.dumps(told), highlight=False)
    if csv:
        return out.out(status_.counts_csv(counts), end="", highlight=False)
    out.print(status_.counts_table(counts, status_.unbound_failures(line)))


def _need(*modules: str) -> None:
    """What only a factory needs is not installed with everything else."""
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    if missing:
        from tools.factory.errors import FactoryError

        what = f"{', '.join(missing)} is missing: run `make line`"
        raise FactoryError(what)
