"""`rapport ota`: sign updates of the application, and roll them out through the hub."""

import json as json_
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

app = typer.Typer(no_args_is_help=True, help="Signed updates, rolled out by and by.")
out = Console()

_Percent = Annotated[float | None, typer.Option(min=0, max=100, help="Of all devices.")]
_Only = Annotated[
    list[str] | None, typer.Option(help="Ids such as lmp-000017 or 'lmp-0001*'; again for more.")
]
_AtOnce = Annotated[int | None, typer.Option(min=1, help="That have begun and not ended.")]
_StopFailed = Annotated[int | None, typer.Option(min=1, help="Failures that stop it, if they ...")]
_StopPercent = Annotated[
    float | None, typer.Option(min=0, max=100, help="... are so much of those that ended.")
]


@app.command()
def key(folder: Annotated[Path, typer.Argument(help="New; to be kept offline.")]) -> None:
    """Make the key that updates are signed with."""
    from tools.factory import ota

    public = ota.make_key(folder)
    told(f"The key is in {folder}: keep it offline, and a copy of it; without it no update again.")
    told(f"For `rapport image --update-key`: {public}")


@app.command()
def sign(
    product: Annotated[str, typer.Argument(help="A folder with product.json, or a name.")],
    key: Annotated[Path, typer.Option(help="Folder that `rapport ota key` made.")],
    into: Annotated[Path | None, typer.Option("--out", help="The bundle.")] = None,
    least: Annotated[int, typer.Option(min=1, help="The lowest version it follows on.")] = 1,
    rom: Annotated[bool, typer.Option(help="For boards that run code in their flash.")] = False,
) -> None:
    """Make a signed update of a product as it stands."""
    from tools.factory import ota
    from tools.factory.product_commands import find_folder

    bundle = ota.sign(find_folder(product), ota.load_key(key), least, rom)
    head = bundle.head
    into = into or Path(f"{head.product}-{head.version}.update")
    into.write_bytes(bundle.content())
    told(f"{into}: {head.product} version {head.version}, {head.body_bytes // 1024} KB")


@app.command()
def publish(
    bundle: Annotated[Path, typer.Argument(help="What `rapport ota sign` made.")],
    percent: _Percent = None,
    only: _Only = None,
    at_once: _AtOnce = None,
    stop_failed: _StopFailed = None,
    stop_percent: _StopPercent = None,
) -> None:
    """Roll an update out; without options to all, 20 at once, until 3 and 5 % failed."""
    from urllib.parse import urlencode

    said = _said(percent, only, at_once, stop_failed, stop_percent)
    begun = _ask("POST", f"?{urlencode(said, doseq=True)}", bundle.read_bytes())
    told(f"{begun['product']} version {begun['version']} is rolled out to {begun['percent']:g} %.")


@app.command()
def go(
    product: str,
    percent: _Percent = None,
    only: _Only = None,
    at_once: _AtOnce = None,
    stop_failed: _StopFailed = None,
    stop_percent: _StopPercent = None,
) -> None:
    """Go on with a roll-out: to more devices, or after a stop."""
    said = _said(percent, only, at_once, stop_failed, stop_percent)
    now = _ask("POST", f"/{product}/go", said)
    told(f"{product} version {now['version']} is rolled out to {now['percent']:g} %.")


@app.command()
def stop(product: str) -> None:
    """Stop a roll-out: no further device begins."""
    now = _ask("POST", f"/{product}/stop")
    told(f"{product} version {now['version']} goes to no further device.")


@app.command()
def status(
    product: Annotated[str, typer.Argument(help="With each of its devices.")] = "",
    json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """How far each roll-out is."""
    found = _ask("GET", f"/{product}") if product else _ask("GET", "")
    if json:
        return out.out(json_.dumps(found), highlight=False)
    table = Table("product", "version", "for", "state", "devices")
    for one in [found] if product else found["updates"]:
        counts = ", ".join(f"{name} {n}" for name, n in one["counts"].items() if n)
        state = f"{one['state']}: {one['why']}" if one["why"] else one["state"]
        table.add_row(
            one["product"], str(one["version"]), f"{one['percent']:g} %", state, counts or "none"
        )
    out.print(table)
    if product:
        devices = Table("device", "state", "fetched", "what")
        for row in found["devices"]:
            devices.add_row(row["id"], row["state"], f"{row['done_percent']} %", row["text"])
        out.print(devices)
    return None


def told(sentence: str) -> None:
    out.print(sentence, highlight=False, soft_wrap=True, markup=False)


def _said(*values: Any) -> dict[str, Any]:
    """The options that were given, by their names at the hub."""
    names = ("percent", "only", "at_once", "stop_failed", "stop_percent")
    return {name: value for name, value in zip(names, values, strict=True) if value is not None}


def _ask(method: str, path: str, body: Any = None) -> Any:
    from hub.config import Settings
    from tools.asking import ask

    return ask(Settings(), method, f"/api/updates{path}", body)
