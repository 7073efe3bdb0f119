"""Every command of docs/updates.md, in its order, against a hub."""

import asyncio
import os
import re
import shlex
from pathlib import Path

from hub.config import Settings
from tests.conftest import ROOT
from tests.factory.test_ota import Manufacturer, version
from tools.bench.esp_firmware import firmware
from tools.bench.hub import BenchHub
from tools.factory import ota

COMMAND = re.compile(r"^    (rapport .*)$", re.M)


def commands() -> list[list[str]]:
    page = (ROOT / "docs" / "updates.md").read_text(encoding="utf-8")
    return [shlex.split(line)[1:] for line in COMMAND.findall(page)]


async def test_every_command_on_the_page_does_what_the_page_says(tmp_path: Path):
    hub = BenchHub(
        Settings(data=tmp_path / "hub", port=0, broker_port=0), lambda: 1_790_000_000_000
    )
    await hub.start()
    try:
        maker = Manufacturer(hub.url, tmp_path / "hub", tmp_path)
        version(tmp_path, 2).rename(tmp_path / "lamp")
        (tmp_path / "ESP32_GENERIC_S3.bin").write_bytes(firmware("esp32s3", flash_mb=8))
        told = [await maker.run(*command) for command in commands()]
        assert len(told) == 7
    finally:
        await hub.stop()
    assert (tmp_path / "signing" / ota.PRIVATE).stat().st_mode & 0o077 == 0
    flashed = (tmp_path / "image" / "vfs.bin").read_bytes()
    assert ota.modulus(tmp_path / "signing" / ota.PUBLIC) in flashed
    text = "\n".join(told)
    assert "lamp version 2 is rolled out to 5 %." in text
    assert "lamp version 2 is rolled out to 100 %." in text
    assert re.search(r"lamp\W+2\W+5 %\W+running", text)


async def test_what_cannot_be_is_said_in_a_sentence(tmp_path: Path):
    maker = Manufacturer("http://127.0.0.1:9", tmp_path / "hub", tmp_path)
    version(tmp_path, 1).rename(tmp_path / "lamp")
    await maker.run("ota", "key", "signing")
    for command, sentence in (
        ("ota key signing", "is there already; nothing was changed"),
        ("ota sign lamp --key signing", "raise it with every update"),
        ("ota sign lamp --key elsewhere", "name the folder that `rapport ota key` made"),
        ("ota sign lamps --key signing", "there is no product 'lamps'"),
        ("ota publish signing/update.pem", "run this where the hub runs"),
        ("ota status", "run this where the hub runs"),
        (
            "image lamp --firmware lamp/driver.py --update-key lamp/driver.py",
            "take update.pem of the key",
        ),
    ):
        said = await asyncio.to_thread(maker.refused, *shlex.split(command))
        assert sentence in said, said
    assert "lamp-1.update" not in os.listdir(tmp_path)
