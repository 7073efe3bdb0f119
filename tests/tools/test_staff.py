"""`rapport staff` beside a hub that runs."""

from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from hub.access.who import SUPPORT, Who
from tests.browser.desk import Desk
from tools.cli import whole


@pytest.fixture
def desk(tmp_path, monkeypatch) -> Iterator[Desk]:
    with Desk() as desk:
        (tmp_path / "staff.key").write_text("the-staff-key")
        monkeypatch.setenv("RAPPORT_DATA", str(tmp_path))
        monkeypatch.setenv("RAPPORT_PORT", desk.url.rpartition(":")[2])
        yield desk


def rapport(*words: str) -> tuple[int, str]:
    run = CliRunner().invoke(whole(), ["staff", *words])
    return run.exit_code, run.output or str(run.exception or "")


def test_somebody_is_invited_listed_and_removed(desk):
    code, said = rapport("add", "Sam", "--role", "support")
    assert code == 0
    token = said.strip().rpartition("/invitation/")[2]
    assert desk.do(lambda: desk.parts.access.invitations.who(token)) == Who(SUPPORT, "Sam")
    accounts = desk.parts.accounts
    desk.do(lambda: accounts.keep(accounts.begin(Who(SUPPORT, "Sam"))))
    assert rapport("list") == (0, "Sam, support, password\n")
    assert rapport("remove", "sam") == (0, "Sam is not of the staff any more.\n")
    assert rapport("list") == (0, "")


def test_what_cannot_be_is_said_in_a_sentence(desk):
    assert "Nobody of the staff is called 'Eve'" in rapport("remove", "Eve")[1]
    assert "role: one of" in rapport("add", "Eve", "--role", "root")[1]
