"""What is wrong with the relationship.json of a product, where it has one; devices never see it."""

import json
from pathlib import Path

from hub.relation.offering import FILE, read_offering
from protocol.product import Product
from tools.factory.findings import Finding, fault


def check_offering(folder: Path, product: Product) -> list[Finding]:
    path = folder / FILE
    if not path.exists():
        return []
    try:
        read_offering(json.loads(path.read_text(encoding="utf-8")), product)
    except (OSError, ValueError) as error:
        return [fault(FILE, str(error))]
    return []
