"""What people say of how they want to be dealt with."""

import pytest

from hub.draft import Draft
from hub.errors import InvalidError, UnknownCustomerError
from hub.privacy.related import relate, related
from hub.relation.daily import look_at
from hub.relation.hooks import Hook
from hub.relation.words import RELATION, hours, often
from tests.hub.relating import Firm, Machine


def value(firm, ana, name):
    return next(one for one in firm.parts.preferences.of(ana) if one["name"] == name)


def test_each_has_a_plain_title_a_help_text_and_what_holds_until_something_is_said():
    firm = Firm()
    ana = firm.welcome()
    told = firm.parts.preferences.of(ana)
    assert [one["name"] for one in told] == [one.name for one in RELATION]
    for one in told:
        assert one["title"] and one["help"].endswith(".")
        assert (one["source"], one["author"], one["at_ms"]) == ("default", None, None)
        assert one["kind"] != "choice" or one["value"] in one["options"]
    assert value(firm, ana, "zone")["value"] == "Europe/Berlin", "the hub's own"


@pytest.mark.parametrize(
    ("name", "text", "kept"),
    [
        ("contact", " Never ", "never"),
        ("contact", "3 a week", "at most 3 a week"),
        ("contact", "at most 31 per month", "at most 31 a month"),
        ("quiet", "22-7", "22:00 to 07:00"),
        ("quiet", "9:30 to 17:05", "09:30 to 17:05"),
        ("quiet", "24 to 6", "00:00 to 06:00"),
        ("quiet", "", "none"),
        ("zone", "america/new york", "America/New_York"),
        ("channel", "E-Mail", "e-mail"),
        ("delivery", "on saturdays", "on Saturdays"),
        ("warranty", "replacement", "replacement"),
        ("invoice_day", "031"[1:], "31"),
        ("service", "off", "off"),
    ],
)
def test_what_is_said_is_kept_with_source_author_and_time_in_the_words_of_the_page(
    name, text, kept
):
    firm = Firm()
    ana = firm.welcome()
    firm.parts.preferences.say(ana, name, text, by="Ana")
    said = value(firm, ana, name)
    assert (said["value"], said["source"], said["author"]) == (kept, "said", "Ana")
    assert said["at_ms"] == firm.now_ms
    newest = firm.parts.profiles.timeline(ana, 1)[0]
    assert newest["kind"] == "preference" and f"{kept}, said by Ana." in newest["text"]
    firm.parts.preferences.say(ana, name, kept, by="Ana")
    assert value(firm, ana, name)["value"] == kept, "what is shown can be said"


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("contact", "often", "'often' does not fit: never, or at most 1 to 31 a week or a month"),
        ("contact", "32 a week", "does not fit"),
        ("contact", "0 a week", "does not fit"),
        ("contact", "", "contact: never, or at most"),
        ("quiet", "8 to 8", "two different times like 22:00 to 08:00, or none, are wanted."),
        ("quiet", "25 to 8", "does not fit"),
        ("quiet", "22:60 to 8", "does not fit"),
        ("zone", "Berlin", "a time zone like Europe/Berlin is wanted."),
        ("zone", "../../etc/passwd", "a time zone like"),
        ("channel", "pigeon", "one of this page, e-mail, text message, phone, letter is wanted."),
        ("invoice_day", "32", "a day of the month from 1 to 31 is wanted."),
        ("invoice_day", "0", "a day of the month"),
        ("invoice_day", "٣", "a day of the month"),
        ("service", "x" * 200, "at most 100 letters"),
    ],
)
def test_what_is_no_answer_is_said_beside_its_field_and_changes_nothing(name, text, sentence):
    firm = Firm()
    ana = firm.welcome()
    with pytest.raises(InvalidError, match=name) as wrong:
        firm.parts.preferences.say(ana, name, text, by="Ana")
    assert wrong.value.field == name
    assert sentence in str(wrong.value)
    assert value(firm, ana, name)["source"] == "default"


def test_who_says_it_must_have_a_name_and_nobody_can_say_what_is_not_known():
    firm = Firm()
    ana = firm.welcome()
    for by in ("", " ", "x" * 65, "a\nb"):
        with pytest.raises(InvalidError, match="by: a name"):
            firm.parts.preferences.say(ana, "contact", "never", by=by)
    with pytest.raises(InvalidError, match="'colour' is not one of contact"):
        firm.parts.preferences.say(ana, "colour", "blue", by="Ana")
    with pytest.raises(UnknownCustomerError):
        firm.parts.preferences.say("c-000000000000", "contact", "never", by="Ana")


def test_the_31st_is_the_last_day_of_a_short_month():
    firm = Firm()
    ana = firm.welcome()
    firm.parts.preferences.say(ana, "invoice_day", "31", by="Ana")
    assert value(firm, ana, "invoice_day")["note"] == "The next one is on 30 November 2026."
    firm.go(days=95)
    assert value(firm, ana, "invoice_day")["note"] == "The next one is on 28 February 2027."


def test_a_limit_that_is_no_option_of_the_page_is_an_option_once_it_was_said():
    firm = Firm()
    ana = firm.welcome()
    firm.parts.preferences.say(ana, "contact", "3 a week", by="Ana")
    assert value(firm, ana, "contact")["options"][0] == "at most 3 a week"


def test_two_identities_of_one_person_have_one_word_the_newest_until_they_part():
    firm = Firm()
    ana, phone = firm.welcome(), firm.welcome("Ana's new phone")
    firm.parts.preferences.say(ana, "contact", "never", by="Ana")
    prove = firm.parts.identities.prove
    firm.parts.identities.link(ana, prove(ana), phone, prove(phone))
    assert value(firm, phone, "contact")["value"] == "never"
    firm.go(minutes=1)
    firm.parts.preferences.say(phone, "contact", "1 a month", by="Ana")
    assert value(firm, ana, "contact")["value"] == "at most 1 a month"
    firm.parts.identities.part(phone)
    assert value(firm, ana, "contact")["value"] == "never"


def test_texts_and_what_follows_from_them_agree():
    contact = next(one for one in RELATION if one.name == "contact")
    assert [often(one) for one in contact.options][:3] == [(0, "week"), (1, "month"), (2, "month")]
    assert (hours("22:00 to 08:30"), hours("none")) == ((1320, 510), None)


def test_over_http_they_are_read_and_said():
    firm = Firm()
    ana = firm.welcome()
    path = f"/api/customers/{ana}/preferences"
    with firm.staff() as staff:
        said = staff.put(f"{path}/quiet", json={"value": "21 to 9", "by": "Sam"}).json()
        assert said == staff.get(path).json()
        wrong = staff.put(f"{path}/quiet", json={"value": "late", "by": "Sam"})
        assert (wrong.status_code, wrong.json()["field"]) == (422, "quiet")
        assert staff.put(f"{path}/x", json={"value": "1", "by": "Sam"}).status_code == 422
        assert staff.get("/api/customers/c-000000000000/preferences").status_code == 404
    quiet = next(one for one in said["preferences"] if one["name"] == "quiet")
    assert (quiet["value"], quiet["author"]) == ("21:00 to 09:00", "Sam")


def test_all_of_it_can_be_taken_to_another_hub_where_nothing_goes_out_twice():
    firm = Firm([Hook("bus", frozenset(["service"]))])
    ana = firm.welcome("Ana", "esp-1")
    firm.agree(ana)
    firm.parts.preferences.say(ana, "contact", "1 a week", by="Ana")
    Machine(firm).brew_for_strangers(200)
    firm.parts.services.look(ana)
    document = related(Draft(firm.store), ana)
    other = Firm([Hook("bus", frozenset(["service"]))])
    there = other.welcome("Ana", "esp-1")
    draft = Draft(other.store)
    relate(draft, there, document)
    draft.commit()
    moved = related(Draft(other.store), there)
    assert moved["messages"][0].pop("hooks") == {} and document["messages"][0].pop("hooks")
    assert moved == document
    assert value(other, there, "contact")["author"] == "Ana"
    other.agree(there)
    look_at(other.parts.services, other.parts.turns, there)
    assert other.parts.turns.due() == []
