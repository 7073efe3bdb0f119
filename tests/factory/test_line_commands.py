"""A production line from the terminal, as docs/production-line.md tells it."""

import asyncio
import contextlib
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.core import TyperGroup as Group
from typer.main import get_command

from tests.conftest import ROOT
from tests.factory import pretend
from tests.factory.floor import Floor, link
from tools import hub_commands
from tools.bench.wait import until
from tools.factory import authority, batch, faults, ledger, line_commands, station
from tools.factory.errors import FactoryError
from tools.factory.flash import Outcome, flash
from tools.factory.port import find, wanted
from tools.factory.provision import ca_of

RAPPORT = Path(sys.executable).with_name("rapport")


class Terminal:
    def __init__(self, folder: Path) -> None:
        self.folder, self.line = folder, "line"

    def __call__(self, line: str, fails: int = 0) -> str:
        environment = os.environ | {"COLUMNS": "200", "RAPPORT_WIFI_PASSWORD": "guest-password"}
        environment["RAPPORT_LINE"] = self.line
        done = subprocess.run(
            [RAPPORT, *line.split()],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == fails, done.stdout + done.stderr
        return " ".join((done.stdout + done.stderr).split())


@pytest.fixture
def rapport(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


PROVISION = (
    "provision devices {} --product lamp --prefix LMP"
    " --hub-authority hub/certificates/authority.pem --broker hub.example.org:8883 --wifi Showroom"
)


def test_from_a_manufacturer_to_a_finished_batch_in_the_terminal(floor: Floor, rapport: Terminal):
    assert "SHA-256" in rapport("provision root makers --maker Borealis")
    rapport("provision line lines/2 --root makers --name Line-2")
    rapport.line = "lines/2"
    assert "LMP-000001 to LMP-000003" in rapport(PROVISION.format(3))
    assert "labels.pdf" in rapport("label --out labels.pdf")
    boards = [floor.board(), floor.board(silent=True), floor.board()]
    flash = f"flash --ports {','.join(board.path for board in boards)} --jobs 3 --no-reset"
    said = rapport(flash, fails=1)
    assert "LMP-000001 done in" in said
    assert "no board answers" in said
    assert "2 done, 0 done before, 1 failed" in said
    assert "0 done, 2 done before, 0 failed" in rapport(flash.replace(f"{boards[1].path},", ""))
    assert "LMP-000002" in rapport("status")
    rows = json.loads(rapport("status --json"))
    assert [row["device"] for row in rows] == ["lmp-000001", "lmp-000002"]
    assert rapport("status --csv").startswith("device,mac,state")
    told = json.loads(rapport("batch --json"))
    assert (told["batches"][0]["done"], told["no_device"]) == (2, {"no_board": 1})
    assert "no board answers: 1" in rapport("batch")
    assert "100.0%" in rapport("batch")
    assert rapport("batch --csv").startswith("batch,devices,done")
    assert rapport("batch --close").startswith("2 devices")
    assert "forgotten" in rapport("label --out labels.csv", fails=2)


def test_what_cannot_be_done_is_told_in_a_sentence_and_changes_nothing(
    floor: Floor, rapport: Terminal
):
    assert "prefix 'lmp'" in rapport(f"{PROVISION.format(1)} --prefix lmp", fails=2)
    assert "has no image.json" in rapport("flash --image nowhere", fails=2)
    for other, problem in (
        ({"broker": "example.org"}, "host:port"),
        ({"ca": b""}, "a certificate of at most"),
        ({"first": 0}, "first number"),
        ({"ssid": ""}, "Wi-Fi ''"),
        ({"password": "x" * 65}, "at most 64 bytes"),
    ):
        with pytest.raises(FactoryError, match=problem):
            floor.provision(1, **other)
    for count in (0, 100_001):
        with pytest.raises(FactoryError, match="1 to 100000 at a time"):
            floor.provision(count)
    with pytest.raises(FactoryError, match="no 9 numbers left"):
        floor.provision(9, first=999_995)
    with pytest.raises(FactoryError, match="is no certificate"):
        ca_of(b"hello")
    assert floor.batches() == []


def test_what_is_there_is_never_made_anew(floor: Floor, tmp_path: Path):
    for make, problem in (
        (lambda: authority.make_root(tmp_path / "root", "Again"), "has a root already"),
        (lambda: authority.make_line(floor.line, tmp_path / "root", "Again"), "a line already"),
        (lambda: authority.make_line(tmp_path / "2", floor.line, "Sub"), "root.key.pem is missing"),
        (lambda: authority.make_root(tmp_path / "3", "x" * 65), "1 to 64 letters"),
        (lambda: authority.open_line(tmp_path / "4"), "is no line's folder"),
        (lambda: batch.find(floor.line, "2020-01-01-1"), "there is no batch '2020-01-01-1'"),
    ):
        with pytest.raises(FactoryError, match=problem):
            make()


def test_numbers_go_on_where_the_last_batch_ended_and_each_prefix_has_its_own(floor: Floor):
    assert floor.provision(2).devices() == ["lmp-000001", "lmp-000002"]
    assert floor.provision(1).devices() == ["lmp-000003"]
    assert floor.provision(1, prefix="DSK", first=500).devices() == ["dsk-000500"]
    unfinished = floor.line / "batches" / "2026-11-22-9.new"
    unfinished.mkdir()
    (unfinished / "devices").mkdir()
    assert floor.provision(1).devices() == ["lmp-000004"]
    keys = [one.identity(device).key for one in floor.batches() for device in one.devices()]
    assert len(set(keys)) == 5


def test_nobody_else_makes_identities_meanwhile(floor: Floor):
    with batch.adding(floor.line), pytest.raises(FactoryError, match="somebody else is making"):
        floor.provision(1)
    assert floor.provision(1).devices() == ["lmp-000001"]


def test_a_thousand_devices_fit_a_manifest_and_more_take_two(floor: Floor):
    floor.provision(1001)
    assert [len(one.devices()) for one in floor.batches()] == [1000, 1]
    assert floor.batches()[0].manifest.stat().st_size < 256 << 10


async def test_plugging_in_starts_and_plugging_in_again_leaves_alone_what_is_done(floor: Floor):
    floor.provision(3)
    work, outcomes = floor.work(command=pretend.COMMAND), list[Outcome]()
    there = [str(floor.folder / "board-1")]

    async def one(port: str) -> Outcome:
        outcomes.append(await flash(link(port), work))
        return outcomes[-1]

    watching = asyncio.create_task(station.watch(lambda: list(there), one, 2))
    await until("board 1 is done", lambda: len(outcomes) == 1)
    there.append(str(floor.folder / "board-2"))
    await until("board 2 is done", lambda: len(outcomes) == 2)
    there.pop()
    await asyncio.sleep(2.5)
    assert len(outcomes) == 2, "nothing starts while nothing is plugged in"
    there.append(str(floor.folder / "board-2"))
    await until("board 3 is done", lambda: len(outcomes) == 3)
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching
    devices = [(outcome.device, outcome.skipped) for outcome in outcomes]
    assert devices == [("lmp-000001", False), ("lmp-000002", False), ("lmp-000002", True)]
    assert len(ledger.read(floor.line).devices) == 2


def test_ports_are_found_by_name_and_by_pattern(tmp_path: Path):
    for name in ("ttyUSB0", "ttyUSB1", "ttyACM0"):
        (tmp_path / name).touch()
    both, one = f"{tmp_path}/ttyUSB*", f"{tmp_path}/ttyACM0"
    assert len(find(f"{both},{one},{one}")) == 3
    assert find(f"{tmp_path}/ttyUSB9") == []
    assert wanted(f"{tmp_path}/ttyUSB9,{one}") == [f"{tmp_path}/ttyUSB9", one]
    with pytest.raises(FactoryError, match="names like"):
        find(" , ")


def test_every_command_of_the_documentation_is_there_with_its_options():
    known = {
        "provision": get_command(line_commands.provision),
        "hub": get_command(hub_commands.app),
        **get_command(line_commands.app).commands,
    }
    text = (ROOT / "docs" / "production-line.md").read_text(encoding="utf-8")
    lines = [
        shlex.split(line.split("#")[0]) for line in re.findall("^    rapport (.+)$", text, re.M)
    ]
    tried = [words for words in lines if words[0] in known]
    assert len(tried) >= 14
    for name, *words in tried:
        command = known[name]
        if isinstance(command, Group):
            command = command.commands[words.pop(0)]
        options = {option for each in command.params for option in each.opts}
        assert {word for word in words if word.startswith("--")} <= options, (name, words)


def test_the_documentation_tells_what_to_do_about_each_fault():
    text = (ROOT / "docs" / "production-line.md").read_text(encoding="utf-8")
    for fault in faults.FAULTS:
        assert fault is faults.UNKNOWN or f"| {fault.title} |" in text, fault.name
