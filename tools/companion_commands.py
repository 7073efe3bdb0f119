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
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from protocol.events import SOURCE_NAMES
from protocol.rules import MODE_NAMES, RULE_NAMES
from tools.companion import Companion, CompanionError, Meeting, with_label

app = typer.Typer(no_args_is_help=True, help="The person's side: enrol, look, say, walk.")
out = Console()

run: Callable[..., Any] = asyncio.run
"""How a conversation is run; the bench has it run where its radio is."""
radio: dict[str, Any] = {}
"""Bleak backends for a Companion; the computer's own adapter where there is none."""

_TIMEOUT_S = 10
_Said = TypeVar("_Said")

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
    secrets = _fetch(f"{hub}/api/customers/{customer}/credential", _bearer(key))
    descriptor = os.open(credential, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(secrets)
    devices = ", ".join(json.loads(secrets)["devices"]) or "no device yet"
    out.print(f"{credential}: {customer} can speak with {devices}")


@app.command()
def claim(
    hub: Annotated[str, typer.Argument(help="Address of the hub, like http://127.0.0.1:8000.")],
    customer: Annotated[str, typer.Argument(help="The customer's id, c-...")],
    label: Annotated[str, typer.Argument(help="What its QR code says, RPT1:LMP-000123:7D2K...")],
    key: Annotated[Path, typer.Option(help="The hub's staff key.")] = Path(
        "rapport-data/staff.key"
    ),
    address: Address = "",
) -> None:
    """Make a device yours: by its label, and a press of its button when it asks."""
    _, device, code = ("::" + label).rsplit(":", 2)
    device, path = device.lower(), f"{hub}/api/devices/{device.lower()}"
    bearer = _bearer(key)
    asked = json.loads(_fetch(f"{path}/challenge", bearer, _body(customer=customer)))
    out.print(f"{device} blinks now: press one of its buttons within a minute.")
    receipt = _meet_with(
        with_label(device, code, **radio),
        address,
        lambda meeting: meeting.claim(asked["challenge"]),
    )
    _fetch(f"{path}/claim", bearer, _body(customer=customer, code=code, receipt=receipt))
    out.print(f"{device} is yours. `enrol` again, so that your phone can speak with it.")


@app.command()
def lost(
    hub: Annotated[str, typer.Argument(help="Address of the hub, like http://127.0.0.1:8000.")],
    customer: Annotated[str, typer.Argument(help="The id of who carried the phone, c-...")],
    key: Annotated[Path, typer.Option(help="The hub's staff key.")] = Path(
        "rapport-data/staff.key"
    ),
) -> None:
    """A phone or tag is lost: from now on it opens nothing; `enrol` the next one."""
    said = json.loads(_fetch(f"{hub}/api/customers/{customer}/revoke", _bearer(key), b"{}"))
    for one in said["devices"]:
        if one["online"]:
            out.print(f"{one['id']}: told now")
            continue
        days, sessions = (
            datetime.fromtimestamp(one[name] / 1000).strftime("%Y-%m-%d %H:%M")
            for name in ("recognition_ends_ms", "sessions_end_ms")
        )
        out.print(f"{one['id']}: not online; recognises it until {days}, answers until {sessions}")


@app.command()
def reset(credential: Credential, address: Address = "") -> None:
    """Sell or give away a device: it forgets everybody, once you pressed one of its buttons."""
    out.print("It blinks now: press one of its buttons within half a minute.")
    _meet(credential, address, lambda meeting: meeting.reset())
    out.print("It is nobody's now.")


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
def rule(
    credential: Credential,
    setting: Annotated[int, typer.Argument(help="Number of the setting, from 0, as `look` lists.")],
    kind: Annotated[str, typer.Argument(help=f"One of {', '.join(RULE_NAMES)}.")],
    address: Address = "",
) -> None:
    """Decide how the nearest device learns a setting: learn, frozen, paused, or forget it."""
    number = _number(kind, RULE_NAMES)
    line = _meet(credential, address, lambda meeting: meeting.rule(setting, number))
    out.print(line["why"])


@app.command()
def undo(credential: Credential, address: Address = "") -> None:
    """Take back the last thing you did at the nearest device, as if it had never happened."""
    for line in _meet(credential, address, lambda meeting: meeting.undo()):
        out.print(line["why"])


@app.command()
def mode(
    credential: Credential,
    kind: Annotated[str, typer.Argument(help=f"One of {', '.join(MODE_NAMES)}.")],
    address: Address = "",
) -> None:
    """Say how well the nearest device may know you; local: it tells nobody, not even the hub."""
    number = _number(kind, MODE_NAMES)
    _meet(credential, address, lambda meeting: meeting.mode(number))
    out.print(f"mode: {kind}")


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


def _number(kind: str, names: tuple[str, ...]) -> int:
    if kind not in names:
        raise CompanionError(f"{kind!r} is not one of {', '.join(names)}")
    return names.index(kind)


def _meet(file: Path, address: str, talk: Callable[[Meeting], Awaitable[_Said]]) -> _Said:
    return _meet_with(Companion(json.loads(file.read_bytes()), **radio), address, talk)


def _meet_with(
    companion: Companion, address: str, talk: Callable[[Meeting], Awaitable[_Said]]
) -> _Said:
    return run(_talk(companion, address, talk))


async def _talk(
    companion: Companion, address: str, talk: Callable[[Meeting], Awaitable[_Said]]
) -> _Said:
    near = [await companion.find_one(address)] if address else await companion.find()
    trouble: CompanionError = CompanionError("no Rapport device is near")
    for found in near:
        try:
            async with companion.meet(found, int(time.time())) as meeting:
                return await talk(meeting)
        except CompanionError as error:
            trouble = error
    raise trouble


def _bearer(key: Path) -> dict[str, str]:
    return {"Authorization": f"Bearer {key.read_text(encoding='ascii').strip()}"}


def _body(**fields: str) -> bytes:
    return json.dumps(fields).encode()


def _fetch(url: str, headers: dict[str, str], body: bytes | None = None) -> bytes:
    if not url.startswith(("http://", "https://")):
        raise CompanionError(f"{url!r} is no address like http://127.0.0.1:8000")
    try:
        kind = {"Content-Type": "application/json"} if body else {}
        request = urllib.request.Request(url, body, kind | headers)
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        raise CompanionError(f"{url}: {error.read().decode(errors='replace')[:300]}") from None
    except urllib.error.URLError as error:
        raise CompanionError(f"{url} does not answer: {error.reason}") from None
