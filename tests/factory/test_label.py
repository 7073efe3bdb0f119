"""Labels are read back by a decoder of another make, out of the very files that are printed."""

import csv
import os
import re
from pathlib import Path

import numpy
import pytest
import zxingcpp

from tests.factory.floor import Floor
from tools.factory import label, paper, status
from tools.factory.errors import FactoryError
from tools.factory.identity import Identity
from tools.factory.label import Sheet

DOTS_PER_MM = 8  # a printer of 203 dpi


def scanned(squares: list[tuple[float, float, float, float]], sheet: Sheet) -> list[str]:
    """What a scanner reads off a page with these black squares (x, y, width, height; mm)."""
    page = numpy.full((int(sheet.height * DOTS_PER_MM), int(sheet.width * DOTS_PER_MM)), 255, "u1")
    for x, y, width, height in squares:
        left, top, right, bottom = [
            round(value * DOTS_PER_MM) for value in (x, y, x + width, y + height)
        ]
        page[top:bottom, left:right] = 0
    return sorted(code.text for code in zxingcpp.read_barcodes(page))


def in_svg(text: str) -> list[tuple[float, float, float, float]]:
    found = re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)h", text)
    return [(float(x), float(y), float(width), float(height)) for x, y, width, height in found]


def in_pdf(content: bytes, sheet: Sheet) -> list[tuple[float, float, float, float]]:
    mm = 25.4 / 72
    found = []
    for line in re.findall(rb"(.+) re\n", content):
        x, y, width, height = [float(number) * mm for number in line.split()]
        found.append((x, sheet.height - y - height, width, height))
    return found


@pytest.fixture
def identities(floor: Floor) -> list[Identity]:
    batch = floor.provision(45)
    return [batch.identity(device) for device in batch.devices()]


def test_every_label_of_a_sheet_is_scanned_back(identities: list[Identity], tmp_path: Path):
    wanted = sorted(label.content(one) for one in identities)
    assert re.fullmatch(r"RPT1:LMP-000001:[0-9A-HJKMNP-TV-Z]{16}", wanted[0])
    written = paper.write(tmp_path / "labels.svg", identities)
    assert [path.name for path in written] == ["labels-1.svg", "labels-2.svg"]
    read = [text for path in written for text in scanned(in_svg(path.read_text()), Sheet())]
    assert sorted(read) == wanted
    [page] = paper.write(tmp_path / "labels.html", identities[:40])
    assert scanned(in_svg(page.read_text()), Sheet()) == wanted[:40]
    [page] = paper.write(tmp_path / "labels.pdf", identities[:40])
    assert scanned(in_pdf(page.read_bytes(), Sheet()), Sheet()) == wanted[:40]


def test_a_pdf_finds_all_its_objects_where_it_says(identities: list[Identity], tmp_path: Path):
    [path] = paper.write(tmp_path / "labels.pdf", identities)
    content = path.read_bytes()
    table = int(content.rsplit(b"startxref\n", 1)[1].split()[0])
    assert content[table : table + 4] == b"xref"
    places = [int(line[:10]) for line in content[table:].splitlines()[3:] if line.endswith(b" n ")]
    for number, place in enumerate(places, 1):
        assert content[place:].startswith(b"%d 0 obj" % number)
    assert content.count(b"/Type /Page ") == 2


def test_a_label_printer_gets_a_table(identities: list[Identity], tmp_path: Path):
    [path] = paper.write(tmp_path / "labels.csv", identities)
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert rows[44]["label"] == "LMP-000045"
    assert rows[44]["qr"] == label.content(identities[44])
    assert rows[44]["code"].replace("-", "") == identities[44].code


def test_labels_hold_no_key_and_are_for_their_owner_only(
    identities: list[Identity], tmp_path: Path
):
    for name in ("a.html", "a.svg", "a.pdf", "a.csv"):
        for path in paper.write(tmp_path / name, identities[:2]):
            content = path.read_bytes()
            assert identities[0].key.hex().encode() not in content
            assert identities[0].key not in content
            assert b"guest-password" not in content
            assert os.stat(path).st_mode & 0o777 == 0o600


def test_a_code_that_is_forgotten_or_a_paper_that_is_unknown_is_told(floor: Floor, tmp_path: Path):
    one = floor.provision(1).identity("lmp-000001")
    with pytest.raises(FactoryError, match="forgotten"):
        paper.write(tmp_path / "labels.csv", [one.forgotten()])
    with pytest.raises(FactoryError, match=r"\.html, \.svg, \.pdf or \.csv"):
        paper.write(tmp_path / "labels.doc", [one])
    assert status.close(floor.line, floor.newest) == 0, "nothing is flashed yet"


def test_the_qr_code_is_version_3_and_reads_with_a_quarter_of_it_gone(identities: list[Identity]):
    matrix = label.matrix(label.content(identities[0]))
    assert (len(matrix), {len(row) for row in matrix}) == (29, {29})
    squares = [
        (4 + x, 4 + y, 1.0, 1.0) for y, row in enumerate(matrix) for x, on in enumerate(row) if on
    ]
    thumb = [square for square in squares if not (14 <= square[0] < 23 and 20 <= square[1] < 27)]
    assert scanned(thumb, Sheet(37, 37)) == [label.content(identities[0])]
