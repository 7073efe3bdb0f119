"""How well a person is known: what stays on the device, and who is not to be recognised."""

from firmware.companion import Companion
from firmware.effects import Keep, Now, Record
from firmware.memory import Memory
from firmware.people import People
from protocol import events, presence
from protocol.clock import Clock
from protocol.fold import Known
from protocol.messages import Keys
from protocol.product import read_product
from protocol.rules import FULL, LOCAL, STRANGER
from tests.both.folder import Folder

ANA = b"ana-----"
BEN = b"ben-----"
PERIOD = 26_855
NOON_S = (PERIOD << 16) + 30_000
LAMP = {
    "product": "lamp",
    "settings": [{"name": "brightness", "kind": "number", "low": 0, "high": 100, "start": 60}],
    "counters": [{"name": "presses"}],
}


def _now(uptime_ms):
    return Now(uptime_ms, 1_760_000_000_000 + uptime_ms, events.EXACT, 1)


def _companion():
    return Companion(read_product(LAMP), "lamp-1", b"boot", Clock(0))


def _visit(local):
    companion, known = _companion(), Known()
    known.local = local
    effects = companion.near(ANA, known, _now(1_000))
    effects += companion.adjusted(0, 40, _now(2_000))
    effects += companion.settled(_now(5_000))
    companion.counted(0, 1, _now(6_000))
    effects += companion.away(_now(60_000))
    kinds = [
        events.decode_event(effect.payload).kind for effect in effects if isinstance(effect, Record)
    ]
    return kinds, [effect for effect in effects if isinstance(effect, Keep)], known


def test_what_is_local_is_kept_and_no_word_of_the_person_is_recorded():
    kinds, keeps, known = _visit(True)
    assert kinds == [events.TOTALS], "only what the product counts, of nobody"
    assert keeps and len(known.rows) == 1 and not known.totals
    again = _companion()
    again.near(ANA, known, _now(1_000))
    assert again.codes == (40,)


def test_in_full_the_same_visit_is_recorded():
    kinds, keeps, known = _visit(False)
    assert kinds == [events.ADJUSTED, events.VISIT]
    assert keeps and known.totals.visits == 1


def _heard(people):
    """Who Ana and Ben are taken for when they advertise."""
    table = people.table(NOON_S)
    return [
        table.get(presence.identifier(bytes((number,)) * 16, 10, NOON_S)[0]) for number in (0, 1)
    ]


def test_a_stranger_by_choice_is_in_no_table_and_the_choice_outlives_a_restart():
    with Folder() as folder:
        people = People(Memory(folder))
        for number, subject in enumerate((ANA, BEN)):
            own = [(PERIOD, bytes((number,)) * 16)]
            people.welcome(subject, Keys(10, own, bytes(16), bytes(32), 1, None))
        people.choose(ANA, STRANGER)
        people = People(Memory(folder))
        assert people.mode(ANA) == STRANGER and people.mode(BEN) == FULL
        assert _heard(people) == [None, BEN]
        people.choose(ANA, LOCAL)
        assert _heard(people) == [ANA, BEN]
        assert people.known(ANA).local and not people.known(BEN).local
        assert people.shared() == [BEN]
        people.forget(ANA)
        assert People(Memory(folder)).mode(ANA) == FULL
