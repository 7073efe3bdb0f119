"""Where files lie on a board: the application in one of two slots, beside it what finds the slot.

/boot.py              runs first after every reset, and goes to the slot
/slots.mpy            finds it, see firmware/slots.py
/slots.json           which slot is good
/update.key           the key (RSA modulus) that updates are signed with; without it none is taken
/a/...                the application: main.py, which runs next, modules, product; and in files.txt
                      the hash of each of them
/b/...                an update, written beside what runs; the image has none

A board whose MicroPython runs code where it lies in the flash has a partition "romfs" beside. All
modules of a slot are one image in its half of that then: in the list it is app.rom.

What a device learns is in neither slot, so an update leaves it alone.
"""

import hashlib
import json
from pathlib import Path

from firmware import slots
from tools.factory import romfs
from tools.factory.application import ROOT, application, compiled

HASHES = "files.txt"
SLOT = "a"
MAIN = f"/{SLOT}/main.py"
ROM_PATH = f"/{SLOT}/{slots.ROM}"  # no file: what lies at the beginning of the partition


def build_files(
    product: str | Path, update_key: bytes = b"", rom: bool = False
) -> dict[str, bytes]:
    """Path on the board -> content for one product, for example "/a/firmware/radio.mpy".

    rom: for a board that runs code where it lies; under ROM_PATH is what its partition gets.
    """
    firmware = ROOT / "firmware"
    root = {
        "/boot.py": (firmware / "boot.py").read_bytes(),
        "/slots.mpy": compiled(firmware / "slots.py"),
        "/slots.json": json.dumps({"good": SLOT, "trial": None, "left": 0}).encode(),
    }
    if update_key:
        root["/update.key"] = update_key
    slot = slot_files(application(product), rom)
    return root | {f"/{SLOT}/{path}": content for path, content in slot.items()}


def slot_files(files: dict[str, bytes], rom: bool = False) -> dict[str, bytes]:
    """An application as it is written into a slot: a line "SHA-256 BYTES PATH" for each file."""
    if rom:
        code = {path: files[path] for path in files if path.endswith(".mpy")}
        rest = {path: files[path] for path in files.keys() - code.keys()}
        files = {**rest, slots.ROM: romfs.write(code)}
    lines = [
        f"{hashlib.sha256(content).hexdigest()} {len(content)} {path}\n"
        for path, content in sorted(files.items())
    ]
    return {**files, HASHES: "".join(lines).encode()}
