"""Pages of labels as files: SVG, HTML that prints, PDF. Nothing but squares and text is drawn."""

from html import escape
from pathlib import Path

from hub import durable
from tools.factory.errors import FactoryError
from tools.factory.identity import Identity
from tools.factory.label import Mark, Sheet, Square, Text, as_csv, pages

_POINTS_PER_MM = 72 / 25.4
_MM_PER_POINT = 25.4 / 72

_HTML = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Labels</title>
<style>@page {{ size: {width}mm {height}mm; margin: 0 }} body {{ margin: 0 }}
svg {{ display: block; break-after: page }}</style>
{pages}
</html>
"""


def write(target: Path, identities: list[Identity]) -> list[Path]:
    """What the name of the target asks for; the files written, for their owner only."""
    sheet, kind = Sheet(), target.suffix.lower()
    if kind == ".csv":
        return _keep({target: as_csv(identities).encode()})
    drawn = pages(identities, sheet)
    if kind == ".pdf":
        return _keep({target: pdf(drawn, sheet)})
    if kind in (".html", ".htm"):
        return _keep({target: html(drawn, sheet).encode()})
    if kind != ".svg":
        raise FactoryError(f"{target}: labels are written as .html, .svg, .pdf or .csv")
    names = [
        target.with_stem(f"{target.stem}-{number}") if len(drawn) > 1 else target
        for number in range(1, len(drawn) + 1)
    ]
    return _keep({name: svg(page, sheet).encode() for name, page in zip(names, drawn, strict=True)})


def _keep(files: dict[Path, bytes]) -> list[Path]:
    durable.replace_all(list(files.items()))
    return list(files)


def svg(page: list[Mark], sheet: Sheet) -> str:
    """One page, in mm."""
    squares = "".join(
        f"M{mark.x:.3f} {mark.y:.3f}h{mark.width:.3f}v{mark.height:.3f}h-{mark.width:.3f}z"
        for mark in page
        if isinstance(mark, Square)
    )
    texts = "".join(
        f'<text x="{mark.x:.3f}" y="{mark.y:.3f}" font-size="{mark.size * _MM_PER_POINT:.3f}"'
        f' font-family="{"monospace" if mark.fixed else "sans-serif"}">{escape(mark.text)}</text>'
        for mark in page
        if not isinstance(mark, Square)
    )
    size = f'width="{sheet.width}mm" height="{sheet.height}mm"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}'
        f' viewBox="0 0 {sheet.width} {sheet.height}">'
        f'<path d="{squares}"/>{texts}</svg>'
    )


def html(drawn: list[list[Mark]], sheet: Sheet) -> str:
    """A document that prints one page for each."""
    shown = "\n".join(svg(page, sheet) for page in drawn)
    return _HTML.format(width=sheet.width, height=sheet.height, pages=shown)


def pdf(drawn: list[list[Mark]], sheet: Sheet) -> bytes:
    """PDF 1.4 (ISO 32000-1 describes its successor), with the fonts every reader has."""
    numbers = [5 + 2 * index for index in range(len(drawn))]
    kids = " ".join(f"{number} 0 R" for number in numbers)
    box = f"0 0 {sheet.width * _POINTS_PER_MM:.2f} {sheet.height * _POINTS_PER_MM:.2f}"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(drawn)} /MediaBox [{box}]"
        " /Resources << /Font << /F0 3 0 R /F1 4 0 R >> >> >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>",
    ]
    for number, page in zip(numbers, drawn, strict=True):
        drawing = _drawing(page, sheet)
        objects.append(f"<< /Type /Page /Parent 2 0 R /Contents {number + 1} 0 R >>")
        objects.append(f"<< /Length {len(drawing)} >>\nstream\n{drawing}\nendstream")
    return _document(objects)


def _drawing(page: list[Mark], sheet: Sheet) -> str:
    """In points, from the bottom left corner: all squares as one path, then the texts."""
    squares = [_square(mark, sheet) for mark in page if isinstance(mark, Square)]
    texts = [_text(mark, sheet) for mark in page if not isinstance(mark, Square)]
    return "\n".join([*squares, "f", *texts])


def _square(mark: Square, sheet: Sheet) -> str:
    bottom = sheet.height - mark.y - mark.height
    numbers = (mark.x, bottom, mark.width, mark.height)
    return " ".join(f"{number * _POINTS_PER_MM:.3f}" for number in numbers) + " re"


def _text(mark: Text, sheet: Sheet) -> str:
    x, y = mark.x * _POINTS_PER_MM, (sheet.height - mark.y) * _POINTS_PER_MM
    text = mark.text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /F{int(mark.fixed)} {mark.size} Tf {x:.3f} {y:.3f} Td ({text}) Tj ET"


def _document(objects: list[str]) -> bytes:
    written, places = b"%PDF-1.4\n", list[int]()
    for number, text in enumerate(objects, 1):
        places.append(len(written))
        written += f"{number} 0 obj\n{text}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    count = len(objects) + 1
    tail = (
        f"xref\n0 {count}\n0000000000 65535 f \n{table}"
        f"trailer << /Size {count} /Root 1 0 R >>\nstartxref\n{len(written)}\n%%EOF\n"
    )
    return written + tail.encode()
