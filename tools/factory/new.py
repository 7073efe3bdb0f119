"""Makes the folder of a new product: product.json, a driver, and a test of both."""

from pathlib import Path
from string import Template

from protocol.errors import ProtocolError
from protocol.product import read_product
from tools.factory.application import PRODUCTS
from tools.factory.errors import FactoryError

_TEMPLATES = Path(__file__).with_name("template")
_FILES = {"product.json": "product.json", "driver.py": "driver.py", "test.py": "test_{name}.py"}
_TRIAL = {"settings": [{"kind": "switch", "name": "setting"}]}


def new(name: str, into: Path) -> Path:
    """Make the folder `name` in `into`; FactoryError if the name does not do or is taken."""
    try:
        read_product(_TRIAL | {"product": name})
    except ProtocolError as error:
        raise FactoryError(f"a product cannot be called so: {error}") from None
    if name.startswith("_") or name[0].isdigit():  # its driver is imported by this name
        raise FactoryError(f"{name!r} must begin with a letter")
    if (PRODUCTS / name).exists():
        raise FactoryError(f"there is a product {name!r} in {PRODUCTS}: choose another name")
    folder = into / name
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise FactoryError(f"{folder} exists: choose another name, nothing was written") from None
    words = {"name": name, "title": name.replace("_", " ").capitalize()}
    for template, target in _FILES.items():
        text = (_TEMPLATES / f"{template}.txt").read_text(encoding="utf-8")
        (folder / target.format(name=name)).write_text(
            Template(text).substitute(words), encoding="utf-8"
        )
    return folder
