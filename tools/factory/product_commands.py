"""`rapport new`, `check`, `try` and `image`: from a name to what is flashed."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tools.factory.errors import FactoryError

app = typer.Typer()
out = Console()

_Product = Annotated[
    str, typer.Argument(help="A folder with product.json and driver.py, or a name.")
]
_SIZES = {"MB": 1 << 20, "KB": 1 << 10}


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Of a-z, 0-9 and _.")],
    into: Annotated[Path, typer.Argument(help="Where its folder is made.")] = Path(),
) -> None:
    """Make a new product: a settings file, a driver, a test."""
    from tools.factory.new import new as new_

    folder = new_(name, into)
    for path in sorted(folder.iterdir()):
        out.print(f"  {path}")
    out.print(f"Made. Now: rapport check {folder} && rapport try {folder}", highlight=False)


@app.command()
def check(product: _Product) -> None:
    """Say everything that is wrong with a product; 1 if it has a fault."""
    from tools.factory.check import check as check_

    checked = check_(find_folder(product))
    for finding in checked.findings:
        style = "red" if finding.grade == "fault" else "yellow"
        out.print(f"[{style}]{finding.grade}[/]", end=" ")
        out.print(f"{finding.where}: {finding.what}", markup=False, highlight=False, soft_wrap=True)
    if not checked.right:
        raise typer.Exit(1)
    assert checked.product
    kb = f"{checked.image_bytes / 1024:.0f} KB to flash, {checked.heap_bytes / 1024:.1f} KB of heap"
    out.print(f"{checked.product.title}: right; {kb} for product and driver.", highlight=False)


@app.command("try")
def try_(product: _Product) -> None:
    """Let a product live a day on the bench: real firmware, radio, broker and hub."""
    from tools.factory.trial import trial

    def told(what: str, outcome: str) -> None:
        out.print(f"[green]right[/] {what}: {outcome}", highlight=False, soft_wrap=True)

    asyncio.run(trial(find_folder(product), told))


@app.command()
def image(
    product: _Product,
    firmware: Annotated[Path, typer.Option(help="MicroPython's combined .bin for the board.")],
    into: Annotated[Path, typer.Option("--out", help="Folder of the image.")] = Path("image"),
    flash_size: Annotated[str, typer.Option(help="Of the board, such as 8MB.")] = "",
    update_key: Annotated[
        Path | None, typer.Option(help="update.pem: whose updates the devices take.")
    ] = None,
) -> None:
    """Make what is flashed on every board of a product."""
    from tools.factory.check import check as check_

    try:
        from tools.factory.image import make
        from tools.factory.ota import modulus
        from tools.factory.report import report
    except ModuleNotFoundError as error:
        what = f"{error.name} is missing: run `make line`"
        raise FactoryError(what) from None
    folder, data = find_folder(product), firmware.read_bytes()
    checked = check_(folder)
    if not checked.right:
        raise FactoryError(f"{folder} has faults: see `rapport check {product}`")
    made = make(folder, data, _bytes(flash_size), modulus(update_key) if update_key else b"")
    made.write(into)
    out.print(report(made, checked.heap_bytes), highlight=False)
    out.print(f"{into}: for `rapport flash --image {into}`", highlight=False, soft_wrap=True)


def find_folder(product: str) -> Path:
    """A folder as it is given, or else of this name among ours."""
    from tools.factory.application import folder_of

    for folder in (Path(product), folder_of(product)):
        if (folder / "product.json").is_file():
            return folder.resolve()
    raise FactoryError(
        f"there is no product {product!r}: no folder with a product.json is called so"
    )


def _bytes(size: str) -> int:
    """ "8MB" as 8388608; "" as 0."""
    if not size:
        return 0
    number, unit = size[:-2], size[-2:].upper()
    if unit not in _SIZES or not number.isdigit():
        raise FactoryError(f"--flash-size: {size!r} is no size such as 4MB or 512KB")
    return int(number) * _SIZES[unit]
