"""`rapport companion ...`: a person's own side of the relationship, from a terminal.

`look` and `say` speak Bluetooth with this computer's adapter; `walk` moves somebody in the demo.
"""

import asyncio
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from protocol.events import SOURCE_NAMES
from tools.companion import Companion, CompanionError, Meeting

app = typer.Typer(no_args_is_help=True, help="The person's side: enrol, look, say, walk.")
out = Console()

_TIMEOUT_S = 10

Credential = Annotated[Path, typer.Argument(help="The file that `enrol` wrote.")]
Address = Annotated[str, typer.Option(help="Of the device; without it the first that knows you.")]


@app.command()
def enrol(
    hub: Annotated[str, typer.Argument(help="Address of the hub, like http://127.0.0.1:8000.")],
    customer: Annotated[str, typer.Argument(help="The customer's id, c-...")],
    credential: Annotated[Path, typer.Argument(help="Where the secrets go; only you can read it.")],
    key: Annotated[Path, typer.Option(help="The hub's staff key.")] = Path(
        "rapport-data/staff.key"
    ),
) -> None:
    """Fetch what this person's phone needs to be recognised and to speak with devices."""
    bearer = {"Authorization": f"Bearer {key.read_text(encoding='ascii').strip()}"}
    secrets = _fetch(f"{hub}/api/customers/{customer}/credential", bearer)
    descriptor = os.open(credential, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(secrets)
    devices = ", ".join(json.loads(secrets)["devices"]) or "no device yet"
    out.print(f"{credential}: {customer} can speak with {devices}")


@app.command()
def look(credential: Credential, address: Address = "") -> None:
    """Read from the nearest device what it knows of you, and why it does what it does."""
    about = _meet(credential, address, lambda meeting: meeting.about())
    table = Table(title=f"What the {about['product']} knows of you ({about['visits']} visits)")
    for heading in ("setting", "from", "why"):
        table.add_column(heading)
    for line in about["settings"]:
        table.add_row(line["name"], SOURCE_NAMES[line["source"]], line["why"])
    out.print(table)


@app.command()
def say(
    credential: Credential,
    setting: Annotated[int, typer.Argument(help="Number of the setting, from 0, as `look` lists.")],
    value: Annotated[int, typer.Argument(help="In its unit; for a choice the option's number.")],
    address: Address = "",
) -> None:
    """Tell the nearest device what you want. It holds until you turn its knob."""
    line = _meet(credential, address, lambda meeting: meeting.say(setting, value))
    out.print(line["why"])


@app.command()
def walk(
    who: Annotated[str, typer.Argument(help="Ana, Ben or Stranger.")],
    x: Annotated[int, typer.Argument(help="Centimetres from the left wall.")],
    y: Annotated[int, typer.Argument(help="Centimetres from the top wall.")],
    room: Annotated[
        str, typer.Option(help="Address of the demo's room.")
    ] = "http://127.0.0.1:8765",
) -> None:
    """Walk somebody through the demo's room; their phone advertises as they go."""
    act = json.dumps({"act": "walk", "who": who, "x": x, "y": y}).encode()
    _fetch(f"{room}/acts", {"Content-Type": "application/json", "Origin": room}, act)


def _meet(
    file: Path, address: str, talk: Callable[[Meeting], Awaitable[dict[str, Any]]]
) -> dict[str, Any]:
    companion = Companion(json.loads(file.read_bytes()))
    return asyncio.run(_talk(companion, address, talk))


async def _talk(
    companion: Companion, address: str, talk: Callable[[Meeting], Awaitable[dict[str, Any]]]
) -> dict[str, Any]:
    near = [await companion.find_one(address)] if address else await companion.find()
    trouble: CompanionError = CompanionError("no Rapport device is near")
    for found in near:
        try:
            async with companion.meet(found, int(time.time())) as meeting:
                return await talk(meeting)
        except CompanionError as error:
            trouble = error
    raise trouble


def _fetch(url: str, headers: dict[str, str], body: bytes | None = None) -> bytes:
    if not url.startswith(("http://", "https://")):
        raise CompanionError(f"{url!r} is no address like http://127.0.0.1:8000")
    try:
        request = urllib.request.Request(url, body, headers)
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        raise CompanionError(f"{url}: {error.read().decode(errors='replace')[:300]}") from None
    except urllib.error.URLError as error:
        raise CompanionError(f"{url} does not answer: {error.reason}") from None
