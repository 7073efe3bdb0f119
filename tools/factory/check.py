"""Everything that is wrong with a product, at once and in words."""

import re
from pathlib import Path
from typing import NamedTuple

from protocol.product import Product
from protocol.schema import CHEAP
from tools.factory import contract
from tools.factory.application import application
from tools.factory.definition import Definition
from tools.factory.findings import FAULT, Finding, fault
from tools.factory.offered import check_offering

_MOST_KB = 160  # the application must fit twice into the smallest flash, 4 MB
_PLACE = re.compile(r"([^:\s]*):?(\d*)")


class Checked(NamedTuple):
    findings: list[Finding]  # by file and line
    product: Product | None  # None while product.json has a fault
    heap_bytes: int  # what product and driver take of a 64-bit heap; 0 where it was not tried
    image_bytes: int  # of the application; 0 where it was not made

    @property
    def right(self) -> bool:
        return not any(each.grade == FAULT for each in self.findings)


def check(folder: Path, sized: bool = True) -> Checked:
    """folder: with product.json and driver.py. The driver is tried once product.json is right.

    sized: also make the application, which takes seconds the first time.
    """
    folder = folder.resolve()
    definition = Definition(folder)
    tried = contract.Tried([], 0)
    if definition.product:
        dangerous = any(each.cost != CHEAP for each in definition.product.settings)
        tried = contract.driver(folder, dangerous)
    found = definition.findings + tried.findings
    if definition.product:
        found += check_offering(folder, definition.product)
    image_bytes = 0
    if sized and definition.product and not any(each.grade == FAULT for each in found):
        image_bytes = sum(map(len, application(folder).values()))
        if image_bytes > _MOST_KB * 1024:
            what = f"the application takes {image_bytes // 1024} KB; {_MOST_KB} KB are possible"
            found.append(fault(contract.FILE, what))
    return Checked(sorted(found, key=_place), definition.product, tried.heap_bytes, image_bytes)


def _place(finding: Finding) -> tuple[str, int]:
    found = _PLACE.match(finding.where)
    assert found
    return found[1], int(found[2] or 0)
