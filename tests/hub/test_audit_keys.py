"""What seals what the audit says of a customer is made with them, so that a look is no change."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.store import Put
from tests.hub.test_audit import SAM, House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path / "audit")
    yield house
    house.log.close()


def test_a_look_at_somebody_changes_nothing_in_the_store(house):
    house.audit.write(SAM, "searched", reason="to have the hub's own key")
    seen = []
    house.hub.store.watch("", lambda put, before: seen.append(put))
    house.audit.look(SAM, "looked at everything known", house.ana, "Ana called")
    assert seen == []
    assert house.audit.about(house.ana)[0]["reason"] == "Ana called"


def test_who_came_before_everybody_had_a_key_gets_one_and_keeps_it(house):
    where = f"customer/{house.ana}"
    profile = house.hub.store.get(where, "profile", "about")
    del profile["audit"]
    house.hub.store.commit([Put(where, "profile", "about", profile)])
    house.audit.write(SAM, "looked", house.ana, "Ana called")
    house.log.close()
    house.open()
    house.audit.write(SAM, "looked", house.ana, "and again")
    reasons = [one["reason"] for one in house.audit.about(house.ana)]
    assert reasons == ["and again", "Ana called"]
