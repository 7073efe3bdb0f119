"""Updates on MicroPython's littlefs: what is bad changes nothing, and no power cut bricks."""

import hashlib
import subprocess
from pathlib import Path
from typing import Any

import pytest

from hub.devices.bundles import Bundle
from protocol.update import Offer, write_head
from tests.conftest import ROOT, many, micropython, require
from tools.factory import ota
from tools.factory.layout import slot_files

SAME = {"firmware/same.mpy": bytes(range(256)) * 5, "product.json": bytes(range(256)) * 2}
OLD = {"main.py": b"# 1\n", "firmware/old.mpy": b"old" * 600, **SAME}
NEW = {"main.py": b"# 2\n", "firmware/new.mpy": b"new" * 900, **SAME}


def changed(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def rewritten(bundle: Bundle, **other: Any) -> Bundle:
    """Another head under the signature of the first."""
    head = write_head(bundle.head._replace(**other))
    return bundle._replace(offer=Offer(head, bundle.offer.signature))


def bad(new: Bundle, rom: bool, key: Any, strange: Any) -> dict[str, Bundle]:
    other = hashlib.sha256(b"another list").digest()
    signature, files = new.offer.signature, slot_files(NEW, rom)
    return {
        "refused-signature": new._replace(offer=Offer(new.offer.head, changed(signature, 200))),
        "refused-no-signature": new._replace(offer=Offer(new.offer.head, bytes(384))),
        "refused-zero-head": new._replace(offer=Offer(b"", signature)),
        "refused-other-version": rewritten(new, version=3),
        "refused-other-list": rewritten(new, list_sha256=other),
        "refused-other-key": ota.signed("lamp", 2, 1, files, strange),
        "refused-wrong-product": ota.signed("kettle", 2, 1, files, key),
        "refused-older": ota.signed("lamp", 0, 0, files, key),
        "refused-too-far-ahead": ota.signed("lamp", 9, 5, files, key),
        "refused-other-kind-of-board": ota.signed("lamp", 2, 1, slot_files(NEW, not rom), key),
        "refused-kind-rewritten": rewritten(new, rom=not rom),
        "failed-tampered-list": new._replace(body=changed(new.body, 3)),
        "failed-tampered-file": new._replace(body=changed(new.body, new.head.list_bytes + 9)),
    }


def bundles(folder: Path, rom: bool) -> Path:
    """A folder as update_device.py wants it; rom: for boards that run code in their flash."""
    ota.make_key(folder / "signing")
    ota.make_key(folder / "strange")
    key, strange = ota.load_key(folder / "signing"), ota.load_key(folder / "strange")
    new = ota.signed("lamp", 2, 1, slot_files(NEW, rom), key)
    made = folder / "made"
    (made / "bad").mkdir(parents=True)
    (made / "key").write_bytes(ota.modulus(folder / "signing" / ota.PUBLIC))
    (made / "old").write_bytes(ota.signed("lamp", 1, 0, slot_files(OLD, rom), key).content())
    (made / "new").write_bytes(new.content())
    later = slot_files(OLD | {"main.py": b"# 3\n"}, rom)
    (made / "later").write_bytes(ota.signed("lamp", 3, 1, later, key).content())
    for name, bundle in bad(new, rom, key, strange).items():
        (made / "bad" / name).write_bytes(bundle.content())
    return made


@pytest.mark.parametrize("rom", [False, True], ids=["code in files", "code in flash"])
def test_an_update_that_is_cut_anywhere_leaves_the_old_or_the_new_application(
    rom: bool, tmp_path: Path
):
    require("a micropython interpreter", micropython())
    every, nested = (1, 20) if many(1) == 1 else (1, 3)
    run = subprocess.run(
        [micropython(), "-X", "heapsize=128m", "tests/factory/update_device.py",
         str(bundles(tmp_path, rom)), str(every), str(nested)],
        cwd=ROOT, capture_output=True, text=True, timeout=1000, check=False,
    )  # fmt: skip
    assert run.returncode == 0 and run.stdout.startswith("ok: 13 bad"), run.stdout + run.stderr
    print(run.stdout)  # noqa: T201
