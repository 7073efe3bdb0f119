"""`rapport staff`: who may sign in at the running hub, and as what."""

from typing import Annotated
from urllib.parse import quote

import typer
from rich.console import Console

app = typer.Typer(no_args_is_help=True, help="Who may sign in at the hub, and as what.")
out = Console(soft_wrap=True, highlight=False)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="As they will be named in the audit.")],
    role: Annotated[
        str, typer.Option(help="administrator, support, fleet, operator or auditor.")
    ] = "support",
) -> None:
    """Print a link that makes an account, once; also for somebody who lost passkey and password."""
    from hub.config import Settings
    from tools.asking import ask

    made = ask(Settings(), "POST", "/api/staff", {"name": name, "role": role})
    out.print(f"{made['name']} becomes {made['role']} with this link, once, within 7 days:")
    out.print(made["link"])


@app.command("list")
def list_() -> None:
    """Everybody with an account."""
    from hub.config import Settings
    from tools.asking import ask

    for one in ask(Settings(), "GET", "/api/staff")["staff"]:
        by = "passkey" if one["passkeys"] else "password"
        out.print(f"{one['name']}, {one['role']}, {by}", markup=False)


@app.command()
def remove(name: Annotated[str, typer.Argument(help="As `rapport staff list` says it.")]) -> None:
    """They cannot sign in any more, and are signed out everywhere."""
    from hub.config import Settings
    from tools.asking import ask

    gone = ask(Settings(), "DELETE", f"/api/staff/{quote(name, safe='')}")["removed"]
    out.print(f"{gone} is not of the staff any more.", markup=False)
