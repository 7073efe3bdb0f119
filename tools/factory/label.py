"""The label of a device: its name, its code, and both as a QR code that a phone reads.

    RPT1:LMP-000123:7D2KM0QX4VNB9R3T

Only letters that a QR code (ISO/IEC 18004) packs in its alphanumeric mode: 32 of them fit version 3
with a quarter of it unreadable (level Q). Who has the code can claim the device, so files with
labels are for their owner only.
"""

import csv
import io
from typing import NamedTuple

import segno

from tools.factory.errors import FactoryError
from tools.factory.identity import Identity

_PURPOSE = "RPT1"
_LEVEL = "q"
_QUIET = 4  # modules of white around, as the standard asks


class Square(NamedTuple):
    """Black; x, y of the top left corner, mm."""

    x: float
    y: float
    width: float
    height: float


class Text(NamedTuple):
    """x, y of the left end of the base line, mm; size in points."""

    x: float
    y: float
    size: float
    text: str
    fixed: bool = False  # all letters of one width


Mark = Square | Text


class Sheet(NamedTuple):
    """Paper and what is cut out of it, mm. By default 40 labels on A4."""

    width: float = 210.0
    height: float = 297.0
    columns: int = 4
    rows: int = 10
    label_width: float = 48.5
    label_height: float = 25.4

    @property
    def labels(self) -> int:
        return self.columns * self.rows

    def corner(self, index: int) -> tuple[float, float]:
        """Of the label with this number on the page, the whole centred."""
        left = (self.width - self.columns * self.label_width) / 2
        top = (self.height - self.rows * self.label_height) / 2
        row, column = divmod(index, self.columns)
        return left + column * self.label_width, top + row * self.label_height


def content(identity: Identity) -> str:
    """What the QR code says; FactoryError when the factory has forgotten the code."""
    if not identity.code:
        raise FactoryError(
            f"the code of {identity.label} is forgotten here: its batch was closed, and only"
            " labels that are printed already have it"
        )
    return f"{_PURPOSE}:{identity.label}:{identity.code}"


def grouped(code: str) -> str:
    """As people read it: 7D2K-M0QX-4VNB-9R3T."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def matrix(text: str) -> tuple[bytes, ...]:
    """The QR code, row by row, 1 for each black module."""
    code = segno.make_qr(text, error=_LEVEL, mode="alphanumeric", boost_error=False)
    return tuple(bytes(row) for row in code.matrix)


def pages(identities: list[Identity], sheet: Sheet) -> list[list[Mark]]:
    """What is to be drawn on each page."""
    drawn: list[list[Mark]] = []
    for start in range(0, len(identities), sheet.labels):
        page: list[Mark] = []
        for index, identity in enumerate(identities[start : start + sheet.labels]):
            page += _label(identity, *sheet.corner(index), sheet)
        drawn.append(page)
    return drawn


def as_csv(identities: list[Identity]) -> str:
    """For the program of a label printer: label, code, product, qr."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(("label", "code", "product", "qr"))
    for one in identities:
        writer.writerow((one.label, grouped(one.code), one.product, content(one)))
    return target.getvalue()


def _label(identity: Identity, x: float, y: float, sheet: Sheet) -> list[Mark]:
    rows = matrix(content(identity))
    across = len(rows) + 2 * _QUIET
    module = min(sheet.label_height, sheet.label_width / 2) / across
    top = y + (sheet.label_height - module * across) / 2
    beside = x + module * across
    first, second = grouped(identity.code)[:9], grouped(identity.code)[10:]
    middle = y + sheet.label_height / 2
    return [
        *_squares(rows, x + module * _QUIET, top + module * _QUIET, module),
        Text(beside, middle - 2.5, 9, identity.label),
        Text(beside, middle + 2.0, 7, first, True),
        Text(beside, middle + 5.0, 7, second, True),
    ]


def _squares(rows: tuple[bytes, ...], x: float, y: float, module: float) -> list[Square]:
    """One for each run of black modules in a row: fewer, and no seams between them."""
    found: list[Square] = []
    for number, row in enumerate(rows):
        start = row.find(1)
        while start >= 0:
            end = row.find(0, start)
            end = len(row) if end < 0 else end
            place = (x + start * module, y + number * module)
            found.append(Square(*place, (end - start) * module, module))
            start = row.find(1, end)
    return found
