"""A new product, as docs/new-product.md has it: each command there is tried here, in its order."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, micropython, require
from tools.bench import esp_firmware as esp
from tools.factory.errors import FactoryError
from tools.factory.new import new
from tools.factory.trial import TrialError, trial

PAGE = (ROOT / "docs" / "new-product.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^    \$? ?((?:rapport|python) .*?)(?:\s+#.*)?$", PAGE, re.MULTILINE)


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    words = command.split()
    words[:1] = [sys.executable, *(["-m", "tools.cli"] if words[0] == "rapport" else [])]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "120"}
    return subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, timeout=280, check=False
    )


def test_every_command_of_the_page_works(tmp_path: Path):
    require("a micropython interpreter", micropython())
    (tmp_path / "ESP32_GENERIC_S3.bin").write_bytes(esp.firmware("esp32s3"))
    done = []
    for command in COMMANDS:
        ran = run(command, tmp_path)
        assert ran.returncode == 0, f"{command}\n{ran.stdout}{ran.stderr}"
        done.append(command.split()[1])
    assert done == ["new", "check", "try", "-m", "image"]
    assert (tmp_path / "image" / "image.json").is_file()


def test_what_the_page_shows_of_a_driver_is_what_is_made(tmp_path: Path):
    folder = new("fan", tmp_path)
    driver = (folder / "driver.py").read_text(encoding="utf-8")
    assert len([line for line in driver.splitlines() if line.strip()]) <= 60
    shown = re.findall(r"```(?:python|json)\n(.*?)```", PAGE, re.DOTALL)
    assert len(shown) == 2
    texts = driver + (folder / "product.json").read_text(encoding="utf-8")
    for each in shown:
        assert all(line.strip() in texts for line in each.splitlines()), each


def test_nothing_is_overwritten_and_no_name_is_taken_that_cannot_be_used(tmp_path: Path):
    folder = new("fan", tmp_path)
    (folder / "driver.py").write_text("mine")
    for name, reason in (
        ("fan", "exists"),
        ("Fan", "has 'F'"),
        ("a" * 25, "1 to 24"),
        ("", "1 to 24"),
        ("../up", "use a-z"),
        ("9lives", "begin with a letter"),
        ("_x", "begin with a letter"),
        ("lamp", "there is a product 'lamp'"),
    ):
        with pytest.raises(FactoryError, match=reason):
            new(name, tmp_path)
    assert (folder / "driver.py").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["fan"]


def test_faults_end_with_1_and_unknown_products_with_words(tmp_path: Path):
    folder = new("fan", tmp_path)
    (folder / "driver.py").write_text("class Driver: pass\n")
    ran = run("rapport check fan", tmp_path)
    assert ran.returncode == 1 and "fault driver.py:1: Driver lacks def apply" in ran.stdout
    ran = run("rapport image fan --firmware product.json", folder.parent)
    assert ran.returncode == 2 and "Traceback" not in ran.stderr
    ran = run("rapport check nothing", tmp_path)
    assert ran.returncode == 2 and "there is no product 'nothing'" in ran.stderr
    shutil.rmtree(folder)


def test_a_product_that_does_not_do_what_is_wished_fails_its_trial(tmp_path: Path):
    require("a micropython interpreter", micropython())
    folder = new("fan", tmp_path)
    text = (folder / "driver.py").read_text()
    (folder / "driver.py").write_text(text.replace("def apply(self, codes):", "def apply(self):"))
    with pytest.raises((TrialError, RuntimeError), match="Fan is set to speed 30"):
        asyncio.run(trial(folder))
