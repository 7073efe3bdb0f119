"""`rapport export`, `rapport import` and `rapport receipt`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer()
receipt = typer.Typer(no_args_is_help=True, help="The receipt of somebody who was erased.")
out = Console()


@app.command()
def export(
    customer: Annotated[str, typer.Argument(help="Their id at the hub.")],
    to: Annotated[Path | None, typer.Option(help="A new file; else it is named by the id.")] = None,
    csv: Annotated[bool, typer.Option("--csv", help="For a spreadsheet: a zip of tables.")] = False,
) -> None:
    """Write all that is kept of a customer to a file, for them or for another hub."""
    from hub.config import Settings
    from tools import people

    people.export(customer, to, csv, Settings(), out)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="What `rapport export` wrote.")],
) -> None:
    """Give the running hub a customer as another hub exported them; their new id."""
    from hub.config import Settings
    from tools import people

    people.bring(file, Settings(), out)


@receipt.command()
def check(
    file: Annotated[Path, typer.Argument(help="The receipt, as the hub gave it.")],
    key: Annotated[str, typer.Option(help="The hub's: /api/receipts/key.")] = "",
) -> None:
    """Was a receipt changed since the hub signed it? Says each copy and what became of it."""
    from tools import people

    raise typer.Exit(0 if people.check_receipt(file, key, out) else 1)


@receipt.callback()
def _receipt() -> None:
    pass
