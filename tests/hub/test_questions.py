"""Small questions over time: which, when, and what comes of an answer."""

from itertools import pairwise

import pytest

from hub.errors import InvalidError, UnknownError
from hub.relation.asking import Candidate, may_ask, pick
from hub.relation.offering import Question
from tests.hub.relating import DAY_MS, Firm, Machine


def at_home(visits=10):
    """Ana, who has had an espresso for some days, at noon."""
    firm = Firm()
    ana = firm.welcome("Ana", "esp-1")
    machine = Machine(firm)
    for _ in range(visits):
        machine.brew(ana)
        firm.go(days=1)
    return firm, ana, machine


def setting(firm, ana, name):
    return next(one for one in firm.parts.profiles.about(ana)["settings"] if one["setting"] == name)


def preference(firm, ana, name):
    return next(one for one in firm.parts.preferences.of(ana) if one["name"] == name)


def question(name):
    return Question(name, "?", "espresso", name, "", 0)


# The core


def test_what_is_used_most_and_known_least_is_worth_most():
    often = Candidate(question("often"), 20, 30)
    unknown = Candidate(question("unknown"), 10, 100)
    said = Candidate(question("said"), 30, 0)
    assert pick([often, unknown, said]) == unknown.question
    assert pick([said, often]) == often.question
    assert pick([said]) is None
    assert pick([]) is None
    assert pick([Candidate(question("rare"), 0, 100)]) is None


def test_the_more_was_asked_the_longer_until_the_next():
    assert may_ask([], 0)
    for many, days in ((1, 7), (2, 14), (3, 28), (6, 224), (7, 365), (40, 365)):
        asked = [0] * many
        assert not may_ask(asked, days * DAY_MS - 1)
        assert may_ask(asked, days * DAY_MS)


# At the hub


@pytest.fixture
def asked_zone():
    firm, ana, machine = at_home()
    assert firm.parts.questions.open_for(ana)["id"] == "zone"
    return firm, ana, machine


def test_one_question_is_put_stays_open_and_counts_once():
    firm, ana, _ = at_home()
    asked = firm.parts.questions.open_for(ana)
    assert asked == {
        "id": "zone",
        "text": "In which time zone do you live, so that nothing reaches you at night?",
        "at_ms": firm.now_ms,
        "product": "",
        "about": "zone",
        "kind": "text",
        "unit": "",
        "options": ["Europe/Berlin", "Europe/London", "America/New_York", "Asia/Tokyo"],
        "low": 0,
        "high": 0,
    }
    firm.go(days=2)
    assert firm.parts.questions.open_for(ana) == asked
    (message,) = firm.parts.outgoing.of(ana)
    assert (message["kind"], message["details"]) == ("question", {"question": "zone"})


def until_asked(firm, ana, machine, name):
    """Refuse what is asked before."""
    for _ in range(100):
        asked = firm.parts.questions.open_for(ana)
        if asked and asked["id"] == name:
            return asked
        if asked:
            firm.parts.questions.refuse(ana, asked["id"])
        machine.brew(ana)
        firm.go(days=3)
    raise AssertionError(f"{name} was never asked")


def test_the_answer_is_said_by_the_person_and_applied():
    firm, ana, machine = at_home()
    asked = until_asked(firm, ana, machine, "espresso.strength")
    assert asked["options"] == ["mild", "medium", "strong"]
    firm.parts.questions.answer(ana, asked["id"], " strong ")
    strength = setting(firm, ana, "strength")
    assert (strength["value"], strength["source"], strength["author"]) == ("strong", "said", "Ana")
    states = {one["id"]: one["state"] for one in firm.parts.questions.asked(ana)}
    assert states["espresso.strength"] == "answered"
    with pytest.raises(UnknownError, match="not open any more"):
        firm.parts.questions.answer(ana, asked["id"], "mild")


def test_an_answer_with_its_unit_is_taken_and_one_that_is_none_stays_with_a_sentence():
    firm, ana, machine = at_home()
    asked = until_asked(firm, ana, machine, "espresso.volume")
    assert (asked["unit"], asked["low"], asked["high"], asked["step"]) == ("ml", 20, 120, 10)
    with pytest.raises(InvalidError, match=r"500 is not within 20\.\.120 ml") as wrong:
        firm.parts.questions.answer(ana, asked["id"], "500")
    assert wrong.value.field == "answer"
    assert firm.parts.questions.open_for(ana) == asked
    firm.parts.questions.answer(ana, asked["id"], "60 ml")
    assert setting(firm, ana, "volume")["value"] == 60


def test_a_preference_is_answered_too(asked_zone):
    firm, ana, _ = asked_zone
    with pytest.raises(InvalidError, match="a time zone like Europe/Berlin") as wrong:
        firm.parts.questions.answer(ana, "zone", "at home")
    assert wrong.value.field == "answer"
    firm.parts.questions.answer(ana, "zone", "asia/tokyo")
    zone = preference(firm, ana, "zone")
    assert (zone["value"], zone["source"], zone["author"]) == ("Asia/Tokyo", "said", "Ana")


def test_what_was_refused_is_never_asked_again(asked_zone):
    firm, ana, machine = asked_zone
    firm.parts.questions.refuse(ana, "zone")
    seen = []
    for _ in range(90):
        machine.brew(ana)
        firm.go(days=4)
        if asked := firm.parts.questions.open_for(ana):
            seen.append(asked["id"])
            firm.parts.questions.refuse(ana, asked["id"])
    assert len(seen) == len(set(seen)) and "zone" not in seen
    assert "espresso.strength" in seen and len(seen) >= 3
    pauses = [one["at_ms"] for one in firm.parts.questions.asked(ana)][::-1]
    gaps = [(b - a) // DAY_MS for a, b in pairwise(pauses)]
    assert gaps == sorted(gaps) and gaps[0] >= 7, "less each time"


def test_what_was_said_elsewhere_meanwhile_is_asked_no_more(asked_zone):
    firm, ana, _ = asked_zone
    firm.parts.preferences.say(ana, "zone", "Asia/Tokyo", "Ana")
    assert firm.parts.questions.open_for(ana) is None
    assert firm.parts.questions.open_for(ana) is None


def test_who_is_new_or_never_wants_to_be_asked_is_left_alone_and_nobody_at_night():
    firm, ana, _ = at_home(visits=1)
    assert firm.parts.questions.open_for(ana) is None, "new"
    firm, ana, _ = at_home()
    firm.parts.preferences.say(ana, "contact", "never", "Ana")
    assert firm.parts.questions.open_for(ana) is None
    firm.parts.preferences.say(ana, "contact", "1 a week", "Ana")
    firm.go(hours=11)
    assert firm.parts.questions.open_for(ana) is None, "at eleven in the evening"
    firm.go(hours=11)
    assert firm.parts.questions.open_for(ana) is not None


def test_a_reminder_and_a_question_share_one_limit():
    firm, ana, machine = at_home()
    firm.agree(ana)
    firm.parts.preferences.say(ana, "contact", "1 a month", "Ana")
    machine.brew_for_strangers(200)
    assert [one.go for one in firm.parts.services.look(ana)] == [True]
    assert firm.parts.questions.open_for(ana) is None
    firm.go(days=31)
    machine.brew(ana)
    assert firm.parts.questions.open_for(ana) is not None


def test_a_setting_that_is_said_is_worth_no_question():
    firm, ana, machine = at_home()
    firm.parts.profiles.wish(ana, "espresso", "strength", "mild", "Ana", own=True)
    for _ in range(25):
        machine.brew(ana)
        firm.go(days=4)
        if asked := firm.parts.questions.open_for(ana):
            assert asked["id"] != "espresso.strength"
            firm.parts.questions.refuse(ana, asked["id"])


def test_over_http_it_is_put_answered_and_refused():
    firm, ana, _ = at_home()
    path = f"/api/customers/{ana}/questions"
    with firm.staff() as staff:
        assert staff.get(path).json() == {"questions": []}
        asked = staff.post(f"{path}/next").json()["question"]
        assert asked["id"] == "zone"
        wrong = staff.post(f"{path}/zone/answer", json={"answer": "here"})
        assert (wrong.status_code, wrong.json()["field"]) == (422, "answer")
        assert staff.post(f"{path}/zone/answer", json={"answer": "Europe/Paris"}).status_code == 201
        assert staff.post(f"{path}/zone/refuse").status_code == 404
        (one,) = staff.get(path).json()["questions"]
        assert (one["id"], one["state"]) == ("zone", "answered")
        assert preference(firm, ana, "zone")["value"] == "Europe/Paris"
