"""`rapport hub` and what is told to a hub from the terminal."""

import asyncio
import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(invoke_without_command=True, help="Run the hub, and tell it things.")
out = Console()

_ANSWER_S = 60


@app.callback()
def hub(context: typer.Context) -> None:
    """Run the hub on this machine: broker, store, API and support desk."""
    if context.invoked_subcommand:
        return
    from hub import logs
    from hub.config import Settings
    from hub.start import serve

    settings = Settings()
    if settings.log == "json":
        logs.as_json()
    asyncio.run(
        serve(
            settings,
            lambda url: out.print(f"The desk is open at {url}", soft_wrap=True),
            lambda url: out.print(
                f"Nobody has an account yet. The first administrator: {url}", soft_wrap=True
            ),
        )
    )


@app.command()
def trust(
    root: Annotated[Path, typer.Argument(help="root.pem of a manufacturer.")],
) -> None:
    """Take the devices of a manufacturer from now on. Compare the fingerprint first."""
    from hub.config import Settings
    from hub.devices import makers

    content = root.read_bytes()
    name = makers.trust(Settings().data, content)
    out.print(f"The devices of {name} are taken. SHA-256 of its root:", highlight=False)
    out.print(makers.fingerprint(content), highlight=False)


@app.command()
def distrust(
    certificate: Annotated[Path, typer.Argument(help="root.pem or line.pem whose key leaked.")],
) -> None:
    """Take nothing more from a manufacturer or a line, and shut out the devices it certified."""
    from hub.config import Settings
    from hub.devices import makers

    makers.distrust(Settings().data, certificate.read_bytes())
    out.print("Nothing more is taken from it. Restart the hub: its devices are shut out then.")


@app.command()
def import_devices(
    manifest: Annotated[Path, typer.Argument(help="manifest.json of a batch.")],
) -> None:
    """Give the running hub the manifest of a batch: its devices may speak from now on."""
    from hub.config import Settings

    settings = Settings()
    key = (settings.data / "staff.key").read_text().strip()
    request = urllib.request.Request(
        f"http://{settings.host}:{settings.port}/api/devices/manifests",
        manifest.read_bytes(),
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=_ANSWER_S) as answer:
            taken = json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            raise _refused(json.load(error)["error"]) from None
    except urllib.error.URLError as error:
        raise _refused(f"no hub answers on {settings.host}:{settings.port} ({error.reason})"
                       ": start it with `rapport hub`") from None  # fmt: skip
    out.print(
        f"{taken['new']} new devices of {taken['maker']}, {taken['known']} known before"
        f" (batch {taken['batch']}, {taken['line']}).",
        highlight=False,
    )


def _refused(sentence: str) -> Exception:
    from tools.factory.errors import FactoryError

    return FactoryError(sentence)
