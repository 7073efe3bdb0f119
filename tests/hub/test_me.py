"""A customer's own pages and API: theirs alone, complete, and each act takes effect."""

import asyncio
import io
import re
import zipfile
from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient

from hub.access.who import CUSTOMER, STAFF_KEY, Who
from hub.api import live, me
from hub.app import create_app
from hub.errors import InvalidError
from hub.link import Message
from hub.pages import mine_words
from hub.people import guest_code
from tests.browser.desk import Desk, Home
from tests.hub.relating import Firm, Machine

_HTML = {"Accept": "text/html"}


class Ana:
    """Her browser. post(path, ...) sends a form of her session."""

    def __init__(self, home: Home) -> None:
        self.home, self.parts = home, home.desk.parts
        self.id = home.ana
        self.browser = _browser(self.parts, Who(CUSTOMER, "Ana Oliveira", self.id))

    def get(self, path: str) -> str:
        answer = self.browser.get(path)
        assert answer.status_code == 200, (path, answer.text)
        return answer.text

    def post(self, path: str, **fields: str) -> str:
        answer = self.browser.post(path, data=fields | {"form_token": self.token()})
        self.status = answer.status_code
        return answer.text

    def token(self) -> str:
        found = re.search('name="form_token" value="([0-9a-f]+)"', self.get("/mine/data"))
        assert found
        return found[1]

    def setting(self, name: str) -> dict:
        every = self.browser.get("/api/me", headers={"Accept": "application/json"}).json()
        return next(one for one in every["settings"] if one["setting"] == name)


@pytest.fixture
def ana() -> Iterator[Ana]:
    desk = Desk()
    desk.do = lambda act: act()  # no server is wanted: the app is asked as it is
    asyncio.run(desk.link.open(_heard(desk)))
    yield Ana(Home(desk))
    asyncio.run(desk.link.close())


def _heard(desk: Desk) -> Callable[[list[Message]], None]:
    def heard(batch: list[Message]) -> None:
        for said in desk.parts.ingest.heard(batch):
            desk.link.say(*said)

    return heard


def _browser(parts, who: Who) -> TestClient:
    browser = TestClient(
        create_app(parts), headers=_HTML | {"Origin": "http://testserver"}, follow_redirects=True
    )
    browser.get(f"/start/{parts.access.link(who)}")
    return browser


def test_the_one_time_link_of_a_customer_leads_to_their_own_page(ana):
    other = TestClient(create_app(ana.parts), headers=_HTML)
    link = ana.parts.access.link(Who(CUSTOMER, "Ana Oliveira", ana.id))
    answer = other.get(f"/start/{link}")
    assert answer.url.path == "/mine"
    assert "What is known of you" in answer.text


def test_every_setting_is_told_in_a_sentence_with_its_reason(ana):
    page = ana.get("/mine")
    text = re.sub(r"\s+", " ", re.sub("<[^>]+>", "", page))
    assert (
        "Your lamp sets brightness to 35 %, because you chose it 10 of the last 12 times." in text
    )
    assert "Your espresso machine sets temperature to 92 °C, which is usual for everyone" in text
    ana.parts.profiles.wish(ana.id, "blind", "opens_at", "07:30", "Sam")
    text = re.sub("<[^>]+>", "", ana.get("/mine"))
    assert "Your window blind opens at 07:30, because Sam asked for it." in text


def test_a_value_is_changed_undone_kept_and_given_up(ana):
    now = ana.setting("brightness")
    asked = {"product": "lamp", "setting": "brightness", "based_on": now["stamp"]}
    assert now["value"] == 35
    page = ana.post("/mine/wishes", **asked, value="20")
    assert "Asked for." in page
    assert "because you asked for it" in page
    assert ana.setting("brightness")["value"] == 20
    line = re.search('name="event" value="([0-9]+)"', page)
    assert line
    assert "Undone" in ana.post("/mine/undo", event=line[1], of=ana.id)
    assert ana.setting("brightness")["value"] == 35
    for rule, chip in (("frozen", "stays so"), ("paused", "not used"), ("learn", "learned")):
        page = ana.post("/mine/rules", product="lamp", setting="brightness", rule=rule)
        assert ana.setting("brightness")["rule"] == rule
        assert chip in page


def test_what_is_wrong_stands_beside_its_field_with_what_was_typed(ana):
    page = ana.post("/mine/wishes", product="lamp", setting="brightness", value="400")
    assert ana.status == 422
    assert 'id="lamp-brightness-value-problem"' in page
    assert "400 is not within 0..100" in page
    assert 'value="400"' in page
    page = ana.post("/mine/preferences", invoice_day="32", contact="never")
    assert ana.status == 422
    assert 'id="prefer-invoice_day-problem"' in page
    assert 'value="32"' in page


def test_another_persons_line_cannot_be_undone(ana):
    ben = ana.home.ben
    ana.parts.profiles.link(ben, "lamp-1")
    ana.parts.profiles.wish(ben, "lamp", "brightness", 80, "Ben", own=True)
    line = ana.parts.profiles.timeline(ben)[0]["id"]
    ana.post("/mine/undo", event=str(line), of=ben)
    assert ana.status == 404
    assert not ana.parts.profiles.timeline(ben)[0]["undone"]


def test_staff_and_strangers_are_not_shown_anybodys_own_page(ana):
    assert TestClient(create_app(ana.parts)).get("/api/me").status_code == 401
    staff = _browser(ana.parts, STAFF_KEY)
    for path in ("/mine", "/mine/data", "/mine/export.json", "/api/me", "/api/me/credential"):
        assert staff.get(path).status_code == 403


def test_consent_is_withdrawn_and_given_by_one_switch(ana):
    def given(purpose):
        return next(one for one in ana.parts.consents.of(ana.id) if one["purpose"] == purpose)

    assert given("learn")["given"]
    page = ana.post("/mine/consents", purpose="learn", yes="0")
    assert "Taken back." in page
    assert not given("learn")["given"]
    assert 'aria-checked="false" name="yes" value="1" aria-labelledby="agree-learn-title"' in page
    ana.post("/mine/consents", purpose="learn", yes="1")
    assert given("learn")["given"]
    assert given("learn")["by"] == "Ana Oliveira"


def test_who_looked_and_why_is_told(ana):
    assert "Nobody of the firm has looked" in ana.get("/mine/choices")
    staff = TestClient(create_app(ana.parts))
    key = {"Authorization": "Bearer the-staff-key", "X-Reason": "Ana called: too bright"}
    assert staff.get(f"/api/customers/{ana.id}", headers=key).status_code == 200
    page = ana.get("/mine/choices")
    assert "staff key (administrator) looked at everything known." in page
    assert "Ana called: too bright" in page


def test_a_look_is_told_on_the_first_page_while_it_is_news(ana):
    assert 'class="looked"' not in ana.get("/mine")
    ana.parts.audit.write(Who("support", "Sam"), "looked at everything known", ana.id, "She called")
    assert "She called" in ana.get("/mine")
    ana.home.desk.now_ms += 8 * 86_400_000
    assert 'class="looked"' not in ana.get("/mine")
    assert "She called" in ana.get("/mine/choices")


def test_a_question_is_put_once_and_its_answer_is_a_word_of_theirs():
    firm = Firm()
    anas, machine = firm.welcome("Ana", "esp-1"), Machine(firm)
    for _ in range(10):
        machine.brew(anas)
        firm.go(days=1)
    ana = Ana.__new__(Ana)
    ana.parts, ana.id = firm.parts, anas
    ana.browser = _browser(firm.parts, Who(CUSTOMER, "Ana", anas))
    asked = firm.parts.questions.open_for(anas)
    assert asked
    page = ana.get("/mine")
    assert asked["text"] in page
    answer = "strong" if asked["about"] == "strength" else asked["options"][0]
    ana.post("/mine/answers", question=asked["id"], answer="nonsense!")
    assert ana.status == 422
    page = ana.post("/mine/answers", question=asked["id"], answer=answer)
    assert "It stands as what you said." in page
    assert asked["text"] not in page


def test_near_by_takes_the_key_of_who_is_signed_in_whatever_is_asked(ana):
    page = ana.get(f"/near?customer={ana.home.ben}")
    assert 'data-key="/api/me/credential"' in page
    assert ana.home.ben not in page
    assert 'href="/mine"' in page
    assert ana.browser.get("/api/me/credential").json()["customer"] == ana.id


def test_preferences_are_said_together(ana):
    ana.post("/mine/preferences", contact="never", invoice_day="31")
    said = {one["name"]: one["value"] for one in ana.parts.preferences.of(ana.id)}
    assert (said["contact"], said["invoice_day"]) == ("never", "31")


def test_everything_is_taken_away_as_a_file(ana):
    answer = ana.browser.get("/mine/export.json")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.json()["customer"] == ana.id
    assert answer.json()["identities"][0]["name"] == "Ana Oliveira"
    tables = zipfile.ZipFile(io.BytesIO(ana.browser.get("/mine/export.zip").content))
    assert {"settings.csv", "timeline.csv", "consents.csv"} <= set(tables.namelist())


def test_nobody_is_erased_by_a_slip_and_the_receipt_outlives_the_session(ana):
    page = ana.post("/mine/erase", name="Anna")
    assert "Type Ana Oliveira to be sure" in page
    assert 'value="Anna"' in page
    page = ana.post("/mine/erase", name="ana oliveira")
    assert "It is being erased" in page
    assert "Reading lamp" in page or "Lamp" in page
    found = re.search("/mine/receipt/([0-9a-f]{32})/file", page)
    assert found
    stranger = TestClient(create_app(ana.parts), headers=_HTML)
    again = stranger.get(f"/mine/receipt/{found[1]}")
    assert again.status_code == 200
    assert "Ana" not in again.text
    signed = stranger.get(f"/mine/receipt/{found[1]}/file").json()
    assert signed["signature"]
    assert stranger.get(f"/mine/receipt/{'0' * 32}").status_code == 404
    assert ana.browser.get("/mine").status_code in (401, 404)


def test_an_owner_invites_who_shows_a_code_and_sends_them_away(ana):
    profiles, household = ana.parts.profiles, ana.parts.household
    ana.parts.profiles.register("lamp-own", "lamp")
    profiles.link(ana.id, "lamp-own", "owner")
    path = "/mine/devices/lamp-own/members"
    page = ana.post(path, code="7f3a-09be", role="guest", hours="6")
    assert ana.status == 422
    assert "reads like 7f3a-09be-12ab-1234-5678" in page
    code = guest_code.new(ana.parts.identities, ana.home.ben)
    assert "1 to 24 are wanted" in ana.post(path, code=code, role="guest", hours="99")
    assert "Ben Ng" in ana.post(path, code=code.upper(), role="guest", hours="6")
    assert [one["role"] for one in household.members("lamp-own") if one["name"] == "Ben Ng"] == [
        "guest"
    ]
    assert "Wrong, used or too old" in ana.post(path, code=code, role="user")
    ana.post("/mine/devices/lamp-own/dismiss", other=ana.home.ben)
    assert [one["name"] for one in household.members("lamp-own")] == ["Ana Oliveira"]


def test_who_does_not_own_a_device_may_leave_it_and_not_invite(ana):
    ana.parts.profiles.link(ana.id, "lamp-9")
    code = guest_code.new(ana.parts.identities, ana.home.ben)
    ana.post("/mine/devices/lamp-9/members", code=code, role="user")
    assert ana.status == 403
    ana.post("/mine/devices/lamp-9/leave")
    assert "lamp-9" not in [one["id"] for one in ana.parts.profiles.about(ana.id)["devices"]]


def test_a_guest_code_is_shown_once_and_works_once(ana):
    page = ana.post("/mine/guest-code")
    found = re.search("(?:[0-9a-f]{4}-){4}[0-9]{4}", page)
    assert found
    assert guest_code.customer(ana.parts.identities, found[0]) == ana.id
    with pytest.raises(InvalidError, match="wrong, used or too old"):
        guest_code.customer(ana.parts.identities, found[0])
    with pytest.raises(InvalidError, match="wrong, used or too old"):
        guest_code.customer(ana.parts.identities, "0" * 20)


def test_a_label_that_is_none_is_told_beside_its_field(ana):
    for typed, said in (
        ("lamp", "It reads like RPT1:LMP-000123"),
        ("RPT1:LMP-000999:7D2KM0QX4VNB9R3T", "No product of that number"),
    ):
        page = ana.post("/mine/add", typed=typed)
        assert ana.status == 422
        assert said in page
        assert f'value="{typed}"' in page


def test_a_page_hears_of_its_own_customer_only(ana):
    async def heard() -> list[str]:
        parts = ana.parts
        who = Who(CUSTOMER, "Ana Oliveira", ana.id)
        lines = live.lines(parts.changed, me.concerns(parts, who))
        begun = [await anext(lines)]
        parts.changed("customer", ana.home.ben)
        parts.changed("device", "lamp-9")
        parts.changed("customer", ana.id)
        parts.changed("device", "lamp-1")
        parts.changed.close()
        return begun + [line async for line in lines]

    assert [line.split("data: ")[-1].strip() for line in asyncio.run(heard())][1:] == [
        ana.id,
        "lamp-1",
    ]


def test_pages_are_sent_small_and_what_programs_ask_for_as_it_is(ana):
    for path, encoding in (("/mine", "gzip"), ("/static/look.css", "gzip"), ("/api/me", None)):
        assert ana.browser.get(path).headers.get("content-encoding") == encoding
    plain = ana.browser.get("/mine", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == ana.get("/mine")


def test_sentences_tell_what_differs_by_the_time_of_day():
    line = {
        "setting": "brightness",
        "kind": "number",
        "unit": "%",
        "value": 35,
        "source": "learned",
        "rule": "learn",
        "author": "use of lamp-1",
        "times": 6,
        "of": 7,
    }
    night = line | {"value": 5, "times": 7}
    told = mine_words.sayings("Lamp", [night, line, line, night], "Ana")
    assert [one.text for one in told] == [
        "At night and in the evening your lamp sets brightness to 5 %,"
        " because you chose it all of the last 7 times.",
        "In the morning and at midday your lamp sets brightness to 35 %,"
        " because you chose it 6 of the last 7 times.",
    ]
    switch = line | {"setting": "night_light", "kind": "switch", "value": True, "unit": ""}
    said = switch | {"source": "said", "author": "Ana"}
    (told,) = mine_words.sayings("TV", [said] * 4, "Ana")
    assert told.text == "Your TV turns night light on, because you asked for it."
    assert mine_words.to_you("Ana asked for calm.", "Ana") == "You asked for calm."
