"""An image folder: the parts of a board's flash as files, and image.json: where each goes.

{"product": "lamp", "version": 1, "chip": "esp32s3", "flash_bytes": 8388608,
 "parts": [{"name": "app", "offset": 65536, "file": "app.bin", "bytes": 1700000, "sha256": "..."}],
 "nvs": {"offset": 36864, "bytes": 24576}, "data": {"offset": 2097152, "bytes": 524288},
 "made_from": {"firmware_sha256": "..."}}

The parts are bootloader, table, app and vfs, and romfs where code runs in the flash. Two regions
are no parts, so that a board can be flashed again and stays who it is: NVS holds its identity,
which is made for each board by itself; data holds what it knows of people. To take those from a
board as well, erase the regions.
"""

import hashlib
import json
from pathlib import Path
from typing import Any, NamedTuple

from tools.factory.errors import FactoryError

_FILE = "image.json"


class Part(NamedTuple):
    name: str
    offset: int  # in the flash, bytes
    file: Path
    bytes: int
    sha256: str  # hex


class Region(NamedTuple):
    """A part of the flash that an image leaves alone."""

    offset: int
    bytes: int


class Image(NamedTuple):
    product: str
    version: int
    chip: str  # as esptool names it: esp32, esp32s3, ...
    flash_bytes: int
    parts: tuple[Part, ...]
    nvs: Region  # who the device is
    data: Region  # what it knows of people, and what it has yet to tell the hub
    firmware_sha256: str  # of the MicroPython firmware it was made from, hex


class ImageError(FactoryError):
    """An image cannot be made or read; says what is wrong and what to do."""


def write_image(image: Image, contents: dict[str, bytes]) -> None:
    """Write the files of the parts (part name -> content) and beside them image.json, last."""
    for part in image.parts:
        part.file.parent.mkdir(parents=True, exist_ok=True)
        part.file.write_bytes(contents[part.name])
    described = {
        "product": image.product,
        "version": image.version,
        "chip": image.chip,
        "flash_bytes": image.flash_bytes,
        "parts": [part._asdict() | {"file": part.file.name} for part in image.parts],
        "nvs": image.nvs._asdict(),
        "data": image.data._asdict(),
        "made_from": {"firmware_sha256": image.firmware_sha256},
    }
    target = image.parts[0].file.with_name(_FILE)
    target.write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")


def read_image(folder: Path) -> Image:
    """The image in a folder, every part as long and as hashed as image.json says, or ImageError."""
    try:
        described = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        image = _image(folder, described)
    except FileNotFoundError:
        raise ImageError(f"{folder} has no {_FILE}: make one with `rapport image`") from None
    except (KeyError, TypeError, ValueError) as error:
        raise ImageError(f"{folder / _FILE} is damaged ({error!r}): make it again") from error
    for part in image.parts:
        _check(part)
    return image


def _image(folder: Path, described: dict[str, Any]) -> Image:
    return Image(
        str(described["product"]),
        int(described["version"]),
        str(described["chip"]),
        int(described["flash_bytes"]),
        tuple(_part(folder, line) for line in described["parts"]),
        _region(described["nvs"]),
        _region(described["data"]),
        str(described["made_from"]["firmware_sha256"]),
    )


def _region(line: dict[str, Any]) -> Region:
    return Region(int(line["offset"]), int(line["bytes"]))


def _part(folder: Path, line: dict[str, Any]) -> Part:
    file = str(line["file"])
    if Path(file).name != file:
        raise ValueError(f"{file} is outside the folder")
    return Part(
        str(line["name"]), int(line["offset"]), folder / file, int(line["bytes"]), line["sha256"]
    )


def _check(part: Part) -> None:
    if not part.file.is_file():
        raise ImageError(f"{part.file} is missing: make the image again")
    content = part.file.read_bytes()
    if len(content) != part.bytes or hashlib.sha256(content).hexdigest() != part.sha256:
        raise ImageError(f"{part.file} is not what image.json says: make the image again")
