"""Who looked at whom: written before it is seen, sealed for whom it is about, never changed."""

import os

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from hub import durable
from hub.access.audit import Audit, MemoryLines
from hub.access.audit_log import FIRST, AuditError, AuditLog, verify
from hub.access.who import CUSTOMER, STAFF_KEY, SUPPORT, Who
from tests.conftest import many
from tests.hub.living import NOON_MS, Dice, Hub
from tests.hub.test_api import Desk
from tools.cli import whole

SAM = Who(SUPPORT, "Sam")


class House:
    """A hub with Ana, and an audit on the disk."""

    def __init__(self, folder):
        self.hub, self.folder = Hub(), folder
        self.ana = self.hub.profiles.welcome("Ana Oliveira", "ana@example.org")
        self.open()

    def open(self):
        self.log = AuditLog(self.folder, file_bytes=2000)
        self.audit = Audit(self.hub.store, lambda: self.hub.now_ms, self.hub.dice, self.log)

    def bytes(self):
        self.log.close()
        return b"".join(path.read_bytes() for path in sorted(self.folder.iterdir()))


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path / "audit")
    yield house
    house.log.close()


def test_a_customer_sees_who_looked_and_why(house):
    house.audit.write(SAM, "looked at everything known", house.ana, "Ana called")
    house.audit.write(SAM, "searched")
    assert house.audit.about(house.ana) == [
        {
            "id": 1,
            "at_ms": NOON_MS,
            "who": "Sam",
            "role": "support",
            "what": "looked at everything known",
            "reason": "Ana called",
        }
    ]


def test_an_auditor_sees_everything_but_who_the_customers_are(house):
    ben = house.hub.profiles.welcome("Ben")
    for customer in (house.ana, ben, house.ana):
        house.audit.write(SAM, "looked", customer, "because")
    entries = house.audit.entries()
    assert [one["id"] for one in entries] == [3, 2, 1]
    assert entries[0]["about"] == entries[2]["about"] != entries[1]["about"]
    assert entries[0]["reason"] == "because"
    assert house.ana not in str(entries)
    assert [one["id"] for one in house.audit.entries(1, before=3)] == [2]


def test_what_is_written_holds_neither_name_nor_id_nor_reason(house):
    house.audit.write(SAM, "looked", house.ana, "she cannot sleep")
    house.audit.write(Who(CUSTOMER, "Ana Oliveira", house.ana), "exported", house.ana)
    content = house.bytes()
    for secret in (b"Ana", b"example.org", house.ana.encode(), b"sleep"):
        assert secret not in content


def test_who_is_forgotten_leaves_a_chain_that_holds_and_no_reason(house):
    house.audit.write(SAM, "looked", house.ana, "Ana called")
    house.hub.profiles.forget(house.ana)
    assert house.audit.about(house.ana) == []
    assert [one["reason"] for one in house.audit.entries()] == [""]
    assert verify(house.folder).wrong == ""
    house.audit.write(SAM, "looked", house.ana)  # there is nobody any more: no vault is made
    assert house.hub.store.vaults("customer/") == []
    assert house.audit.entries(1)[0]["about"] == ""


def test_the_same_look_within_a_minute_is_one_and_a_change_never(house):
    for _ in range(3):
        house.audit.look(SAM, "searched")
        house.audit.write(SAM, "asked for a setting", house.ana)
    house.hub.now_ms += 60_000
    house.audit.look(SAM, "searched")
    what = [one["what"] for one in house.audit.entries()]
    assert (what.count("searched"), what.count("asked for a setting")) == (2, 3)


def test_after_a_restart_it_goes_on_and_finds_what_was_before(house):
    for number in range(40):
        house.audit.write(SAM, f"look {number}", house.ana if number % 2 else "", "because")
        if number % 7 == 0:
            house.log.close()
            house.open()
    assert len(sorted(house.folder.glob("*.log"))) > 3
    assert [one["what"] for one in house.audit.about(house.ana, 3)] == [
        "look 39",
        "look 37",
        "look 35",
    ]
    assert [one["id"] for one in house.audit.entries(100)] == list(range(40, 0, -1))
    assert [one["id"] for one in house.audit.entries(2, before=20)] == [19, 18]
    found = verify(house.folder)
    assert (found.entries, found.wrong) == (40, "")


def test_what_is_too_old_goes_and_the_rest_still_fits(house):
    for number in range(40):
        house.audit.write(SAM, f"look {number}", house.ana)
        house.hub.now_ms += 1000
    house.audit.forget(NOON_MS + 20_000)
    told = house.audit.about(house.ana, 100)
    assert 19 < len(told) < 32
    assert [one["id"] for one in house.audit.entries(100)] == [one["id"] for one in told]
    assert verify(house.folder).wrong == ""
    house.log.close()
    house.open()
    assert house.audit.about(house.ana, 100) == told
    house.audit.forget(NOON_MS * 2)
    found = verify(house.folder)
    assert (found.entries, found.wrong) == (40, "")
    assert 20 < found.first <= 40


def test_one_changed_byte_is_found_wherever_it_is(house):
    for number in range(12):
        house.audit.write(SAM, f"look {number}", house.ana, "because")
    house.log.close()
    good = verify(house.folder)
    assert good.wrong == ""
    for path in sorted(house.folder.iterdir()):
        content = path.read_bytes()
        step = max(1, len(content) // many(60))
        for at in range(0, len(content), step):
            changed = bytearray(content)
            changed[at] ^= 1
            path.write_bytes(changed)
            assert verify(house.folder).wrong, (path.name, at)
        path.write_bytes(content)
    assert verify(house.folder) == good


def test_what_is_cut_off_left_out_swapped_or_put_in_is_found(house):
    for number in range(12):
        house.audit.write(SAM, f"look {number}")
    house.log.close()
    paths = sorted(house.folder.glob("*.log"))
    for path in paths:
        lines = path.read_bytes().splitlines(keepends=True)
        forged = [lines[0], *lines]
        for wrong in (lines[:-1], lines[1:], lines[::-1], forged, []):
            path.write_bytes(b"".join(wrong))
            if wrong != lines:
                assert verify(house.folder).wrong, (path.name, len(wrong))
        path.write_bytes(b"".join(lines))
    paths[1].rename(paths[1].with_suffix(".away"))
    assert verify(house.folder).wrong
    paths[1].with_suffix(".away").rename(paths[1])
    (house.folder / "head").unlink()
    assert "head" in verify(house.folder).wrong


def test_who_writes_it_all_anew_is_found_by_a_head_kept_elsewhere(house):
    house.audit.write(SAM, "looked", house.ana)
    head = house.log.head
    house.log.close()
    for path in house.folder.iterdir():
        path.unlink()
    house.open()
    house.audit.write(SAM, "did nothing")
    assert verify(house.folder).wrong == ""
    assert head in verify(house.folder, head).wrong


def test_a_line_torn_by_a_power_cut_is_cut_off_and_the_next_one_fits(house, caplog):
    house.audit.write(SAM, "looked")
    house.log.close()
    path = next(house.folder.glob("*.log"))
    for torn in range(1, 80, 13):
        content = path.read_bytes()
        path.write_bytes(content + b"0" * torn)
        house.open()
        house.audit.write(SAM, f"looked after {torn} bytes")
        house.log.close()
    assert verify(house.folder).wrong == ""
    assert "unfinished line" in caplog.text


def test_where_it_cannot_be_written_it_says_so_and_stays_as_it_was(house, monkeypatch):
    house.audit.write(SAM, "looked")
    head = house.log.head

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(durable.os, "fsync", full)
        with pytest.raises(AuditError, match="No space left"):
            house.audit.write(SAM, "looked again")
    assert house.log.head == head
    house.audit.write(SAM, "looked at last")
    house.log.close()
    assert verify(house.folder) == (2, house.log.head, "", 1)


def test_nothing_is_seen_that_could_not_be_written_down(monkeypatch):
    desk = Desk()
    with desk.staff:
        ana = desk.welcome()

        def full(entry: dict) -> int:
            raise AuditError("the audit cannot be written: disk full")

        monkeypatch.setattr(MemoryLines, "append", lambda self, entry: full(entry))
        for path in ("", "/timeline", "/credential", "/export", "/consents"):
            answer = desk.staff.get(f"/api/customers/{ana}{path}")
            assert (path, answer.status_code) == (path, 503)
            assert "Ana" not in answer.text
        assert desk.staff.delete(f"/api/customers/{ana}").status_code == 503
        assert desk.parts.profiles.search("Ana")


def test_every_look_and_every_change_by_staff_is_an_entry_about_the_customer():
    desk = Desk()
    with desk.staff as staff:
        ana = desk.welcome()
        staff.get(f"/api/customers/{ana}", headers={"X-Reason": "Ana called"})
        staff.get(f"/api/customers/{ana}/timeline")
        staff.post(
            f"/api/customers/{ana}/rules",
            json={"product": "lamp", "setting": "mood", "rule": "frozen"},
        )
        told = desk.parts.audit.about(ana)
        assert [(one["what"], one["reason"]) for one in told] == [
            ("changed what is learned", ""),
            ("looked at what happened", ""),
            ("looked at everything known", "Ana called"),
            ("linked a device", ""),
        ]
        assert {(one["who"], one["role"]) for one in told} == {STAFF_KEY[1::-1]}


def test_a_search_is_one_entry_that_names_nobody():
    desk = Desk()
    with desk.staff as staff:
        desk.welcome()
        for typed in ("A", "An", "Ana"):
            staff.get(f"/api/customers?q={typed}")
        entries = staff.get("/api/audit").json()["entries"]
        assert [one["what"] for one in entries].count("searched") == 1
        assert "An" not in str(entries)


def test_rapport_verify_says_ok_or_where_it_does_not_fit(tmp_path):
    log = AuditLog(tmp_path)
    for number in range(3):
        log.append({"what": str(number)})
    log.close()
    run = CliRunner().invoke(whole(), ["verify", str(tmp_path)])
    assert (run.exit_code, run.output) == (0, f"ok: 3 entries, head {log.head}\n")
    path = next(tmp_path.glob("*.log"))
    path.write_bytes(path.read_bytes().replace(b'"what":"1"', b'"what":"2"'))
    run = CliRunner().invoke(whole(), ["verify", str(tmp_path)])
    assert run.exit_code == 1
    assert "entry 2" in run.output
    assert verify(tmp_path / "nowhere").wrong
    (tmp_path / "new").mkdir()
    assert verify(tmp_path / "new") == (0, FIRST, "", 1)


def test_an_entry_costs_one_small_write(tmp_path, monkeypatch):
    audit = Audit(Hub().store, lambda: NOON_MS, Dice(), AuditLog(tmp_path))
    synced: list[int] = []
    real = os.fsync
    audit.write(SAM, "looked")
    monkeypatch.setattr(durable.os, "fsync", lambda handle: (synced.append(handle), real(handle)))
    audit.write(SAM, "looked")
    audit.close()
    assert len(synced) == 1


def test_auditors_read_it_on_a_page_too():
    desk = Desk()
    with TestClient(desk.app) as browser:
        browser.get(f"/start/{desk.parts.access.link(Who('auditor', 'Ada'))}")
        page = browser.get("/audit", headers={"Accept": "text/html"})
        assert "read the audit" in page.text and "Ada" in page.text
