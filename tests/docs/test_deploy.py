"""What people deploy with: accepted by the tools that will read it, and true of the hub."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from compose_spec import PyCompose

from hub.config import Settings
from tests.conftest import require
from tests.docs.blocks import ROOT, pages

DEPLOY = ROOT / "tools" / "deploy"
COMPOSED = sorted(DEPLOY.glob("*.yml"))
NOT_THE_HUBS = {"NAME", "WIFI_PASSWORD", "LINE", "DEVICE", "SEAL"}


def test_systemd_takes_the_unit(tmp_path):
    analyze = shutil.which("systemd-analyze")
    require("systemd-analyze", analyze)
    assert analyze
    unit = tmp_path / "rapport-hub.service"
    text = (DEPLOY / "rapport-hub.service").read_text(encoding="utf-8")
    unit.write_text(text.replace("/opt/rapport/bin/rapport", sys.executable))
    ran = subprocess.run([analyze, "verify", unit], capture_output=True, text=True)
    said = [line for line in ran.stderr.splitlines() if unit.name in line]
    assert (ran.returncode, said) == (0, [])


@pytest.mark.parametrize("path", COMPOSED, ids=lambda path: path.name)
def test_compose_takes_the_file(path: Path):
    merged = yaml.safe_load(path.read_text(encoding="utf-8"))  # as compose does first: `<<`
    PyCompose.from_yaml(yaml.safe_dump(merged)).validate()


def test_hadolint_has_nothing_against_the_dockerfile():
    hadolint = Path(sys.executable).with_name("hadolint")
    ran = subprocess.run([hadolint, DEPLOY / "Dockerfile"], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (0, "")


def test_the_image_holds_all_that_is_installed():
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    copied = {
        word for line in re.findall(r"^COPY (.+)", text, re.MULTILINE) for word in line.split()
    }
    assert {"firmware", "hub", "protocol", "tools", "requirements.lock", "pyproject.toml"} <= copied
    assert all((ROOT / name).exists() for name in copied - {".", "./"})


@pytest.mark.parametrize("path", COMPOSED, ids=lambda path: path.name)
def test_every_service_keeps_running_and_the_hub_may_do_no_more_than_it_needs(path: Path):
    services = yaml.safe_load(path.read_text(encoding="utf-8"))["services"]
    assert all(one["restart"] == "unless-stopped" for one in services.values())
    for name, one in services.items():
        if name.startswith("hub"):
            assert one["cap_drop"] == ["ALL"] and one["read_only"]


def test_every_variable_that_is_named_anywhere_is_a_setting_of_the_hub():
    known = {name.upper() for name in Settings.model_fields} | NOT_THE_HUBS
    files = [*pages(), *(path for path in DEPLOY.iterdir() if path.is_file())]
    wrong = [
        f"{path.relative_to(ROOT)}: RAPPORT_{name}"
        for path in files
        for name in re.findall(r"RAPPORT_([A-Z][A-Z_]*[A-Z])\b", path.read_text(encoding="utf-8"))
        if name not in known
    ]
    assert not wrong


def test_lists_in_the_files_are_what_the_settings_take(monkeypatch):
    monkeypatch.setenv("RAPPORT_BROKER_NAMES", json.dumps(["hub.example.org"]))
    assert Settings().broker_names == ("hub.example.org",)
