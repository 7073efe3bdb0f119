"""On its way: webhooks on a real server, signed, tried again, given up; and the file of hooks."""

import json
import time

import pytest

from hub.config import Settings
from hub.errors import UnknownCustomerError, UnknownError
from hub.relation.daily import look_at
from hub.relation.hooks import SIGNATURE, Hook, HookFileError, read_hooks, sign, verify
from hub.start import build
from hub.store.tiny import TinyStore
from tests.hub.listening import SECRET, listening
from tests.hub.relating import Firm, Machine, brewing, carry

MAC = "3ff4d3cc115b639a16dc5b217aa5c89be41d1e4b54efc356d63d0cd2a65b30f1"
BUS = Hook("bus", frozenset(["service"]))


@pytest.fixture
def crm():
    with listening() as listener:
        yield listener


def test_a_webhook_is_signed_says_what_where_and_how_and_nothing_of_who(crm):
    firm, ana, _ = brewing(crm.hook())
    firm.parts.preferences.say(ana, "channel", "e-mail", "Ana")
    firm.parts.services.look(ana)
    assert carry(firm) == 1
    ((headers, body),) = crm.heard
    now_s = firm.now_ms // 1000
    assert headers["Content-Type"] == "application/json"
    assert verify(SECRET, headers[SIGNATURE], body, now_s)
    assert not verify(SECRET, headers[SIGNATURE], body + b" ", now_s)
    assert not verify("another secret", headers[SIGNATURE], body, now_s)
    assert not verify(SECRET, headers[SIGNATURE], body, now_s + 301), "recorded, and sent again"
    told = json.loads(body)
    assert told["id"] == f"{ana}-1" and told["customer"] == ana
    assert (told["event"], told["channel"]) == ("service", "e-mail")
    assert told["details"]["device"] == "esp-1" and told["details"]["day"] == "2026-12-07"
    assert b'"Ana"' not in body
    assert carry(firm) == 0 and len(crm.heard) == 1


def test_the_signature_is_that_of_the_rfc():
    """Computed with openssl dgst -sha256 -hmac."""
    header = sign("key", b"The quick brown fox jumps over the lazy dog", 1)
    assert header == "t=1,v1=" + MAC
    assert not any(verify("key", bad, b"", 1) for bad in ("", "t=1", "t=x,v1=" + MAC, MAC))


def test_what_is_not_taken_is_tried_again_ever_later_and_then_given_up_visibly(crm, caplog):
    firm, ana, _ = brewing(crm.hook(), BUS)
    firm.parts.preferences.say(ana, "quiet", "none", "Ana")
    crm.status = 307  # where to is not followed
    firm.parts.services.look(ana)
    pauses = []
    while (begun_ms := firm.now_ms) and firm.parts.outgoing.agenda:
        carry(firm)
        firm.now_ms = firm.parts.outgoing.agenda.get(ana, firm.now_ms)
        pauses.append((firm.now_ms - begun_ms) // 60_000)
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 0]
    assert len(crm.heard) == 12 and len(firm.link.broadcasts) == 1, "the other took it at once"
    assert {one["id"] for one in crm.told()} == {f"{ana}-1"}
    (dead,) = firm.parts.turns.given_up()
    assert dead == {"customer": ana, "number": 1, "hook": "crm", "said": "answered 307"}
    counts = [(one["name"], one["delivered"], one["dead"]) for one in firm.parts.turns.hooks()]
    assert counts == [("crm", 0, 1), ("bus", 1, 0)]
    assert SECRET not in caplog.text + repr(firm.parts.hooks) and "crm" in caplog.text
    crm.status = 200
    firm.parts.turns.again(ana, 1)
    assert carry(firm) == 1 and firm.parts.turns.given_up() == []
    with pytest.raises(UnknownError, match="no message 7"):
        firm.parts.turns.again(ana, 7)


def test_of_who_is_forgotten_no_message_is_listed_as_given_up(crm):
    firm, ana, _ = brewing(crm.hook())
    firm.parts.preferences.say(ana, "quiet", "none", "Ana")
    crm.status = 500
    firm.parts.services.look(ana)
    for _ in range(12):
        carry(firm)
        firm.now_ms = firm.parts.outgoing.agenda.get(ana, firm.now_ms)
    assert len(firm.parts.turns.given_up()) == 1
    firm.parts.profiles.forget(ana)
    assert firm.parts.turns.given_up() == []


def test_nobody_who_answers_is_tried_again_too():
    with listening() as gone:
        hook = gone.hook()
    firm, ana, _ = brewing(hook)
    firm.parts.services.look(ana)
    assert carry(firm) == 0
    at_crm = firm.parts.outgoing.of(ana)[0]["hooks"]["crm"]
    assert (at_crm["state"], at_crm["tries"]) == ("waiting", 1)
    assert at_crm["said"].startswith("no answer")


def test_what_waits_outlives_a_restart_in_the_persons_own_vault_and_nowhere_else(crm, tmp_path):
    store = TinyStore(tmp_path / "store", tmp_path / "keys")
    firm = Firm([crm.hook()], store)
    ana = firm.welcome("Ana", "esp-1")
    firm.agree(ana)
    Machine(firm).brew_for_strangers(200)
    firm.parts.services.look(ana)
    store.close()
    store = TinyStore(tmp_path / "store", tmp_path / "keys")
    again = Firm([crm.hook()], store, firm.now_ms)
    assert carry(again) == 0, "nobody has looked yet"
    look_at(again.parts.services, again.parts.turns, ana)
    assert carry(again) == 1 and len(crm.heard) == 1
    assert len(again.parts.outgoing.of(ana)) == 1
    store.close()


def test_who_was_forgotten_meanwhile_is_told_nothing_and_nothing_is_told_of_them(crm):
    firm, ana, _ = brewing(crm.hook())
    firm.parts.services.look(ana)
    firm.parts.profiles.forget(ana)
    assert carry(firm) == 0 and crm.heard == []
    look_at(firm.parts.services, firm.parts.turns, ana)
    assert firm.parts.services.agenda == {}
    with pytest.raises(UnknownCustomerError):
        firm.parts.outgoing.of(ana)


def test_a_hook_that_is_no_more_is_not_told(crm):
    firm, ana, _ = brewing(crm.hook())
    firm.parts.services.look(ana)
    later = Firm([], firm.store, firm.now_ms)
    look_at(later.parts.services, later.parts.turns, ana)
    assert carry(later) == 0
    assert later.parts.outgoing.of(ana)[0]["hooks"]["crm"]["said"] == "No such hook."


def test_the_hub_as_it_runs_carries_it_by_itself_and_shows_how_far(crm):
    firm, ana, _ = brewing(crm.hook())
    firm.parts.services.look(ana)
    with firm.staff() as staff:
        until = time.monotonic() + 60
        while not staff.get("/api/hooks").json()["hooks"][0]["delivered"]:
            assert time.monotonic() < until
            time.sleep(0.05)
        assert staff.get("/api/hooks/dead").json() == {"dead": []}
        (message,) = staff.get(f"/api/customers/{ana}/messages").json()["messages"]
        assert message["hooks"]["crm"]["state"] == "delivered"
        (one,) = staff.get(f"/api/customers/{ana}/services").json()["services"]
        assert one["title"] == "Descaling"
        path = f"/api/customers/{ana}/messages"
        assert staff.post(f"{path}/1/again").status_code == 201
        assert staff.post(f"{path}/9/again").status_code == 404
    assert len(crm.heard) == 1


# The files


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("{", "Expecting"),
        ("{}", "a list of at most 16"),
        ("[1]", "hook 1: an object"),
        ('[{"name": "a", "evnts": []}]', "hook 1: evnts is not known"),
        ('[{"name": "a", "events": ["fun"]}]', "events: some of service, question, notice"),
        ('[{"name": "A b", "events": ["service"], "mqtt": true}]', "name: 1 to 32"),
        ('[{"name": "a", "events": ["service"], "url": "http://crm.example"}]', "https://"),
        ('[{"name": "a", "events": ["service"], "url": "https://x:99999/"}]', "https://"),
        ('[{"name": "a", "events": ["service"], "url": "https://me:pw@x/"}]', "https://"),
        (
            '[{"name": "a", "events": ["service"], "url": "https://x/", "secret": "hunter2"}]',
            "secret: at least 16",
        ),
        ('[{"name": "a", "events": ["service"], "mqtt": true},'
         ' {"name": "a", "events": ["service"], "mqtt": true}]', "the same name"),
    ],
)  # fmt: skip
def test_a_file_of_hooks_that_cannot_be_used_says_where_and_never_a_secret(
    tmp_path, line, sentence
):
    file = tmp_path / "hooks.json"
    file.write_text(line)
    with pytest.raises(HookFileError, match=sentence) as wrong:
        read_hooks(file)
    assert "hunter2" not in str(wrong.value)


def test_the_hub_begins_with_the_hooks_and_offerings_of_its_files(tmp_path):
    file = tmp_path / "hooks.json"
    line = {"name": "crm", "url": "https://crm.example/x", "secret": SECRET, "events": ["service"]}
    file.write_text(json.dumps([line, {"name": "bus", "mqtt": True, "events": ["notice"]}]))
    parts = build(Settings(data=tmp_path / "data", hooks=file, broker="127.0.0.1"))
    try:
        assert [hook.name for hook in parts.hooks] == ["crm", "bus"]
        assert SECRET not in repr(parts.hooks)
        (one,) = parts.offerings["espresso"].services
        assert (one.at, one.ahead_days) == (200, 3)
    finally:
        parts.store.close()
        parts.audit.close()
