"""The products this hub knows, from their product.json files."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from protocol.errors import ProtocolError
from protocol.product import Product, read_product

Products = Mapping[str, Product]


class ProductFileError(Exception):
    """A product.json cannot be used; the text names the file and what is wrong."""


def load(folders: Iterable[Path]) -> dict[str, Product]:
    """{name: Product} of every <folder>/<any>/product.json; of one name the newest version wins."""
    products: dict[str, Product] = {}
    for folder in folders:
        for path in sorted(folder.glob("*/product.json")):
            product = _read(path)
            known = products.get(product.name)
            if known is None or product.version > known.version:
                products[product.name] = product
    return products


def _read(path: Path) -> Product:
    try:
        return read_product(json.loads(path.read_bytes()))
    except (OSError, ValueError, ProtocolError) as error:
        raise ProductFileError(f"{path}: {error}") from None
