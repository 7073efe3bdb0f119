"""Where files lie on a board: the application in one of two slots, beside it what finds the slot.

/boot.py              runs first after every reset, and goes to the slot
/slots.mpy            finds it, see firmware/slots.py
/slots.json           which slot is good
/update.key           the key (RSA modulus) that updates are signed with; without it none is taken
/a/...                the application: main.py, which runs next, modules, product; and in files.txt
                      the hash of each of them
/b/...                an update, written beside what runs; the image has none

What a device learns is in neither slot, so an update leaves it alone.
"""

import hashlib
import json
from pathlib import Path

from tools.factory.application import ROOT, application, compiled

HASHES = "files.txt"
SLOT = "a"
MAIN = f"/{SLOT}/main.py"


def build_files(product: str | Path, update_key: bytes = b"") -> dict[str, bytes]:
    """Path on the board -> content for one product, for example "/a/firmware/radio.mpy"."""
    firmware = ROOT / "firmware"
    root = {
        "/boot.py": (firmware / "boot.py").read_bytes(),
        "/slots.mpy": compiled(firmware / "slots.py"),
        "/slots.json": json.dumps({"good": SLOT, "trial": None, "left": 0}).encode(),
    }
    if update_key:
        root["/update.key"] = update_key
    slot = slot_files(application(product))
    return root | {f"/{SLOT}/{path}": content for path, content in slot.items()}


def slot_files(files: dict[str, bytes]) -> dict[str, bytes]:
    """An application as it is written into a slot: a line "SHA-256 BYTES PATH" for each file."""
    lines = [
        f"{hashlib.sha256(content).hexdigest()} {len(content)} {path}\n"
        for path, content in sorted(files.items())
    ]
    return {**files, HASHES: "".join(lines).encode()}
