"""What people take away and bring, at the terminal, with a hub that runs."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from hub.config import Settings
from hub.errors import InvalidError
from hub.link.ports import free_port
from tests.hub.test_backup import running
from tools import people
from tools.asking import HubError, ask


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", port=free_port())


def console() -> Console:
    return Console(file=io.StringIO(), width=200)


def said(out: Console) -> str:
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


def test_who_was_exported_is_erased_with_a_receipt_and_comes_back(tmp_path, settings, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with running(settings):
        ana = ask(settings, "POST", "/api/customers", {"name": "Ana"})["id"]
        out = console()
        file = people.export(ana, None, False, settings, out)
        people.export(ana, Path("ana.zip"), True, settings, out)
        with pytest.raises(HubError, match="is there already"):
            people.export(ana, None, False, settings, out)
        receipt = ask(settings, "POST", f"/api/customers/{ana}/erasures")
        back = console()
        again = people.bring(file, settings, back)
        key = ask(settings, "GET", "/api/receipts/key")["key"]
    digest = json.loads(file.read_text())["digest"]
    assert again != ana and digest in said(out) and digest in said(back)
    (tmp_path / "receipt.json").write_text(json.dumps(receipt))
    checked = console()
    assert people.check_receipt(tmp_path / "receipt.json", key, checked)
    assert "is as the hub signed it" in said(checked)
    assert not people.check_receipt(tmp_path / "receipt.json", "00" * 32, console())
    (tmp_path / "receipt.json").write_text(json.dumps(receipt | {"begun_ms": 1}))
    changed = console()
    assert not people.check_receipt(tmp_path / "receipt.json", "", changed)
    assert "it was changed after it was signed" in said(changed)


def test_a_file_that_is_none_is_told_in_a_sentence(tmp_path: Path, settings: Settings):
    for content in ("", "[]", "{"):
        (tmp_path / "file").write_text(content)
        with pytest.raises(InvalidError, match="holds no JSON document"):
            people.bring(tmp_path / "file", settings, console())
